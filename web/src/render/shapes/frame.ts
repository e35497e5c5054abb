// A frame: a quiet sheet with a hairline border, and its title above the top left corner. The title keeps a readable
// size on the screen when the board is zoomed out, so its height in board units depends on the zoom.

import type { ObjectView } from "../../engine/types.ts";
import type { BoardRect } from "../../geom/types.ts";
import { Color, colorOf, textOf } from "../../state/read.ts";
import type { PaintContext } from "../paint.ts";

export const FRAME_RADIUS = 12;
const TITLE_PX = 14;
const TITLE_PX_MIN = 10;
const TITLE_GAP_PX = 10;
const TITLE_ROOM_MIN_PX = 28;

/** The title's font size in board units: 14 px on the screen, a little less far out, growing slowly close up. */
export function frameTitleSize(zoom: number): number {
  const px =
    zoom >= 1 ? TITLE_PX * Math.sqrt(Math.min(4, zoom)) : Math.max(TITLE_PX_MIN, TITLE_PX * (0.5 + zoom / 2));
  return px / zoom;
}

/** The strip above the frame that belongs to its title. */
export function frameTitleRect(r: BoardRect, zoom: number): BoardRect {
  const size = frameTitleSize(zoom);
  const h = size * 1.3 + TITLE_GAP_PX / zoom;
  return { x: r.x, y: r.y - h, w: r.w, h };
}

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
  const title = textOf(view).replace(/\s+/g, " ");
  if (title === "" || r.w * p.zoom < TITLE_ROOM_MIN_PX) return;
  const size = frameTitleSize(p.zoom);
  const inset = 2 / p.zoom;
  const shown = p.texts.clipped(title, size, 600, r.w - 2 * inset);
  const { ctx } = p;
  ctx.fillStyle = p.theme.muted;
  ctx.font = `600 ${size}px ${p.theme.family}`;
  ctx.textAlign = "left";
  ctx.textBaseline = "alphabetic";
  ctx.fillText(shown, r.x + inset, r.y - (TITLE_GAP_PX + 1) / p.zoom);
}
