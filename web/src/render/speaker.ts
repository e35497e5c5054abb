// What a talk-track's speaker does at this moment, over the board: pointer, laser, presses, selection, and where things
// stood that are elsewhere by now. Screen pixels, above everything else; keeps nothing.

import { centreOf } from "../geom/rect.ts";
import type { BoardRect, ScreenPoint } from "../geom/types.ts";
import { t } from "../i18n/i18n.ts";
import { boardToScreen } from "../state/camera.ts";
import type { Ghost, Stage } from "../state/playing.ts";
import type { Camera } from "../state/types.ts";
import { drawCursor, drawTag, type Pen } from "./cursor.ts";
import { personColor } from "./theme.ts";

const CLICK_PX = 30;
const LASER_PX = 6;
const HEAD_PX = 9;
const ARROW_PX_MAX = 56;
const TAG_ROOM_PX = 96;

export function drawSpeaker(pen: Pen, camera: Camera, stage: Stage): void {
  const color = personColor(pen.theme, stage.hue);
  for (const ghost of stage.ghosts) drawGhost(pen, camera, ghost);
  for (const rect of stage.selected) drawFrame(pen, camera, rect, color);
  drawLaser(pen, camera, stage.laser, color);
  for (const { point, age } of stage.clicks) drawClick(pen, boardToScreen(camera, point), age, color);
  const shown = stage.laser.some(({ age }) => age === 0) ? null : stage.pointer;
  // The speaker may be here in person, too: the sign tells the two apart.
  if (shown !== null) drawCursor(pen, { name: `▸ ${stage.name}`, hue: stage.hue }, boardToScreen(camera, shown));
}

function traceRect(pen: Pen, camera: Camera, rect: BoardRect, gap: number): void {
  const at = boardToScreen(camera, rect);
  pen.ctx.beginPath();
  pen.ctx.roundRect(at.x - gap, at.y - gap, rect.w * camera.zoom + 2 * gap, rect.h * camera.zoom + 2 * gap, 7);
}

function drawFrame(pen: Pen, camera: Camera, rect: BoardRect, color: string): void {
  traceRect(pen, camera, rect, 3);
  pen.ctx.strokeStyle = color;
  pen.ctx.lineWidth = 2;
  pen.ctx.stroke();
}

function drawLaser({ ctx }: Pen, camera: Camera, trail: Stage["laser"], color: string): void {
  ctx.strokeStyle = color;
  ctx.lineCap = "round";
  for (let i = 1; i < trail.length; i++) {
    const from = boardToScreen(camera, trail[i - 1]!.point);
    const to = boardToScreen(camera, trail[i]!.point);
    const fresh = 1 - trail[i]!.age;
    ctx.globalAlpha = 0.15 + 0.75 * fresh;
    ctx.lineWidth = 1 + (LASER_PX - 1) * fresh;
    ctx.beginPath();
    ctx.moveTo(from.x, from.y);
    ctx.lineTo(to.x, to.y);
    ctx.stroke();
  }
  ctx.globalAlpha = 1;
  ctx.lineCap = "butt";
  const tip = trail.at(-1);
  if (tip === undefined || tip.age > 0) return;
  const at = boardToScreen(camera, tip.point);
  ctx.beginPath();
  ctx.arc(at.x, at.y, LASER_PX, 0, 2 * Math.PI);
  ctx.fillStyle = color;
  ctx.fill();
}

function drawClick({ ctx }: Pen, at: ScreenPoint, age: number, color: string): void {
  ctx.beginPath();
  ctx.arc(at.x, at.y, 6 + CLICK_PX * (1 - (1 - age) ** 2), 0, 2 * Math.PI);
  ctx.globalAlpha = 1 - age;
  ctx.strokeStyle = color;
  ctx.lineWidth = 3;
  ctx.stroke();
  ctx.globalAlpha = 1;
}

/** Where something stood, and the way to where it is; or that it is gone. */
function drawGhost(pen: Pen, camera: Camera, { rect, now }: Ghost): void {
  const { ctx, theme } = pen;
  ctx.strokeStyle = theme.muted;
  ctx.lineWidth = 1.5;
  ctx.globalAlpha = 0.8;
  ctx.setLineDash([5, 5]);
  traceRect(pen, camera, rect, 0);
  ctx.stroke();
  ctx.setLineDash([]);
  const from = boardToScreen(camera, centreOf(rect));
  if (now !== null) drawArrow(ctx, from, boardToScreen(camera, now));
  else if (rect.w * camera.zoom < TAG_ROOM_PX) drawCross(ctx, from);
  else {
    const at = boardToScreen(camera, rect);
    drawTag(pen, t("player.gone"), theme.gone, at.x + 6, at.y + 6);
  }
  ctx.globalAlpha = 1;
}

function drawCross(ctx: CanvasRenderingContext2D, at: ScreenPoint): void {
  ctx.beginPath();
  for (const side of [-1, 1]) {
    ctx.moveTo(at.x - 4, at.y - 4 * side);
    ctx.lineTo(at.x + 4, at.y + 4 * side);
  }
  ctx.stroke();
}

/** Points the way; the whole of it would lie over everything else. */
function drawArrow(ctx: CanvasRenderingContext2D, from: ScreenPoint, goal: ScreenPoint): void {
  const angle = Math.atan2(goal.y - from.y, goal.x - from.x);
  const length = Math.min(ARROW_PX_MAX, Math.hypot(goal.x - from.x, goal.y - from.y));
  const to = { x: from.x + length * Math.cos(angle), y: from.y + length * Math.sin(angle) };
  ctx.beginPath();
  ctx.moveTo(from.x, from.y);
  ctx.lineTo(to.x, to.y);
  for (const side of [-0.45, 0.45]) {
    ctx.moveTo(to.x, to.y);
    ctx.lineTo(to.x - HEAD_PX * Math.cos(angle + side), to.y - HEAD_PX * Math.sin(angle + side));
  }
  ctx.stroke();
}
