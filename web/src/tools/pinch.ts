// Two fingers: the board points under them stay under them. Pure arithmetic over the camera.

import type { ScreenPoint } from "../geom/types.ts";
import { panned, zoomedAt } from "../state/camera.ts";
import type { Camera } from "../state/types.ts";

export interface Fingers {
  readonly a: ScreenPoint;
  readonly b: ScreenPoint;
}

function middle(f: Fingers): ScreenPoint {
  return { x: (f.a.x + f.b.x) / 2, y: (f.a.y + f.b.y) / 2 };
}

function spread(f: Fingers): number {
  return Math.max(1, Math.hypot(f.a.x - f.b.x, f.a.y - f.b.y));
}

export function pinched(camera: Camera, was: Fingers, now: Fingers): Camera {
  const from = middle(was);
  const to = middle(now);
  const moved = panned(camera, to.x - from.x, to.y - from.y);
  return zoomedAt(moved, to, camera.zoom * (spread(now) / spread(was)));
}

/** A wheel's turn as zooming: a mouse's notch and a trackpad's fine steps both feel the same. */
export function wheelFactor(deltaY: number): number {
  const capped = Math.min(30, Math.max(-30, deltaY));
  return Math.exp(-capped * 0.0085);
}
