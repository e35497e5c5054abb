// Which parts of a take are played: everything, less what was said again, less what is trimmed off. Pure.

import type { Ms } from "../engine/types.ts";
import type { TakeCuts } from "../state/takes.ts";

/** A part shorter than this is not worth a jump. */
const PART_MS_MIN = 100;

/** `parts` without what lies from `from` to `to`. */
export function without(parts: TakeCuts, [from, to]: readonly [Ms, Ms]): TakeCuts {
  return parts.flatMap(([begin, end]): TakeCuts => {
    if (to <= begin || from >= end) return [[begin, end]];
    const left: TakeCuts = [
      [begin, from],
      [to, end],
    ];
    return left.filter(([a, b]) => b - a >= PART_MS_MIN);
  });
}

/** What is played of a take of this length. */
export function playedParts(lengthMs: Ms, dropped: TakeCuts, from: Ms, to: Ms): TakeCuts {
  const begin = Math.max(0, from) as Ms;
  const end = Math.min(lengthMs, to) as Ms;
  if (end - begin < PART_MS_MIN) return [];
  return dropped.reduce(without, [[begin, end]] as TakeCuts);
}

export function playedLength(parts: TakeCuts): Ms {
  return parts.reduce((sum, [from, to]) => sum + (to - from), 0) as Ms;
}

/** What of a take these cuts leave out, between their first and their last moment. */
export function droppedBy(cuts: TakeCuts): TakeCuts {
  const sorted = [...cuts].sort((a, b) => a[0] - b[0]);
  return sorted.slice(1).flatMap(([from], i): TakeCuts => {
    const before = sorted[i]![1];
    return from > before ? [[before, from]] : [];
  });
}
