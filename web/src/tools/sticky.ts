// The sticky tool (N): a ghost under the pointer shows where the sticky will be; a click places it and starts typing.

import { Kind } from "../engine/generated.ts";
import { STILL } from "../state/tooling.ts";
import { STICKY_SIDE, around, makeSticky } from "./make.ts";
import { beginEditing } from "./tool.ts";
import type { Bench, PointerAt, Tool } from "./tool.ts";

export function createSticky(bench: Bench): Tool {
  const { tooling } = bench;
  const size = { w: STICKY_SIDE, h: STICKY_SIDE };

  function show(at: PointerAt, ghost: boolean): void {
    const draft = {
      kind: Kind.STICKY,
      rect: around(at.board, size),
      color: tooling.stickyColor.peek(),
      form: 0,
      ghost,
    };
    tooling.live.value = { ...STILL, draft };
  }

  return {
    cursor: "crosshair",
    hover(at) {
      if (at.pointer !== "touch") show(at, true);
      return "crosshair";
    },
    press(at) {
      show(at, false);
      return {
        move: (to) => show(to, false),
        end(to) {
          tooling.live.value = STILL;
          tooling.tool.value = "select";
          const id = makeSticky(bench, around(to.board, size), tooling.stickyColor.peek());
          if (id !== null) beginEditing(bench, id);
        },
        cancel: () => void (tooling.live.value = STILL),
      };
    },
    leave: () => void (tooling.live.value = STILL),
  };
}
