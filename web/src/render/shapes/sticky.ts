// A sticky: paper with a soft shadow, fitted text, and its author's name at the bottom left.

import { Kind } from "../../engine/generated.ts";
import type { ObjectView } from "../../engine/types.ts";
import type { BoardRect } from "../../geom/types.ts";
import { Color, colorOf } from "../../state/read.ts";
import type { PaintContext } from "../paint.ts";
import { authorStrip, drawText } from "../text.ts";
import { drawShadow } from "./shadow.ts";

export const STICKY_RADIUS = 6;
const SHADOW_SCALE_MIN = 0.45; // below this the shadow is smaller than a pixel's worth
const ROUND_SCALE_MIN = 0.2;

export function drawSticky(p: PaintContext, view: ObjectView, r: BoardRect): void {
  const { ctx, theme, scale } = p;
  const color = colorOf(view);
  if (p.shadows && scale >= SHADOW_SCALE_MIN && color !== Color.NONE) drawShadow(ctx, theme, r);
  ctx.fillStyle = theme.fills[color] ?? theme.frame;
  if (scale < ROUND_SCALE_MIN) {
    ctx.fillRect(r.x, r.y, r.w, r.h);
  } else {
    ctx.beginPath();
    ctx.roundRect(r.x, r.y, r.w, r.h, Math.min(STICKY_RADIUS, r.w / 4, r.h / 4));
    ctx.fill();
    if (color === Color.WHITE || color === Color.NONE) {
      ctx.strokeStyle = theme.border;
      ctx.lineWidth = 1 / scale;
      ctx.stroke();
    }
  }
  drawAuthor(p, view, r);
  if (p.hideText !== view.id) drawText(ctx, p.texts.boxOf(view, r), scale);
}

function drawAuthor(p: PaintContext, view: ObjectView, r: BoardRect): void {
  const name = view.kind === Kind.STICKY ? p.nameOf(view.user) : "";
  const side = Math.min(r.w, r.h);
  const size = side * 0.08;
  if (name === "" || size * p.scale < 5) return;
  const pad = side * 0.085;
  const shown = p.texts.clipped(name, size, 400, r.w - 2 * pad);
  const { ctx } = p;
  ctx.fillStyle = colorOf(view) === Color.DARK ? p.theme.onDark : p.theme.onFill;
  ctx.globalAlpha *= 0.78;
  ctx.font = `400 ${size}px ${p.theme.family}`;
  ctx.textAlign = "left";
  ctx.textBaseline = "alphabetic";
  ctx.fillText(shown, r.x + pad, r.y + r.h - authorStrip(r) * 0.55);
  ctx.globalAlpha /= 0.78;
}
