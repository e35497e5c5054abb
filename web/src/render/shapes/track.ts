// A talk-track's card: its cover with the play sign, below it title, author and how long it takes.

import { Field } from "../../engine/generated.ts";
import type { ObjectView } from "../../engine/types.ts";
import { trackCard } from "../../geom/track_card.ts";
import type { BoardRect } from "../../geom/types.ts";
import { timeText } from "../../state/time_text.ts";
import type { PaintContext } from "../paint.ts";
import { drawShadow } from "./shadow.ts";

const RADIUS = 12;
const SHADOW_SCALE_MIN = 0.45;
const LEGIBLE = 5;

export function drawTrack(p: PaintContext, view: ObjectView, r: BoardRect): void {
  const { ctx, theme, scale } = p;
  if (p.shadows && scale >= SHADOW_SCALE_MIN) drawShadow(ctx, theme, r);
  const card = trackCard(r);
  ctx.save();
  ctx.beginPath();
  ctx.roundRect(r.x, r.y, r.w, r.h, Math.min(RADIUS, r.w / 4, r.h / 4));
  ctx.fillStyle = theme.panel;
  ctx.fill();
  ctx.strokeStyle = theme.border;
  ctx.lineWidth = Math.max(1, 1 / scale);
  ctx.stroke();
  ctx.clip();
  drawPicture(p, view, card.picture);
  drawWords(p, view, card.words);
  ctx.restore();
  drawSign(p, card.sign.x, card.sign.y, card.radius);
}

function drawPicture(p: PaintContext, view: ObjectView, r: BoardRect): void {
  const { ctx, theme } = p;
  const track = view.fields.get(Field.TRACK);
  const image = typeof track === "string" ? p.coverOf(track) : null;
  ctx.fillStyle = theme.accentSoft;
  ctx.fillRect(r.x, r.y, r.w, r.h);
  if (image === null) return;
  // Covers the picture's place whole, cut at the longer sides.
  const zoom = Math.max(r.w / image.naturalWidth, r.h / image.naturalHeight);
  const w = r.w / zoom;
  const h = r.h / zoom;
  ctx.drawImage(image, (image.naturalWidth - w) / 2, (image.naturalHeight - h) / 2, w, h, r.x, r.y, r.w, r.h);
}

function drawWords(p: PaintContext, view: ObjectView, r: BoardRect): void {
  const { ctx, theme, texts } = p;
  const size = Math.min(16, r.h * 0.27, r.w * 0.07);
  if (size * p.scale < LEGIBLE) return;
  const pad = size * 0.9;
  const title = view.fields.get(Field.TITLE);
  const length = view.fields.get(Field.LENGTH);
  const time = typeof length === "number" && length > 0 ? timeText(length) : "";
  const small = size * 0.82;
  const middle = r.y + r.h / 2;
  ctx.textAlign = "left";
  ctx.textBaseline = "alphabetic";
  ctx.fillStyle = theme.text;
  ctx.font = `600 ${size}px ${theme.family}`;
  ctx.fillText(texts.clipped(typeof title === "string" ? title : "", size, 600, r.w - 2 * pad), r.x + pad, middle - size * 0.2);
  const by = [p.nameOf(view.user), time].filter((part) => part !== "").join(" · ");
  ctx.fillStyle = theme.muted;
  ctx.font = `400 ${small}px ${theme.family}`;
  ctx.fillText(texts.clipped(by, small, 400, r.w - 2 * pad), r.x + pad, middle + size * 1.05);
}

function drawSign({ ctx, theme }: PaintContext, x: number, y: number, radius: number): void {
  ctx.beginPath();
  ctx.arc(x, y, radius, 0, 2 * Math.PI);
  ctx.fillStyle = theme.accent;
  ctx.fill();
  const side = radius * 0.46;
  ctx.beginPath();
  ctx.moveTo(x - side * 0.7, y - side);
  ctx.lineTo(x + side * 1.05, y);
  ctx.lineTo(x - side * 0.7, y + side);
  ctx.closePath();
  ctx.fillStyle = theme.onAccent;
  ctx.strokeStyle = theme.onAccent;
  ctx.lineJoin = "round";
  ctx.lineWidth = radius * 0.12;
  ctx.fill();
  ctx.stroke();
}
