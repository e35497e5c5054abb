// The dot grid: 24 board units apart. As it gets dense the dots between fade out and every fourth stays, so that the
// page keeps its quiet texture at every zoom. One row of dots is drawn per zoom and then laid down line by line.

import type { Camera } from "../state/types.ts";
import type { Theme } from "./theme.ts";

const SPACING = 24;
const WIDER = 4;
const GONE_PX = 9; // closer together than this, dots are invisible
const FULL_PX = 20;

interface Screen {
  readonly w: number;
  readonly h: number;
  readonly ratio: number;
}

interface Row {
  readonly canvas: HTMLCanvasElement;
  key: string;
}

export interface Grid {
  draw(ctx: CanvasRenderingContext2D, camera: Camera, theme: Theme, screen: Screen): void;
}

/** A strip of dots `step` device pixels apart, one step wider than the screen. Returns a dot's size. */
function prepare(row: Row, step: number, theme: Theme, screen: Screen): number {
  const radius = Math.max(0.8, Math.min(1.2, step / screen.ratio / 20)) * screen.ratio;
  const size = Math.ceil(radius * 2);
  const width = Math.round(screen.w * screen.ratio);
  const key = `${step} ${width} ${theme.dots} ${screen.ratio}`;
  if (key === row.key) return size;
  row.key = key;
  row.canvas.width = width + Math.ceil(step) * 2;
  row.canvas.height = size;
  const ctx = row.canvas.getContext("2d");
  if (ctx === null) return size;
  ctx.fillStyle = theme.dots;
  ctx.beginPath();
  for (let x = 0; x < row.canvas.width; x += step) {
    const middle = Math.round(x) + size / 2;
    ctx.moveTo(middle + radius, size / 2);
    ctx.arc(middle, size / 2, radius, 0, Math.PI * 2);
  }
  ctx.fill();
  return size;
}

export function createGrid(): Grid {
  const fine: Row = { canvas: document.createElement("canvas"), key: "" };
  const coarse: Row = { canvas: document.createElement("canvas"), key: "" };

  function lay(
    ctx: CanvasRenderingContext2D,
    row: Row,
    spacing: number,
    camera: Camera,
    theme: Theme,
    screen: Screen,
  ): void {
    const step = spacing * camera.zoom * screen.ratio;
    const dot = prepare(row, step, theme, screen);
    const start = (origin: number): number => {
      const shift = (-origin * camera.zoom * screen.ratio) % step;
      return shift > 0 ? shift - step : shift;
    };
    const x = Math.round(start(camera.x) - dot / 2);
    const height = screen.h * screen.ratio;
    for (let y = start(camera.y); y < height + dot; y += step) {
      ctx.drawImage(row.canvas, x, Math.round(y - dot / 2));
    }
  }

  return {
    draw(ctx, camera, theme, screen) {
      let spacing = SPACING;
      while (spacing * camera.zoom < GONE_PX) spacing *= WIDER;
      const px = spacing * camera.zoom;
      const alpha = Math.min(1, (px - GONE_PX) / (FULL_PX - GONE_PX));
      if (alpha < 1) lay(ctx, coarse, spacing * WIDER, camera, theme, screen);
      ctx.globalAlpha = alpha;
      lay(ctx, fine, spacing, camera, theme, screen);
      ctx.globalAlpha = 1;
    },
  };
}
