// A person's cursor with their name beside it, in screen pixels: the living ones' and a talk-track's speaker's.

import type { ScreenPoint } from "../geom/types.ts";
import type { Texts } from "./text.ts";
import { personColor, type Theme } from "./theme.ts";

const NAME_PX_MAX = 140;

export interface Pen {
  readonly ctx: CanvasRenderingContext2D;
  readonly theme: Theme;
  readonly texts: Texts;
}

export function drawTag({ ctx, theme, texts }: Pen, name: string, color: string, x: number, y: number): void {
  const label = texts.clipped(name, 12, 600, NAME_PX_MAX);
  const width = texts.widthOf(label, 12, 600);
  ctx.beginPath();
  ctx.roundRect(x, y, width + 16, 22, 6);
  ctx.fillStyle = color;
  ctx.fill();
  ctx.fillStyle = theme.onPerson;
  ctx.font = `600 12px ${theme.family}`;
  ctx.textAlign = "left";
  ctx.textBaseline = "alphabetic";
  ctx.fillText(label, x + 8, y + 15.3);
}

export function drawCursor(pen: Pen, person: { readonly name: string; readonly hue: number }, at: ScreenPoint): void {
  const { ctx, theme } = pen;
  const color = personColor(theme, person.hue);
  ctx.save();
  ctx.translate(at.x, at.y);
  ctx.beginPath();
  ctx.moveTo(0, 0);
  ctx.lineTo(5.2, 16.2);
  ctx.lineTo(8.4, 9.4);
  ctx.lineTo(15.4, 6.6);
  ctx.closePath();
  ctx.lineJoin = "round";
  ctx.lineWidth = 3.5;
  ctx.strokeStyle = theme.onPerson;
  ctx.stroke();
  ctx.fillStyle = color;
  ctx.fill();
  ctx.lineWidth = 1;
  ctx.strokeStyle = color;
  ctx.stroke();
  ctx.restore();
  drawTag(pen, person.name, color, at.x + 13, at.y + 15);
}
