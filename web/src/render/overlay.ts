// The live overlay above the settled scene: objects in motion, the selection with its handles, hover, marquee, snapping
// guides, the draft of what is being made. Drawn anew each frame from signals; keeps nothing.
// Not here: other people (people.ts).

import type { ObjectId, ObjectView } from "../engine/types.ts";
import { Kind } from "../engine/generated.ts";
import { boundsOf } from "../geom/rect.ts";
import { CORNERS, handlePoint } from "../geom/resize.ts";
import type { BoardRect } from "../geom/types.ts";
import { boardToScreen } from "../state/camera.ts";
import { Color } from "../state/read.ts";
import type { Draft, Live } from "../state/tooling.ts";
import type { Camera } from "../state/types.ts";
import type { PaintContext } from "./paint.ts";
import { FRAME_RADIUS } from "./shapes/frame.ts";
import { drawShadow } from "./shapes/shadow.ts";
import { traceForm } from "./shapes/shape.ts";
import { STICKY_RADIUS } from "./shapes/sticky.ts";
import type { Theme } from "./theme.ts";

const OUTLINE_GAP = 4; // screen pixels between an object and its selection
const HANDLE = 9;

export interface OverlayInput {
  readonly ctx: CanvasRenderingContext2D;
  readonly theme: Theme;
  readonly camera: Camera;
  readonly live: Live;
  readonly selection: ReadonlySet<ObjectId>;
  readonly editing: ObjectId | null;
  readonly canEdit: boolean;
  readonly viewOf: (id: ObjectId) => ObjectView | undefined;
  readonly rectShown: (id: ObjectId) => BoardRect | null;
}

function outline(o: OverlayInput, rect: BoardRect, gap: number, radius: number): void {
  const at = boardToScreen(o.camera, rect);
  o.ctx.beginPath();
  o.ctx.roundRect(
    at.x - gap,
    at.y - gap,
    rect.w * o.camera.zoom + 2 * gap,
    rect.h * o.camera.zoom + 2 * gap,
    radius,
  );
  o.ctx.stroke();
}

function drawHandles(o: OverlayInput, rect: BoardRect): void {
  const { ctx, theme, camera } = o;
  const gap = OUTLINE_GAP / camera.zoom;
  const around = { x: rect.x - gap, y: rect.y - gap, w: rect.w + 2 * gap, h: rect.h + 2 * gap };
  ctx.fillStyle = theme.panel;
  ctx.strokeStyle = theme.accent;
  ctx.lineWidth = 1.5;
  for (const corner of CORNERS) {
    const at = boardToScreen(camera, handlePoint(around, corner));
    ctx.beginPath();
    ctx.roundRect(at.x - HANDLE / 2, at.y - HANDLE / 2, HANDLE, HANDLE, 2.5);
    ctx.fill();
    ctx.stroke();
  }
}

function drawSelection(o: OverlayInput): void {
  const { ctx, theme } = o;
  const rects: BoardRect[] = [];
  for (const id of o.selection) {
    const rect = o.rectShown(id);
    if (rect !== null) rects.push(rect);
  }
  const bounds = boundsOf(rects);
  if (bounds === null) return;
  ctx.strokeStyle = theme.accent;
  if (rects.length > 1) {
    ctx.lineWidth = 1;
    ctx.globalAlpha = 0.7;
    for (const rect of rects) outline(o, rect, 1, 7);
    ctx.globalAlpha = 1;
  }
  ctx.lineWidth = 1.5;
  outline(o, bounds, OUTLINE_GAP, 2);
  if (o.canEdit && o.editing === null) drawHandles(o, bounds);
}

