// Resizing by eight handles: pure. A handle is a compass direction; the opposite edge stays where it is.

import type { BoardPoint, BoardRect } from "./types.ts";

export type Handle = "nw" | "n" | "ne" | "e" | "se" | "s" | "sw" | "w";

export const HANDLES: readonly Handle[] = ["nw", "n", "ne", "e", "se", "s", "sw", "w"];
export const CORNERS: readonly Handle[] = ["nw", "ne", "se", "sw"];

export function handlePoint(r: BoardRect, handle: Handle): BoardPoint {
  const x = handle.includes("w") ? r.x : handle.includes("e") ? r.x + r.w : r.x + r.w / 2;
  const y = handle.includes("n") ? r.y : handle.includes("s") ? r.y + r.h : r.y + r.h / 2;
  return { x, y };
}

export interface ResizeRule {
  readonly keepRatio: boolean;
  readonly fromCentre: boolean;
  readonly min: number;
}

/** The rectangle after its `handle` moved by (dx, dy). Never smaller than `min`, never turned inside out. */
export function resizeRect(
  r: BoardRect,
  handle: Handle,
  dx: number,
  dy: number,
  rule: ResizeRule,
): BoardRect {
  const sx = handle.includes("e") ? 1 : handle.includes("w") ? -1 : 0;
  const sy = handle.includes("s") ? 1 : handle.includes("n") ? -1 : 0;
  const factor = rule.fromCentre ? 2 : 1;
  let w = Math.max(rule.min, r.w + sx * dx * factor);
  let h = Math.max(rule.min, r.h + sy * dy * factor);
  if (rule.keepRatio && r.w > 0 && r.h > 0) {
    const scale =
      sx === 0 ? h / r.h : sy === 0 ? w / r.w : Math.max(w / r.w, h / r.h);
    const least = Math.max(rule.min / r.w, rule.min / r.h);
    w = r.w * Math.max(scale, least);
    h = r.h * Math.max(scale, least);
  }
  if (rule.fromCentre) {
    return { x: r.x + (r.w - w) / 2, y: r.y + (r.h - h) / 2, w, h };
  }
  const x = sx < 0 ? r.x + r.w - w : sx === 0 ? r.x + (r.w - w) / 2 : r.x;
  const y = sy < 0 ? r.y + r.h - h : sy === 0 ? r.y + (r.h - h) / 2 : r.y;
  return { x: sx === 0 && !rule.keepRatio ? r.x : x, y: sy === 0 && !rule.keepRatio ? r.y : y, w, h };
}

/** Where `inner` lands when its group's bounds change from `from` to `to`. */
export function scaleWithin(inner: BoardRect, from: BoardRect, to: BoardRect): BoardRect {
  const fx = from.w === 0 ? 1 : to.w / from.w;
  const fy = from.h === 0 ? 1 : to.h / from.h;
  return {
    x: to.x + (inner.x - from.x) * fx,
    y: to.y + (inner.y - from.y) * fy,
    w: inner.w * fx,
    h: inner.h * fy,
  };
}
