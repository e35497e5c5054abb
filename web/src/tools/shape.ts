// The shape tool (R, O and the toolbar's forms): drag a shape out, or click for one of the usual size.

import { Kind } from "../engine/generated.ts";
import { Color } from "../state/read.ts";
import { startDrawing } from "./draw_out.ts";
import { SHAPE_SIZE, around, makeShape } from "./make.ts";
import type { Bench, Tool } from "./tool.ts";

export function createShape(bench: Bench): Tool {
  return {
    cursor: "crosshair",
    hover: () => "crosshair",
    press: (at) =>
      startDrawing(bench, at, {
        kind: Kind.SHAPE,
        color: Color.WHITE,
        form: bench.tooling.shapeForm.peek(),
        clicked: (p) => around(p, SHAPE_SIZE),
        done(rect) {
          const id = makeShape(bench, rect, bench.tooling.shapeForm.peek());
          if (id !== null) bench.store.selection.value = new Set([id]);
        },
      }),
    leave: () => undefined,
  };
}
