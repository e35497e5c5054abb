// Outlines of the basic shapes inside a rectangle: corner points, and whether a point lies inside. Pure.

import type { BoardPoint, BoardRect } from "./types.ts";

/** Numbers of schema.def's SHAPE field. */
export const ShapeForm = { RECTANGLE: 0, ROUNDED: 1, ELLIPSE: 2, DIAMOND: 3, TRIANGLE: 4 } as const;

/** Corner points of the straight-edged forms; rectangle for those without any of their own. */
export function cornersOf(form: number, r: BoardRect): readonly BoardPoint[] {
  const { x, y, w, h } = r;
  switch (form) {
    case ShapeForm.DIAMOND:
      return [
        { x: x + w / 2, y },
        { x: x + w, y: y + h / 2 },
        { x: x + w / 2, y: y + h },
        { x, y: y + h / 2 },
      ];
    case ShapeForm.TRIANGLE:
      return [
        { x: x + w / 2, y },
        { x: x + w, y: y + h },
        { x, y: y + h },
      ];
    default:
      return [
        { x, y },
        { x: x + w, y },
        { x: x + w, y: y + h },
        { x, y: y + h },
      ];
  }
}

export function formHasPoint(form: number, r: BoardRect, p: BoardPoint): boolean {
  if (form === ShapeForm.ELLIPSE) {
    const nx = (p.x - r.x - r.w / 2) / Math.max(1e-9, r.w / 2);
    const ny = (p.y - r.y - r.h / 2) / Math.max(1e-9, r.h / 2);
    return nx * nx + ny * ny <= 1;
  }
  return polygonHasPoint(cornersOf(form, r), p);
}

function polygonHasPoint(corners: readonly BoardPoint[], p: BoardPoint): boolean {
  let inside = false;
  for (let i = 0, j = corners.length - 1; i < corners.length; j = i++) {
    const a = corners[i];
    const b = corners[j];
    if (a === undefined || b === undefined) continue;
    const crosses = a.y > p.y !== b.y > p.y;
    if (crosses && p.x < ((b.x - a.x) * (p.y - a.y)) / (b.y - a.y) + a.x) inside = !inside;
  }
  return inside;
}

/** Where text may stand inside a form, so that it does not cross the outline. */
export function textAreaOf(form: number, r: BoardRect): BoardRect {
  const { x, y, w, h } = r;
  switch (form) {
    case ShapeForm.ELLIPSE:
      return { x: x + w * 0.147, y: y + h * 0.147, w: w * 0.706, h: h * 0.706 };
    case ShapeForm.DIAMOND:
      return { x: x + w * 0.25, y: y + h * 0.25, w: w * 0.5, h: h * 0.5 };
    case ShapeForm.TRIANGLE:
      return { x: x + w * 0.25, y: y + h * 0.5, w: w * 0.5, h: h * 0.46 };
    default:
      return r;
  }
}
