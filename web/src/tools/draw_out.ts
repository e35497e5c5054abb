// Drawing a rectangle out with the pointer: shared by the tools that make frames, shapes and wide texts. A click without
// a drag gives a rectangle of the usual size; shift makes it square, alt draws from the centre.

import { rectOfPoints } from "../geom/rect.ts";
import type { BoardPoint, BoardRect } from "../geom/types.ts";
import { STILL } from "../state/tooling.ts";
import type { Bench, Interaction, PointerAt } from "./tool.ts";

export interface Drawing {
  readonly kind: number;
  readonly color: number;
  readonly form: number;
  /** What a click without a drag makes. */
  clicked(at: BoardPoint): BoardRect;
  done(rect: BoardRect, dragged: boolean): void;
}

const SIDE_MIN = 8;

function drawn(from: BoardPoint, at: PointerAt): BoardRect {
  let to = at.board;
  if (at.shift) {
    const side = Math.max(Math.abs(to.x - from.x), Math.abs(to.y - from.y));
    to = { x: from.x + side * Math.sign(to.x - from.x || 1), y: from.y + side * Math.sign(to.y - from.y || 1) };
  }
  if (at.alt) return rectOfPoints({ x: 2 * from.x - to.x, y: 2 * from.y - to.y }, to);
  return rectOfPoints(from, to);
}

export function startDrawing(bench: Bench, from: PointerAt, drawing: Drawing): Interaction {
  const { tooling } = bench;
  return {
    move(at) {
      const { kind, color, form } = drawing;
      const rect = drawn(from.board, at);
      tooling.live.value = { ...STILL, draft: { kind, rect, color, form, ghost: false } };
    },
    end(at, dragged) {
      tooling.live.value = STILL;
      tooling.tool.value = "select";
      const rect = drawn(from.board, at);
      const real = dragged && (rect.w >= SIDE_MIN || rect.h >= SIDE_MIN);
      drawing.done(real ? rect : drawing.clicked(from.board), real);
    },
    cancel: () => void (tooling.live.value = STILL),
  };
}
