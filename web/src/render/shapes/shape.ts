// The basic shapes: rectangle, rounded rectangle, ellipse, diamond, triangle; a fill, an outline, and text inside.

import type { ObjectView } from "../../engine/types.ts";
import { ShapeForm, cornersOf } from "../../geom/outline.ts";
import type { BoardRect } from "../../geom/types.ts";
import { Color, colorOf, formOf, strokeOf } from "../../state/read.ts";
import type { PaintContext } from "../paint.ts";
import { drawText } from "../text.ts";

const STROKE = 2;
const ROUNDED = 16;

export function traceForm(ctx: CanvasRenderingContext2D, form: number, r: BoardRect): void {
  ctx.beginPath();
  switch (form) {
    case ShapeForm.ELLIPSE:
      ctx.ellipse(r.x + r.w / 2, r.y + r.h / 2, r.w / 2, r.h / 2, 0, 0, Math.PI * 2);
      return;
    case ShapeForm.ROUNDED:
      ctx.roundRect(r.x, r.y, r.w, r.h, Math.min(ROUNDED, r.w / 2, r.h / 2));
      return;
    case ShapeForm.DIAMOND:
    case ShapeForm.TRIANGLE:
      cornersOf(form, r).forEach((c, i) => (i === 0 ? ctx.moveTo(c.x, c.y) : ctx.lineTo(c.x, c.y)));
      ctx.closePath();
      return;
    default:
      ctx.roundRect(r.x, r.y, r.w, r.h, 2);
  }
}

export function drawShape(p: PaintContext, view: ObjectView, r: BoardRect): void {
  const { ctx, theme, scale } = p;
  const color = colorOf(view);
  const stroke = strokeOf(view);
  const inset = STROKE / 2;
  const inner = {
    x: r.x + inset,
    y: r.y + inset,
    w: Math.max(0, r.w - STROKE),
    h: Math.max(0, r.h - STROKE),
  };
  traceForm(ctx, formOf(view), inner);
  if (color !== Color.NONE) {
    ctx.fillStyle = color === Color.WHITE ? theme.panel : (theme.fills[color] ?? theme.panel);
    ctx.fill();
  }
  if (stroke !== Color.NONE) {
    ctx.strokeStyle = theme.inks[stroke] ?? theme.text;
    ctx.lineWidth = Math.max(STROKE, 0.75 / scale);
    ctx.lineJoin = "round";
    ctx.stroke();
  }
  if (p.hideText === view.id) return;
  const box = p.texts.boxOf(view, r);
  // A white shape takes the panel's colour, which is dark in the dark theme.
  drawText(ctx, color === Color.WHITE ? { ...box, color: theme.text } : box, scale);
}
