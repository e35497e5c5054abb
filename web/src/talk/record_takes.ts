// Takes as they come to be: a new one, one that was left on this device, or a track that this guest began on another.

import type { Choice } from "../state/recording.ts";
import type { Source, Take, TakeStore } from "../state/takes.ts";
import type { Track, TrackDesk } from "../state/tracks.ts";
import { droppedBy } from "./record_cuts.ts";

export function sourceOf(type: string): Source {
  if (type === "") return "none";
  return type.startsWith("video/") ? "camera" : "microphone";
}

export function newTake(takes: TakeStore, title: string, choice: Choice): Promise<Take> {
  const { source, rehearsal } = choice;
  return takes.make({ title, source, rehearsal });
}

/** The track with no segment open: one that was left so on another device is finished as it stands. */
async function settled(track: Track, desk: TrackDesk): Promise<Track> {
  const open = track.segments.find(({ state }) => state === "open");
  return open === undefined ? track : desk.finishSegment(track.track, open.segment, open.lengthMs, null);
}

/** This device's take of a track, made from what the server has when there is none. Null when another page has it. */
export async function takeOf(found: Track, takes: TakeStore, desk: TrackDesk): Promise<Take | null> {
  const own = await takes.of(found.track);
  if (own !== null) {
    if (!(await takes.hold(own.take))) return null;
    // What was changed here before it was published elsewhere is of another time.
    const { drafted } = own;
    const stale = isElsewhere(own) && drafted !== null && drafted.published !== (found.state === "finished");
    if (!stale) return own;
    await takes.drop(own.take);
  }
  const track = await settled(found, desk);
  const source = sourceOf(track.segments.at(-1)?.type ?? "");
  const made = await takes.make({ title: track.title, source, rehearsal: false });
  let take = await takes.change(made.take, { track: track.track, dropped: droppedBy(track.cuts) });
  for (const { segment, type, state, lengthMs } of track.segments) {
    take = await takes.addSegment(made.take, { type, number: segment, lengthMs, over: true, sent: state === "done" });
  }
  return take;
}

/** Nothing of it is on this device alone. */
export function isElsewhere(take: Take): boolean {
  return take.track !== null && take.segments.every(({ sent }) => sent);
}

/** A take whose recorder is gone is over as far as it was kept. */
export async function closeSegments(take: Take, takes: TakeStore): Promise<Take> {
  let closed = take;
  for (const [index, { over }] of take.segments.entries()) {
    if (!over) closed = await takes.changeSegment(take.take, index, { over: true });
  }
  return closed;
}

export function bytesOf(take: Take | null): number {
  return take?.segments.reduce((sum, { bytes }) => sum + bytes, 0) ?? 0;
}
