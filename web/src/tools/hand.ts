// The hand tool (H): every drag pans. Panning itself is input's, since it serves space, middle button and fingers too.

import type { Tool } from "./tool.ts";

export function createHand(): Tool {
  return {
    cursor: "grab",
    hover: () => "grab",
    press: () => null,
    leave: () => undefined,
  };
}
