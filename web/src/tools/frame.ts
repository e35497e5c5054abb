// The frame tool (F): drag a frame out, or click for one of the usual size. It takes in what lies there.

import { Kind } from "../engine/generated.ts";
import { t } from "../i18n/i18n.ts";
import { Color } from "../state/read.ts";
import { startDrawing } from "./draw_out.ts";
import { FRAME_SIZE, around, makeFrame } from "./make.ts";
import { beginEditing } from "./tool.ts";
import type { Bench, Tool } from "./tool.ts";

/** "Frame 3": one more than the frames there are. */
export function nextFrameTitle(bench: Bench): string {
  const frames = bench.store.scene.inOrder().filter((view) => view.kind === Kind.FRAME);
  return t("frame.untitled", { n: frames.length + 1 });
}

export function createFrame(bench: Bench): Tool {
  return {
    cursor: "crosshair",
    hover: () => "crosshair",
    press: (at) =>
      startDrawing(bench, at, {
        kind: Kind.FRAME,
        color: Color.WHITE,
        form: 0,
        clicked: (p) => around(p, FRAME_SIZE),
        done(rect) {
          const id = makeFrame(bench, rect, nextFrameTitle(bench));
          if (id !== null) beginEditing(bench, id);
        },
      }),
    leave: () => undefined,
  };
}