function drawHover(o: OverlayInput): void {
  const { hover, target } = o.live;
  if (hover !== null && !o.selection.has(hover)) {
    const rect = o.rectShown(hover);
    if (rect !== null) {
      o.ctx.strokeStyle = o.theme.accent;
      o.ctx.globalAlpha = 0.55;
      o.ctx.lineWidth = 1.5;
      const isFrame = o.viewOf(hover)?.kind === Kind.FRAME;
      outline(o, rect, 1, (isFrame ? FRAME_RADIUS : STICKY_RADIUS) * o.camera.zoom + 1);
      o.ctx.globalAlpha = 1;
    }
  }
  const into = target === null ? null : o.rectShown(target);
  if (into !== null) {
    o.ctx.strokeStyle = o.theme.accent;
    o.ctx.lineWidth = 2;
    outline(o, into, 0, FRAME_RADIUS * o.camera.zoom);
  }
}

function drawMarquee(o: OverlayInput, rect: BoardRect): void {
  const { ctx, theme, camera } = o;
  const at = boardToScreen(camera, rect);
  ctx.beginPath();
  ctx.roundRect(at.x, at.y, rect.w * camera.zoom, rect.h * camera.zoom, 3);
  ctx.globalAlpha = 0.09;
  ctx.fillStyle = theme.accent;
  ctx.fill();
  ctx.globalAlpha = 0.9;
  ctx.lineWidth = 1;
  ctx.strokeStyle = theme.accent;
  ctx.stroke();
  ctx.globalAlpha = 1;
}

function drawGuides(o: OverlayInput): void {
  const { ctx, camera } = o;
  ctx.strokeStyle = o.theme.accent;
  ctx.lineWidth = 1;
  for (const line of o.live.guides) {
    const vertical = line.axis === "x";
    const a = boardToScreen(camera, vertical ? { x: line.at, y: line.from } : { x: line.from, y: line.at });
    const b = boardToScreen(camera, vertical ? { x: line.at, y: line.to } : { x: line.to, y: line.at });
    const sharp = (v: number): number => Math.round(v) + 0.5;
    ctx.beginPath();
    ctx.moveTo(vertical ? sharp(a.x) : a.x, vertical ? a.y : sharp(a.y));
    ctx.lineTo(vertical ? sharp(b.x) : b.x, vertical ? b.y : sharp(b.y));
    ctx.stroke();
  }
}

/** Everything in screen pixels: the context is already scaled to the device. */
export function drawOverlay(o: OverlayInput): void {
  drawHover(o);
  drawSelection(o);
  drawGuides(o);
  if (o.live.marquee !== null) drawMarquee(o, o.live.marquee);
}

/** What is being made, in board units, in the colours it will have. */
export function drawDraft(p: PaintContext, draft: Draft): void {
  const { ctx, theme } = p;
  const r = draft.rect;
  ctx.globalAlpha = draft.ghost ? 0.65 : 1;
  switch (draft.kind) {
    case Kind.STICKY:
      drawShadow(ctx, theme, r);
      ctx.fillStyle = theme.fills[draft.color] ?? theme.frame;
      ctx.beginPath();
      ctx.roundRect(r.x, r.y, r.w, r.h, STICKY_RADIUS);
      ctx.fill();
      break;
    case Kind.SHAPE:
      traceForm(ctx, draft.form, r);
      ctx.fillStyle = draft.color === Color.WHITE ? theme.panel : (theme.fills[draft.color] ?? theme.panel);
      ctx.fill();
      ctx.lineWidth = 2;
      ctx.strokeStyle = theme.inks[Color.DARK] ?? theme.text;
      ctx.stroke();
      break;
    default:
      ctx.beginPath();
      ctx.roundRect(r.x, r.y, r.w, r.h, draft.kind === Kind.FRAME ? FRAME_RADIUS : 4);
      ctx.globalAlpha *= 0.8;
      ctx.fillStyle = theme.frame;
      ctx.fill();
      ctx.globalAlpha = 1;
      ctx.strokeStyle = theme.accent;
      ctx.lineWidth = 1.5 / p.zoom;
      ctx.stroke();
  }
  ctx.globalAlpha = 1;
}
