// A soft shadow under a paper, cheap enough for thousands: blurred once per theme into a small sprite and laid out in
// nine slices, since canvas blur is slow in software. Paper kinds share one sprite.

import type { BoardRect } from "../../geom/types.ts";
import type { Theme } from "../theme.ts";

const REACH = 16; // board units the shadow spreads beyond the paper
const CORE = 12; // corner slice inside the paper
const DROP = 4; // the far shadow's offset downwards
const PX = 2; // sprite pixels per board unit
const SIDE = (REACH + CORE) * 2 + 4;

const sprites = new WeakMap<Theme, HTMLCanvasElement>();

function spriteOf(theme: Theme): HTMLCanvasElement {
  const known = sprites.get(theme);
  if (known !== undefined) return known;
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = SIDE * PX;
  const ctx = canvas.getContext("2d");
  if (ctx !== null) {
    const inner = SIDE - 2 * REACH;
    const far = 10_000; // the caster itself stays out of the picture
    ctx.scale(PX, PX);
    for (const [blur, drop, alpha] of [
      [2, 1, theme.shadowNear * 1.5],
      [12, DROP, theme.shadowFar],
    ] as const) {
      ctx.shadowColor = `${theme.shadowColor}${hexAlpha(alpha)}`;
      ctx.shadowBlur = blur * PX;
      ctx.shadowOffsetX = far * PX;
      ctx.shadowOffsetY = drop * PX;
      ctx.beginPath();
      ctx.roundRect(REACH - far, REACH, inner, inner, 6);
      ctx.fill();
    }
  }
  sprites.set(theme, canvas);
  return canvas;
}

function hexAlpha(alpha: number): string {
  return Math.round(Math.min(1, alpha) * 255).toString(16).padStart(2, "0");
}

export const SHADOW_REACH = REACH + DROP;

/** Lays the shadow of `r` down; the paper is drawn over it afterwards. */
export function drawShadow(ctx: CanvasRenderingContext2D, theme: Theme, r: BoardRect): void {
  const sprite = spriteOf(theme);
  const corner = REACH + CORE;
  const middle = SIDE - 2 * corner;
  const core = Math.min(CORE, r.w / 2, r.h / 2);
  const edge = REACH + core;
  const xs = [r.x - REACH, r.x - REACH + edge, r.x + r.w + REACH - edge] as const;
  const ys = [r.y - REACH, r.y - REACH + edge, r.y + r.h + REACH - edge] as const;
  const ws = [edge, Math.max(0, r.w - 2 * core), edge] as const;
  const hs = [edge, Math.max(0, r.h - 2 * core), edge] as const;
  const from = [0, corner, SIDE - corner] as const;
  const size = [corner, middle, corner] as const;
  for (const i of [0, 1, 2] as const) {
    for (const j of [0, 1, 2] as const) {
      if ((i === 1 && j === 1) || ws[i] === 0 || hs[j] === 0) continue;
      ctx.drawImage(
        sprite,
        from[i] * PX, from[j] * PX, size[i] * PX, size[j] * PX,
        xs[i], ys[j], ws[i], hs[j],
      );
    }
  }
}
