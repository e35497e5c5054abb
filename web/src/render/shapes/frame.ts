// A frame: a quiet sheet with a hairline border, and its title above the top left corner (titles.ts).

import type { ObjectView } from "../../engine/types.ts";
import type { BoardRect } from "../../geom/types.ts";
import { Color, colorOf } from "../../state/read.ts";
import type { PaintContext } from "../paint.ts";
import { frameTitleOf, frameTitleSize, TITLE_GAP_PX, TITLE_WEIGHT } from "../titles.ts";

export const FRAME_RADIUS = 12;

export function drawFrame(p: PaintContext, view: ObjectView, r: BoardRect): void {
  const { ctx, theme, scale } = p;
  const color = colorOf(view);
  const radius = Math.min(FRAME_RADIUS, r.w / 2, r.h / 2);
  ctx.beginPath();
  ctx.roundRect(r.x, r.y, r.w, r.h, radius);
  ctx.fillStyle = theme.frame;
  ctx.fill();
  if (color !== Color.WHITE && color !== Color.NONE) {
    ctx.globalAlpha *= 0.22;
    ctx.fillStyle = theme.fills[color] ?? theme.frame;
    ctx.fill();
    ctx.globalAlpha /= 0.22;
  }
  ctx.strokeStyle = theme.border;
  ctx.lineWidth = Math.max(1, 1 / scale);
  ctx.stroke();
  if (p.hideText !== view.id) drawTitle(p, view, r);
}

function drawTitle(p: PaintContext, view: ObjectView, r: BoardRect): void {
  const room = p.titles.roomFor(view, r, p.zoom);
  if (room === null) return;
  const size = frameTitleSize(p.zoom);
  const { ctx } = p;
  ctx.fillStyle = p.theme.muted;
  ctx.font = `${TITLE_WEIGHT} ${size}px ${p.theme.family}`;
  ctx.textAlign = "left";
  ctx.textBaseline = "alphabetic";
  const shown = p.texts.clipped(frameTitleOf(view), size, TITLE_WEIGHT, room.w);
  ctx.fillText(shown, room.x, r.y - (TITLE_GAP_PX + 1) / p.zoom);
}
