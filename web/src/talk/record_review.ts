// A take that is being made ready: what it holds, as it is read from this device or from the server; where its media are;
// its draft; and its publishing. Everything here can be done again when it failed half way.

import type { Ms, ObjectId } from "../engine/types.ts";
import { boundsOf, growRect, rectHas } from "../geom/rect.ts";
import type { BoardRect } from "../geom/types.ts";
import { fitted } from "../state/camera.ts";
import { textOf } from "../state/read.ts";
import { slidesOf } from "../state/slides.ts";
import { lengthOf, startOf, type Cue, type Draft, type Take, type TakeStore } from "../state/takes.ts";
import { TrackError, type Track, type TrackDesk } from "../state/tracks.ts";
import type { BoardStore } from "../state/types.ts";
import { linesFrom, typedLines } from "./captions.ts";
import { placeCard } from "./record_card.ts";
import { vttOf } from "./record_captions.ts";
import { proposeChapters, type FrameSeen } from "./record_chapters.ts";
import { playedLength, playedParts, serverTime } from "./record_cuts.ts";
import { decodeEvents, type TimelineEvent } from "./timeline.ts";

/** Around what a cover shows, of its longer side. */
const COVER_MARGIN = 0.06;

/** A take as it can be looked at. */
export interface Reel {
  readonly take: Take;
  readonly lengthMs: Ms;
  /** All segments', in recorded time. */
  readonly events: readonly TimelineEvent[];
}

async function eventsOf(
  take: Take,
  index: number,
  takes: TakeStore,
  desk: TrackDesk,
): Promise<readonly TimelineEvent[]> {
  const { number, chunks } = take.segments[index]!;
  if (chunks.timeline === 0 && take.track !== null && number !== null) {
    return decodeEvents(await desk.timeline(take.track, number));
  }
  const kept = await takes.stream(take.take, index, "timeline");
  return decodeEvents(new Uint8Array(await kept.arrayBuffer()));
}

export async function openReel(take: Take, takes: TakeStore, desk: TrackDesk): Promise<Reel> {
  const events: TimelineEvent[] = [];
  for (const index of take.segments.keys()) {
    const from = startOf(take.segments, index);
    const own = await eventsOf(take, index, takes, desk).catch(() => []); // a broken timeline spoils suggestions only
    for (const event of own) events.push({ ...event, at: (event.at + from) as Ms });
  }
  return { take, lengthMs: lengthOf(take), events };
}

/** Where the speaker looked at `ms`. */
export function viewAt(reel: Reel, ms: Ms): BoardRect | null {
  const views = reel.events.filter((event) => event.is === "view");
  return (views.findLast(({ at }) => at <= ms) ?? views[0])?.rect ?? null;
}

/** What there is to see in a view, without the emptiness around it. */
export function contentOf({ scene }: BoardStore, view: BoardRect): BoardRect {
  const inside = scene.inOrder(view).map((object) => scene.rectOf(object));
  const bounds = boundsOf(inside.filter((rect) => rectHas(view, rect)));
  return bounds === null ? view : growRect(bounds, Math.max(bounds.w, bounds.h) * COVER_MARGIN);
}

export function framesOf(store: BoardStore): readonly FrameSeen[] {
  return slidesOf(store.scene).map((view) => ({ id: view.id, title: textOf(view), rect: store.scene.rectOf(view) }));
}

export function typedCues(reel: Reel): readonly Cue[] {
  return reel.take.segments.flatMap(({ lengthMs }, i) => {
    const from = startOf(reel.take.segments, i);
    const own = reel.events.filter(({ at }) => at >= from && at < from + lengthMs);
    const within = own.map((event) => ({ ...event, at: (event.at - from) as Ms }));
    return typedLines(within, from, lengthMs);
  });
}

/** What is suggested for a take, or what its track says already. */
export async function draftOf(reel: Reel, store: BoardStore, track: Track | null): Promise<Draft> {
  const { take, lengthMs } = reel;
  const chapters = proposeChapters(reel.events, lengthMs, framesOf(store));
  const known = track !== null && track.captions ? await store.tracks.captions(track.track).catch(() => null) : null;
  return {
    title: track?.title ?? take.title,
    from: track?.cuts[0]?.[0] ?? (0 as Ms),
    to: track?.cuts.at(-1)?.[1] ?? lengthMs,
    chapters: track !== null && track.chapters.length > 0 ? track.chapters : chapters,
    cues: known === null ? typedCues(reel) : linesFrom(known),
    watch: track?.watch ?? { role: "viewer" },
    cover: null,
  };
}

