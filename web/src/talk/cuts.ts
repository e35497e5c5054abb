// Played time and recorded time (SPEC K2, K3): a track's cuts as pieces of its segments, and the way from one time to the
// other. Pure. Pieces follow each other in played time without a gap, and none reaches over the end of a segment.

import type { Ms } from "../engine/types.ts";
import type { Track } from "../state/tracks.ts";

/** A run of one segment that is played as it stands. */
export interface Piece {
  readonly index: number;
  readonly segment: number;
  readonly type: string; // the segment's media, "" for none
  readonly fromMs: Ms; // in the segment's own time
  readonly lengthMs: Ms;
  readonly recordedMs: Ms; // where it begins
  readonly playedMs: Ms; // where it begins
}

type Recorded = Pick<Track, "cuts" | "segments">;

/** Without cuts, what was recorded is played whole. Segments that are still open have nothing to play. */
export function piecesOf({ cuts, segments }: Recorded): readonly Piece[] {
  const done = segments.filter((segment) => segment.state === "done");
  const whole = done.map(({ fromMs, lengthMs }) => [fromMs, fromMs + lengthMs] as const);
  const pieces: Piece[] = [];
  let played = 0;
  for (const [from, to] of cuts.length > 0 ? cuts : whole) {
    for (const { segment, type, fromMs, lengthMs } of done) {
      const begin = Math.max(from, fromMs);
      const length = Math.min(to, fromMs + lengthMs) - begin;
      if (length <= 0) continue;
      pieces.push({
        index: pieces.length,
        segment,
        type,
        fromMs: (begin - fromMs) as Ms,
        lengthMs: length as Ms,
        recordedMs: begin as Ms,
        playedMs: played as Ms,
      });
      played += length;
    }
  }
  return pieces;
}

export function lengthOf(pieces: readonly Piece[]): Ms {
  const last = pieces.at(-1);
  return (last ? last.playedMs + last.lengthMs : 0) as Ms;
}

/** The piece that plays at this time; the last one from its end on. Null when there is nothing to play. */
export function pieceAt(pieces: readonly Piece[], played: Ms): Piece | null {
  return pieces.findLast((piece) => piece.playedMs <= played) ?? pieces[0] ?? null;
}

export function recordedAt(pieces: readonly Piece[], played: Ms): Ms {
  const piece = pieceAt(pieces, played);
  if (!piece) return 0 as Ms;
  const within = Math.min(piece.lengthMs, Math.max(0, played - piece.playedMs));
  return (piece.recordedMs + within) as Ms;
}

/** Where a moment is played: itself, or when it was cut out, what follows it. */
export function playedAt(pieces: readonly Piece[], recorded: Ms): Ms {
  const within = pieces.find(({ recordedMs, lengthMs }) => recorded >= recordedMs && recorded < recordedMs + lengthMs);
  if (within) return (within.playedMs + recorded - within.recordedMs) as Ms;
  let next: Piece | null = null;
  for (const piece of pieces) {
    if (piece.recordedMs >= recorded && (!next || piece.recordedMs < next.recordedMs)) next = piece;
  }
  return next ? next.playedMs : lengthOf(pieces);
}

/** Whether a moment is played at all. */
export function isPlayed(pieces: readonly Piece[], recorded: Ms): boolean {
  return pieces.some(({ recordedMs, lengthMs }) => recorded >= recordedMs && recorded <= recordedMs + lengthMs);
}
