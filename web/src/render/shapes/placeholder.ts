// What this version of the client cannot draw: an object of a newer kind keeps its place, can be moved, copied and deleted
// like any other, and says why it looks like this. Nothing of it is lost.

import type { ObjectView } from "../../engine/types.ts";
import type { BoardRect } from "../../geom/types.ts";
import { t } from "../../i18n/i18n.ts";
import type { PaintContext } from "../paint.ts";

const RADIUS = 12;
const FONT = 14;
/** Below so many device pixels words are not worth drawing. */
const LEGIBLE = 5;

export function drawPlaceholder(p: PaintContext, _view: ObjectView, r: BoardRect): void {
  const { ctx, theme, scale } = p;
  ctx.save();
  ctx.beginPath();
  ctx.roundRect(r.x + 1, r.y + 1, Math.max(0, r.w - 2), Math.max(0, r.h - 2), Math.min(RADIUS, r.w / 4, r.h / 4));
  ctx.fillStyle = theme.panel;
  ctx.globalAlpha = 0.7;
  ctx.fill();
  ctx.globalAlpha = 1;
  ctx.strokeStyle = theme.muted;
  ctx.lineWidth = Math.max(1.5, 0.75 / scale);
  ctx.setLineDash([6, 5]);
  ctx.stroke();
  const size = Math.min(FONT, r.h / 3, r.w / 9);
  if (size * scale >= LEGIBLE) {
    ctx.clip();
    ctx.font = `500 ${size}px ${theme.family}`;
    ctx.fillStyle = theme.muted;
    ctx.textAlign = "center";
    ctx.textBaseline = "middle";
    const lines = t("placeholder.newer").split("\n");
    lines.forEach((line, i) => {
      ctx.fillText(line, r.x + r.w / 2, r.y + r.h / 2 + (i - (lines.length - 1) / 2) * size * 1.35);
    });
  }
  ctx.restore();
}
