// Rectangles, most of them in board units: pure functions, no state. Sides may touch; width and height are never negative.

import type { BoardPoint, BoardRect, Rect } from "./types.ts";

export function rectOfPoints(a: BoardPoint, b: BoardPoint): BoardRect {
  return {
    x: Math.min(a.x, b.x),
    y: Math.min(a.y, b.y),
    w: Math.abs(a.x - b.x),
    h: Math.abs(a.y - b.y),
  };
}

export function rectsTouch(a: BoardRect, b: BoardRect): boolean {
  return a.x <= b.x + b.w && b.x <= a.x + a.w && a.y <= b.y + b.h && b.y <= a.y + a.h;
}

/** Not so when only their sides touch. */
export function rectsOverlap<R extends Rect>(a: R, b: R): boolean {
  return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
}

export function rectHas<R extends Rect>(outer: R, inner: R): boolean {
  return (
    inner.x >= outer.x &&
    inner.y >= outer.y &&
    inner.x + inner.w <= outer.x + outer.w &&
    inner.y + inner.h <= outer.y + outer.h
  );
}

export function rectHasPoint(r: BoardRect, p: BoardPoint): boolean {
  return p.x >= r.x && p.x <= r.x + r.w && p.y >= r.y && p.y <= r.y + r.h;
}

export function growRect(r: BoardRect, by: number): BoardRect {
  return { x: r.x - by, y: r.y - by, w: Math.max(0, r.w + 2 * by), h: Math.max(0, r.h + 2 * by) };
}

export function moveRect(r: BoardRect, dx: number, dy: number): BoardRect {
  return { x: r.x + dx, y: r.y + dy, w: r.w, h: r.h };
}

export function centreOf(r: BoardRect): BoardPoint {
  return { x: r.x + r.w / 2, y: r.y + r.h / 2 };
}

export function unionRect(a: BoardRect, b: BoardRect): BoardRect {
  const x = Math.min(a.x, b.x);
  const y = Math.min(a.y, b.y);
  return { x, y, w: Math.max(a.x + a.w, b.x + b.w) - x, h: Math.max(a.y + a.h, b.y + b.h) - y };
}

/** The smallest rectangle around all; null for none. */
export function boundsOf(rects: Iterable<BoardRect>): BoardRect | null {
  let bounds: BoardRect | null = null;
  for (const r of rects) bounds = bounds === null ? r : unionRect(bounds, r);
  return bounds;
}

export function overlapOf(a: BoardRect, b: BoardRect): BoardRect | null {
  const x = Math.max(a.x, b.x);
  const y = Math.max(a.y, b.y);
  const w = Math.min(a.x + a.w, b.x + b.w) - x;
  const h = Math.min(a.y + a.h, b.y + b.h) - y;
  return w > 0 && h > 0 ? { x, y, w, h } : null;
}

/** 0 for none. */
export function areaOf(rect: BoardRect | null): number {
  return rect === null ? 0 : rect.w * rect.h;
}