/** A draft that was worked on before more was recorded: it stays, and what came after `lengthMs` is added. */
export function goneOn(draft: Draft, fresh: Draft, lengthMs: Ms): Draft {
  return {
    ...draft,
    to: draft.to >= lengthMs ? fresh.to : draft.to,
    chapters: [...draft.chapters, ...fresh.chapters.filter(({ atMs }) => atMs >= lengthMs)],
    cues: [...draft.cues, ...fresh.cues.filter(({ from }) => from >= lengthMs)],
  };
}

/** Where a take's media are. */
export interface MediaPlaces {
  readonly takes: TakeStore;
  readonly desk: TrackDesk;
  /** Resolves when the server has all of the take, which it then can play. */
  settled(): Promise<void>;
}

/** One segment's media as an address: this device's own while it has all of it, the server's otherwise. */
export async function mediaOf(
  reel: Reel,
  index: number,
  { takes, desk, settled }: MediaPlaces,
): Promise<{ readonly url: string; close(): void } | null> {
  const type = reel.take.segments[index]?.type ?? "";
  if (type === "") return null;
  const own = await takes.get(reel.take.take);
  if ((own?.segments[index]?.freed ?? 0) > 0) await settled();
  const take = (await takes.get(reel.take.take)) ?? reel.take;
  const segment = take.segments[index]!;
  if (segment.chunks.media > 0 && segment.freed === 0) {
    const kept = await takes.stream(take.take, index, "media");
    const url = URL.createObjectURL(kept.slice(0, kept.size, segment.type));
    return { url, close: () => URL.revokeObjectURL(url) };
  }
  if (take.track === null || segment.number === null) return null;
  return { url: desk.mediaUrl(take.track, segment.number), close: () => undefined };
}

/** Tells the server what a draft says, when all of the take is there. `before`: what it was told already. */
export async function sendDraft(
  reel: Reel,
  draft: Draft,
  store: BoardStore,
  before: Draft | null,
  state?: "finished",
): Promise<Track> {
  const { take, lengthMs } = reel;
  const { tracks: desk } = store;
  if (take.track === null) throw new TrackError("not_found");
  const { segments, captions } = await desk.get(take.track);
  const there = (ms: Ms): Ms => serverTime(ms, take.segments, segments);
  const parts = playedParts(lengthMs, take.dropped, draft.from, draft.to);
  const whole = parts.length === 1 && playedLength(parts) === lengthMs;
  const cuts = whole ? [] : parts.map(([from, to]) => [there(from), there(to)] as const);
  const named = draft.chapters.filter(({ title }) => title.trim() !== "");
  const chapters = named.map(({ atMs, title }) => ({ atMs: there(atMs), title: title.trim() }));
  const cues = draft.cues.map(({ from, to, text }) => ({ from: there(from), to: there(to), text }));
  const { title, watch, cover } = draft;
  if (cover !== null && cover !== before?.cover) await desk.putCover(take.track, cover);
  if ((cues.length > 0 || captions) && draft.cues !== before?.cues) await desk.putCaptions(take.track, vttOf(cues));
  return desk.change(take.track, {
    watch,
    chapters,
    ...(title.trim() !== "" && { title }),
    ...(parts.length > 0 && { cuts }), // none are no cuts to the server
    ...(state && { state }),
  });
}

/** All of the take is with the server. Returns its card. */
export async function publishTake(reel: Reel, draft: Draft, store: BoardStore): Promise<ObjectId | null> {
  const { track, title, playedMs } = await sendDraft(reel, draft, store, null, "finished");
  return placeCard(store, track, title, playedMs);
}

/** The camera that shows what the speaker framed, in a window of another size. */
export function showView(store: BoardStore, rect: BoardRect): void {
  store.camera.value = fitted(rect, store.viewport.peek(), 0, Infinity);
}
