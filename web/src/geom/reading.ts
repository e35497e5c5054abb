// Reading order: rows from top to bottom, left to right inside a row. Pure.
// Two things stand in one row when the middle of the later one lies within the height of the row's first.

import type { BoardRect } from "./types.ts";

export function readingOrder<T>(items: readonly T[], rectOf: (item: T) => BoardRect): readonly T[] {
  const placed = items.map((item) => ({ item, rect: rectOf(item) }));
  placed.sort((a, b) => a.rect.y - b.rect.y || a.rect.x - b.rect.x);
  const rows: (typeof placed)[] = [];
  for (const entry of placed) {
    const row = rows.at(-1);
    const first = row?.[0]?.rect;
    const middle = entry.rect.y + entry.rect.h / 2;
    if (row !== undefined && first !== undefined && middle < first.y + first.h) row.push(entry);
    else rows.push([entry]);
  }
  return rows.flatMap((row) => row.sort((a, b) => a.rect.x - b.rect.x).map((entry) => entry.item));
}
