// The laser (K): while it is pressed, everybody sees where it points and the trail it leaves. Nothing is written: it is
// presence alone (SPEC K9), and render draws the trail.

import type { Bench, Tool } from "./tool.ts";

export function createLaser(bench: Bench): Tool {
  const { store } = bench;
  const out = (): void => {
    if (store.own.peek().laser !== null) store.setPresence({ laser: null });
  };
  return {
    cursor: "crosshair",
    hover: () => "crosshair",
    press(at) {
      store.setPresence({ laser: at.board });
      return {
        move: (to) => store.setPresence({ laser: to.board }),
        end: out,
        cancel: out,
      };
    },
    leave: out,
  };
}
