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

interface Timed {
  readonly number: number | null;
  readonly lengthMs: Ms;
}

/** From this device's clock to the server's: it takes a segment's length from the media, some ms more or less. */
export function serverTime(
  ms: Ms,
  segments: readonly Timed[],
  server: readonly { readonly segment: number; readonly fromMs: Ms; readonly lengthMs: Ms }[],
): Ms {
  let begin = 0;
  let last = 0 as Ms;
  for (const [i, { number, lengthMs }] of segments.entries()) {
    const there = server.find(({ segment }) => segment === number);
    if (there !== undefined) {
      last = (there.fromMs + Math.min(there.lengthMs, Math.max(0, Math.round(ms - begin)))) as Ms;
      // The end of a segment is its end there, too, whichever is longer.
      if (ms >= begin + lengthMs) last = (there.fromMs + there.lengthMs) as Ms;
    }
    if (ms < begin + lengthMs || i === segments.length - 1) break;
    begin += lengthMs;
  }
  return last;
}

/** What of a take these cuts leave out, between their first and their last moment. */
export function droppedBy(cuts: TakeCuts): TakeCuts {
  const sorted = [...cuts].sort((a, b) => a[0] - b[0]);
  return sorted.slice(1).flatMap(([from], i): TakeCuts => {
    const before = sorted[i]![1];
    return from > before ? [[before, from]] : [];
  });
}
