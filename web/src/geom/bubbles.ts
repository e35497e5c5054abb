// Where bubbles stand beside what they are about: to the right of it, or else to the left, above or below, clear of each
// other and of what covers the screen. Pure, in screen pixels.

import type { ScreenPoint } from "./types.ts";

export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

export interface Bubble {
  /** Where its pin points; null: it is about nothing that has a place. */
  readonly at: ScreenPoint | null;
  /** The object around it. */
  readonly around: Box | null;
  readonly w: number;
  readonly h: number;
}

const PIN_PX = 30; // a pin stands over its place, to the right
const GAP_PX = 8;
/** Beside those that are there already, in steps of its own height. */
const DODGES = [0, 1, -1, 2, -2, 3, -3] as const;

const has = (room: Box, box: Box): boolean =>
  box.left >= room.left && box.top >= room.top && box.right <= room.right && box.bottom <= room.bottom;

const touch = (a: Box, b: Box): boolean => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;

interface Side {
  readonly x: number;
  readonly y: number;
  /** Above and below it may move along. */
  readonly beside: boolean;
}

/** Outside of the object where there is room; within it, by the pin, where it is larger than the screen. */
function sidesOf(at: ScreenPoint, around: Box | null, w: number, h: number): readonly Side[] {
  const middle = at.y - (PIN_PX + h) / 2;
  const pin: Box = { left: at.x, top: at.y - PIN_PX, right: at.x + PIN_PX, bottom: at.y };
  return (around === null ? [pin] : [around, pin]).flatMap(({ left, top, right, bottom }) => [
    { x: Math.max(right, pin.right) + GAP_PX, y: middle, beside: true },
    { x: left - GAP_PX - w, y: middle, beside: true },
    { x: at.x - GAP_PX, y: Math.min(top, pin.top) - GAP_PX - h, beside: false },
    { x: at.x - GAP_PX, y: bottom + GAP_PX, beside: false },
  ]);
}

/** Null for one whose place is not in `free`, or that has no room there. Earlier ones choose first. */
export function placeBubbles(bubbles: readonly Bubble[], free: Box): readonly (ScreenPoint | null)[] {
  const taken: Box[] = [];
  return bubbles.map(({ at, around, w, h }) => {
    if (at === null || !has(free, { left: at.x, top: at.y, right: at.x, bottom: at.y })) return null;
    for (const side of sidesOf(at, around, w, h)) {
      for (const dodge of DODGES) {
        const left = Math.round(side.beside ? side.x : Math.max(free.left, Math.min(free.right - w, side.x)));
        const top = Math.round(side.y + dodge * (h + GAP_PX));
        const box = { left, top, right: left + w, bottom: top + h };
        if (!has(free, box) || taken.some((other) => touch(other, box))) continue;
        taken.push(box);
        return { x: left, y: top };
      }
    }
    return null;
  });
}
