// Snapping: which small shift lines a moving rectangle up with its neighbours, and the guide lines that show it.
// A pure kernel: rectangles in, a shift and lines out. Which neighbours count is the caller's choice.

import type { BoardRect } from "./types.ts";

export interface GuideLine {
  readonly axis: "x" | "y";
  /** The coordinate all meet at: x for a vertical line, y for a horizontal one. */
  readonly at: number;
  readonly from: number;
  readonly to: number;
}

export interface Snap {
  readonly dx: number;
  readonly dy: number;
  readonly guides: readonly GuideLine[];
}

interface AxisSpan {
  readonly start: number;
  readonly end: number;
  readonly crossStart: number;
  readonly crossEnd: number;
}

function spanOf(r: BoardRect, axis: "x" | "y"): AxisSpan {
  return axis === "x"
    ? { start: r.x, end: r.x + r.w, crossStart: r.y, crossEnd: r.y + r.h }
    : { start: r.y, end: r.y + r.h, crossStart: r.x, crossEnd: r.x + r.w };
}

function marksOf(s: AxisSpan): readonly number[] {
  return [s.start, (s.start + s.end) / 2, s.end];
}

/** The smallest shift along one axis within reach, over the marks that may move. */
function bestShift(
  marks: readonly number[],
  others: readonly AxisSpan[],
  reach: number,
): number | null {
  let best: number | null = null;
  for (const other of others) {
    for (const theirs of marksOf(other)) {
      for (const ours of marks) {
        const shift = theirs - ours;
        if (Math.abs(shift) > reach) continue;
        if (best === null || Math.abs(shift) < Math.abs(best)) best = shift;
      }
    }
  }
  return best;
}

function guidesFor(moved: BoardRect, others: readonly BoardRect[], axis: "x" | "y"): GuideLine[] {
  const span = spanOf(moved, axis);
  const lines = new Map<number, GuideLine>();
  for (const other of others) {
    const theirs = spanOf(other, axis);
    for (const mark of marksOf(span)) {
      if (!marksOf(theirs).some((m) => Math.abs(m - mark) < 0.01)) continue;
      const key = Math.round(mark * 100);
      const known = lines.get(key);
      lines.set(key, {
        axis,
        at: mark,
        from: Math.min(known?.from ?? span.crossStart, theirs.crossStart, span.crossStart),
        to: Math.max(known?.to ?? span.crossEnd, theirs.crossEnd, span.crossEnd),
      });
    }
  }
  return [...lines.values()];
}

/** Snap a rectangle that is being moved. */
export function snapMove(moving: BoardRect, others: readonly BoardRect[], reach: number): Snap {
  const shift = (axis: "x" | "y"): number | null =>
    bestShift(marksOf(spanOf(moving, axis)), others.map((o) => spanOf(o, axis)), reach);
  const sx = shift("x");
  const sy = shift("y");
  const at = { x: moving.x + (sx ?? 0), y: moving.y + (sy ?? 0), w: moving.w, h: moving.h };
  return {
    dx: sx ?? 0,
    dy: sy ?? 0,
    guides: [
      ...(sx === null ? [] : guidesFor(at, others, "x")),
      ...(sy === null ? [] : guidesFor(at, others, "y")),
    ],
  };
}

/** Snap one moving edge (of a resize): the shift for that coordinate alone. */
export function snapEdge(
  axis: "x" | "y",
  coordinate: number,
  others: readonly BoardRect[],
  reach: number,
): number {
  return bestShift([coordinate], others.map((o) => spanOf(o, axis)), reach) ?? 0;
}
