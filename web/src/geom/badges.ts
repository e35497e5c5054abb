// Where an object's badges stand: a row of pills over its lower right corner, in board units. Pure, so that what is drawn
// and what is pressed are the same.

import type { BoardRect } from "./types.ts";

export const BADGE_H = 20;
export const BADGE_PAD = 7;
export const BADGE_MARK = 15; // the width a reaction's sign takes
export const BADGE_GAP = 4; // between the sign and its number
/** Zoomed out further, badges are too small to read or to press. */
export const BADGE_ZOOM_MIN = 0.3;

const BETWEEN = 3;
const OVER = { right: 7, bottom: 8 } as const; // how far the row reaches beyond the corner
const DIGIT = 7.4;

function widthOf(count: number): number {
  return 2 * BADGE_PAD + BADGE_MARK + BADGE_GAP + DIGIT * String(count).length;
}

/** One rectangle for each count that has room, in order from left to right: as many as fit the object's width, and at
 *  least the first. */
export function badgeRow(object: BoardRect, counts: readonly number[]): readonly BoardRect[] {
  const room = object.w + OVER.right;
  const widths: number[] = [];
  let used = 0;
  for (const count of counts) {
    const w = widthOf(count) + (widths.length > 0 ? BETWEEN : 0);
    if (widths.length > 0 && used + w > room) break;
    used += w;
    widths.push(widthOf(count));
  }
  let x = object.x + object.w + OVER.right - used;
  const y = object.y + object.h + OVER.bottom - BADGE_H;
  return widths.map((w) => {
    const rect = { x, y, w, h: BADGE_H };
    x += w + BETWEEN;
    return rect;
  });
}
