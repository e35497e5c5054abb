// What a player needs of a track before it plays: its timelines as paths and acts, by segment, and its captions. A
// timeline that cannot be had leaves the camera where it is: what was said can still be heard.

import type { Ms } from "../engine/types.ts";
import type { CaptionLine } from "../state/playing.ts";
import type { Segment, Track, TrackDesk } from "../state/tracks.ts";
import { createCameraPath, type CameraPath } from "./camera_path.ts";
import { linesFrom, typedLines, type Line } from "./captions.ts";
import { isPlayed, piecesOf, playedAt, type Piece } from "./cuts.ts";
import { createActs, type Acts } from "./player_stage.ts";
import { decodeEvents, type TimelineEvent } from "./timeline.ts";

export interface Loaded {
  readonly segment: Segment;
  readonly path: CameraPath;
  readonly acts: Acts;
  readonly events: readonly TimelineEvent[];
}

export interface LoadedTrack {
  readonly track: Track;
  readonly pieces: readonly Piece[];
  readonly segments: ReadonlyMap<number, Loaded>;
  /** In recorded time: those that were written for the track, or else those that were typed while it was recorded. */
  readonly lines: readonly Line[];
}

async function eventsOf(desk: TrackDesk, track: string, segment: number): Promise<readonly TimelineEvent[]> {
  try {
    return decodeEvents(await desk.timeline(track, segment));
  } catch (error) {
    console.warn(error);
    return [];
  }
}

/** Rejects with the desk's TrackError for a track that is not there for this person. */
export async function loadTrack(desk: TrackDesk, id: string): Promise<LoadedTrack> {
  const track = await desk.get(id);
  const pieces = piecesOf(track);
  const wanted = track.segments.filter(({ segment }) => pieces.some((piece) => piece.segment === segment));
  const written = track.captions ? desk.captions(id).catch(() => null) : Promise.resolve(null);
  const loaded = await Promise.all(
    wanted.map(async (segment): Promise<Loaded> => {
      const events = await eventsOf(desk, id, segment.segment);
      return { segment, events, path: createCameraPath(events), acts: createActs(events) };
    }),
  );
  const vtt = await written;
  const typed = loaded.flatMap(({ segment, events }) => typedLines(events, segment.fromMs, segment.lengthMs as Ms));
  return {
    track,
    pieces,
    segments: new Map(loaded.map((one) => [one.segment.segment, one])),
    lines: vtt === null ? typed : linesFrom(vtt),
  };
}

/** Of entries whose state was hashed while it was recorded. */
export function recordedHashes({ segments }: LoadedTrack): ReadonlyMap<number, string> {
  const hashes = new Map<number, string>();
  for (const { acts } of segments.values()) {
    for (const { seq, stateHash } of acts.hashed) if (stateHash !== null) hashes.set(seq, stateHash);
  }
  return hashes;
}

/** In played time; a line that reaches over a cut shows where it begins. */
export function captionsOf({ lines, pieces }: LoadedTrack): readonly CaptionLine[] {
  return lines
    .filter(({ from }) => isPlayed(pieces, from))
    .map(({ from, to, text }) => {
      const begin = playedAt(pieces, from);
      return { from: begin, to: (begin + to - from) as Ms, text };
    })
    .sort((a, b) => a.from - b.from);
}
