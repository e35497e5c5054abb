// Chapters as the frames suggest them that the speaker went to: by the buttons, or by looking at one long enough. Pure.

import type { Ms, ObjectId } from "../engine/types.ts";
import { areaOf, overlapOf } from "../geom/rect.ts";
import type { BoardRect } from "../geom/types.ts";
import type { Chapter } from "../state/tracks.ts";
import type { TimelineEvent } from "./timeline.ts";

/** A look shorter than this is on the way to somewhere. */
const STAY_MS = 4000;
/** Of the view, or of the frame, that the other must fill. */
const SHARE = 0.55;

export interface FrameSeen {
  readonly id: ObjectId;
  readonly title: string;
  readonly rect: BoardRect;
}

/** The frame that a view is about: it is most of the view, or the only one that is seen nearly whole. */
export function frameIn(view: BoardRect, frames: readonly FrameSeen[]): FrameSeen | null {
  const seen = frames.map((frame) => ({ frame, shared: areaOf(overlapOf(view, frame.rect)) }));
  const filling = seen.find(({ shared }) => shared >= SHARE * areaOf(view));
  if (filling) return filling.frame;
  const whole = seen.filter(({ frame, shared }) => shared > 0 && shared >= SHARE * areaOf(frame.rect));
  return whole.length === 1 ? whole[0]!.frame : null;
}

/** `events` in recorded time, up to `lengthMs`. The first chapter begins at 0, if there is any. */
export function proposeChapters(
  events: readonly TimelineEvent[],
  lengthMs: Ms,
  frames: readonly FrameSeen[],
): readonly Chapter[] {
  const visits: { readonly at: Ms; readonly frame: FrameSeen; readonly meant: boolean }[] = [];
  for (const event of events) {
    const meant = event.is === "slide";
    const frame = meant
      ? (frames.find(({ id }) => id === event.frame) ?? null)
      : event.is === "view"
        ? frameIn(event.rect, frames)
        : null;
    if (frame === null) continue;
    const last = visits.at(-1);
    if (last?.frame.id !== frame.id) visits.push({ at: event.at, frame, meant });
    else if (meant && !last.meant) visits[visits.length - 1] = { ...last, meant };
  }
  const stays = visits.filter(({ at, meant }, i) => meant || (visits[i + 1]?.at ?? lengthMs) - at >= STAY_MS);
  const chapters = stays
    .filter(({ frame }, i) => stays[i - 1]?.frame.id !== frame.id && frame.title !== "")
    .map(({ at, frame }, i): Chapter => ({ atMs: i === 0 ? (0 as Ms) : at, title: frame.title }));
  return chapters.length > 1 ? chapters : [];
}
