// Where bubbles stand beside what they are about: to the right of it, or else to the left, above or below, clear of each
// other and of what covers the screen. Pure, in screen pixels.

import { rectHas, rectsOverlap } from "./rect.ts";
import type { ScreenPoint, ScreenRect } from "./types.ts";

export interface Bubble {
  /** Where its pin points; null: it is about nothing that has a place. */
  readonly at: ScreenPoint | null;
  /** The object around it. */
  readonly around: ScreenRect | null;
  readonly w: number;
  readonly h: number;
}

const PIN_PX = 30; // a pin stands over its place, to the right
const GAP_PX = 8;
/** Beside those that are there already, in steps of its own height. */
const DODGES = [0, 1, -1, 2, -2, 3, -3] as const;

interface Side {
  readonly x: number;
  readonly y: number;
  /** Above and below it may move along. */
  readonly beside: boolean;
}

/** Outside of the object where there is room; within it, by the pin, where it is larger than the screen. */
function sidesOf(at: ScreenPoint, around: ScreenRect | null, w: number, h: number): readonly Side[] {
  const middle = at.y - (PIN_PX + h) / 2;
  const pin: ScreenRect = { x: at.x, y: at.y - PIN_PX, w: PIN_PX, h: PIN_PX };
  return (around === null ? [pin] : [around, pin]).flatMap((rect) => [
    { x: Math.max(rect.x + rect.w, pin.x + pin.w) + GAP_PX, y: middle, beside: true },
    { x: rect.x - GAP_PX - w, y: middle, beside: true },
    { x: at.x - GAP_PX, y: Math.min(rect.y, pin.y) - GAP_PX - h, beside: false },
    { x: at.x - GAP_PX, y: rect.y + rect.h + GAP_PX, beside: false },
  ]);
}

/** Null for one whose place is not in `free`, or that has no room there. Earlier ones choose first. */
export function placeBubbles(bubbles: readonly Bubble[], free: ScreenRect): readonly (ScreenPoint | null)[] {
  const taken: ScreenRect[] = [];
  return bubbles.map(({ at, around, w, h }) => {
    if (at === null || !rectHas(free, { x: at.x, y: at.y, w: 0, h: 0 })) return null;
    for (const side of sidesOf(at, around, w, h)) {
      for (const dodge of DODGES) {
        const x = Math.round(side.beside ? side.x : Math.max(free.x, Math.min(free.x + free.w - w, side.x)));
        const y = Math.round(side.y + dodge * (h + GAP_PX));
        const rect = { x, y, w, h };
        if (!rectHas(free, rect) || taken.some((other) => rectsOverlap(other, rect))) continue;
        taken.push(rect);
        return { x, y };
      }
    }
    return null;
  });
}
