// A free text: no background; its colour is ink.

import type { ObjectView } from "../../engine/types.ts";
import type { BoardRect } from "../../geom/types.ts";
import type { PaintContext } from "../paint.ts";
import { drawText } from "../text.ts";

export function drawLabel(p: PaintContext, view: ObjectView, r: BoardRect): void {
  if (p.hideText === view.id) return;
  drawText(p.ctx, p.texts.boxOf(view, r), p.scale);
}
