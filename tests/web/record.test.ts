// Recording talk-tracks, the pure parts: what a timeline keeps, what is played of a take, chapters, captions, and the
// way to a server that fails at random.

import assert from "node:assert/strict";
import { test } from "node:test";
import { signal } from "@preact/signals";
import type { Ms, ObjectId } from "../../web/src/engine/types.ts";
import type { BoardRect } from "../../web/src/geom/types.ts";
import type { Sent } from "../../web/src/state/recording.ts";
import { pausesBefore, type Cue, type Draft, type Take, type TakeStore } from "../../web/src/state/takes.ts";
import { TrackError, type Stream, type Track, type TrackDesk } from "../../web/src/state/tracks.ts";
import { linesFrom } from "../../web/src/talk/captions.ts";
import { vttOf } from "../../web/src/talk/record_captions.ts";
import { frameIn, proposeChapters, type FrameSeen } from "../../web/src/talk/record_chapters.ts";
import { RunClock } from "../../web/src/talk/record_clock.ts";
import { droppedBy, playedLength, playedParts, serverTime } from "../../web/src/talk/record_cuts.ts";
import { EventTape } from "../../web/src/talk/record_events.ts";
import { Parting } from "../../web/src/talk/record_parting.ts";
import { goneOn } from "../../web/src/talk/record_review.ts";
import { createRoom } from "../../web/src/talk/record_room.ts";
import { createSender, nextStep } from "../../web/src/talk/record_send.ts";
import { decodeEvents, encodeEvents, type TimelineEvent } from "../../web/src/talk/timeline.ts";
import { randomFrom } from "./random.ts";

/** From 0 to 1. */
function chancesFrom(seed: number): () => number {
  const random = randomFrom(seed);
  return () => random(1_000_000) / 1_000_000;
}
const ms = (value: number): Ms => value as Ms;
const rect = (x: number, y = 0, w = 100, h = 50): BoardRect => ({ x, y, w, h });
const id = (text: string): ObjectId => text as ObjectId;

function tapeWith(hash: string | null = null): EventTape {
  return new EventTape({ anchors: (view) => [[id("1.1"), view]], stateHash: () => hash });
}

function views(events: readonly TimelineEvent[]): (TimelineEvent & { readonly is: "view" })[] {
  return events.filter((event) => event.is === "view");
}

test("a moving view is kept at most every 50 ms, and its last place always", () => {
  const tape = tapeWith();
  for (let at = 0; at <= 997; at += 7) tape.view(ms(at), rect(at));
  tape.tick(ms(1060));
  const kept = views(tape.take(ms(1100)));
  assert.ok(kept.length >= 15 && kept.length <= 21, String(kept.length));
  assert.equal(kept[0]!.at, 0);
  assert.equal(kept.at(-1)!.rect.x, 994);
  for (let i = 1; i < kept.length - 1; i++) assert.ok(kept[i]!.at - kept[i - 1]!.at >= 50);
});

test("a view at rest is kept once more, with what stands there; before it moves again, it says until when it rested", () => {
  const tape = tapeWith();
  tape.view(ms(0), rect(0));
  tape.view(ms(400), rect(10));
  for (let at = 450; at < 5000; at += 50) tape.tick(ms(at));
  const rested = views(tape.take(ms(5000)));
  assert.deepEqual(rested.at(-1)!.anchors, [["1.1", rect(10)]]);
  assert.ok(rested.at(-1)!.at <= 700);
  tape.view(ms(6000), rect(500));
  const moved = views(tape.take(ms(6000)));
  assert.deepEqual(moved.map(({ at, rect: shown }) => [at, shown.x]), [[5950, 10], [6000, 500]]);
});

test("objects are named anew when those that were named have moved", () => {
  const tape = tapeWith();
  tape.view(ms(0), rect(0));
  tape.tick(ms(300));
  tape.take(ms(1000));
  tape.anchorsMoved();
  tape.tick(ms(1500));
  tape.tick(ms(1550));
  assert.equal(views(tape.take(ms(1600))).length, 1);
});

test("times never fall, not even from one taking to the next", () => {
  const random = chancesFrom(7);
  const tape = tapeWith("00112233445566ff");
  const all: TimelineEvent[] = [];
  let at = 0;
  let x = 0;
  for (let i = 0; i < 4000; i++) {
    at += Math.floor(random() * 90);
    const roll = random();
    if (roll < 0.4) tape.view(ms(at), rect((x += Math.floor(random() * 20))));
    else if (roll < 0.6) tape.pointer(ms(at), random() < 0.1 ? null : { x: at, y: 1 });
    else if (roll < 0.7) tape.laser(ms(at), { x: at, y: 2 });
    else if (roll < 0.75) tape.click(ms(at), { x: 0, y: 0 });
    else if (roll < 0.85) tape.entry(ms(at), i);
    else if (roll < 0.95) tape.tick(ms(at));
    else all.push(...tape.take(ms(at)));
  }
  all.push(...tape.take(ms(at)));
  for (let i = 1; i < all.length; i++) assert.ok(all[i]!.at >= all[i - 1]!.at, `${all[i - 1]!.at} ${all[i]!.at}`);
  assert.deepEqual(decodeEvents(encodeEvents(all)).length, all.length);
});

test("entries are kept four times a second at most; every ten seconds one with a hash, while the view rests", () => {
  const tape = tapeWith("00112233445566ff");
  tape.view(ms(0), rect(0));
  for (let at = 0; at < 30_000; at += 50) {
    if (at < 12_000) tape.view(ms(at), rect(at));
    tape.entry(ms(at), Math.floor(at / 200));
    tape.tick(ms(at));
  }
  const entries = tape.take(ms(30_000)).filter((event) => event.is === "entry");
  const hashed = entries.filter(({ stateHash }) => stateHash !== null);
  assert.ok(entries.length - hashed.length >= 110 && entries.length - hashed.length <= 121, String(entries.length));
  assert.equal(hashed.length, 2);
  assert.ok(hashed[0]!.at >= 12_000);
  for (const { at, seq } of hashed) assert.equal(seq, Math.floor(at / 200));
});

test("the clock stands still in pauses", () => {
  let now = 100;
  const clock = new RunClock(() => now);
  clock.run();
  now = 600;
  clock.hold();
  now = 5000;
  assert.equal(clock.now(), 500);
  clock.run();
  clock.run();
  now = 5250;
  assert.equal(clock.now(), 750);
});

test("what is played is the take, less what was said again, less what is trimmed", () => {
  const dropped = [[ms(2000), ms(3000)], [ms(2500), ms(4000)]] as const;
  const parts = playedParts(ms(9000), dropped, ms(500), ms(8000));
  assert.deepEqual(parts, [[500, 2000], [4000, 8000]]);
  assert.equal(playedLength(parts), 5500);
  assert.deepEqual(droppedBy(parts), [[2000, 4000]]);
  assert.deepEqual(playedParts(ms(9000), [[ms(0), ms(9000)]], ms(0), ms(9000)), []);
  assert.deepEqual(playedParts(ms(9000), [], ms(3000), ms(3010)), []);
});

test("a moment keeps its segment when the server measures lengths otherwise; ends stay ends", () => {
  const ours = [{ number: 0, lengthMs: ms(3000) }, { number: 2, lengthMs: ms(2000) }];
  const theirs = [
    { segment: 0, fromMs: ms(0), lengthMs: ms(2980) },
    { segment: 1, fromMs: ms(2980), lengthMs: ms(0) }, // opened by a request whose answer was lost
    { segment: 2, fromMs: ms(2980), lengthMs: ms(2030) },
  ];
  const there = (at: number): Ms => serverTime(ms(at), ours, theirs);
  assert.deepEqual([0, 1000, 2990, 3000, 4000, 5000, 9000].map(there), [0, 1000, 2980, 2980, 3980, 5010, 5010]);
});

test("a draft that was worked on keeps what was done when more is recorded", () => {
  const nothing = { title: "Talk", from: ms(0), chapters: [], cues: [], watch: { role: "viewer" }, cover: null } as const;
  const cue = (from: number, text: string): Cue => ({ from: ms(from), to: ms(from + 500), text });
  const worked: Draft = { ...nothing, title: "Mine", to: ms(4000), cues: [cue(100, "mended")], watch: { role: "editor" } };
  const fresh: Draft = { ...nothing, to: ms(9000), cues: [cue(100, "meant"), cue(5000, "new")] };
  const after = goneOn(worked, fresh, ms(4000));
  assert.deepEqual([after.title, after.watch, after.to], ["Mine", { role: "editor" }, 9000]);
  assert.deepEqual(after.cues.map(({ text }) => text), ["mended", "new"]);
  assert.equal(goneOn({ ...worked, to: ms(3000) }, fresh, ms(4000)).to, 3000);
});

const FRAMES: readonly FrameSeen[] = [
  { id: id("1.1"), title: "One", rect: rect(0, 0, 1000, 600) },
  { id: id("1.2"), title: "Two", rect: rect(1200, 0, 1000, 600) },
  { id: id("1.3"), title: "", rect: rect(2400, 0, 1000, 600) },
];

test("chapters come from frames that were gone to, or looked at long enough", () => {
  const view = (at: number, seen: BoardRect): TimelineEvent => ({ at: ms(at), is: "view", rect: seen, anchors: [] });
  const events: TimelineEvent[] = [
    view(0, rect(-50, -50, 1100, 700)),
    view(9000, rect(1150, -50, 1100, 700)), // on the way
    view(9500, rect(2350, -50, 1100, 700)), // has no name
    { at: ms(20_000), is: "slide", frame: id("1.2") },
    view(20_100, rect(1150, -50, 1100, 700)),
    view(21_000, rect(-5000, -5000, 20_000, 12_000)), // everything
  ];
  assert.deepEqual(proposeChapters(events, ms(22_000), FRAMES), [
    { atMs: 0, title: "One" },
    { atMs: 20_000, title: "Two" },
  ]);
  assert.deepEqual(proposeChapters(events.slice(0, 1), ms(22_000), FRAMES), []);
  assert.equal(frameIn(rect(-5000, -5000, 20_000, 12_000), FRAMES), null);
});

test("a part is said again from one of the last pauses, but for one at the very end", () => {
  const pauses = [0, 900, 2_000, 3_000, 4_000, 5_000, 6_000, 7_000, 9_800].map(ms);
  assert.deepEqual(pausesBefore({ pauses }, ms(10_000)), [2_000, 3_000, 4_000, 5_000, 6_000, 7_000]);
  assert.deepEqual(pausesBefore({ pauses }, ms(1_300)), []);
});

test("captions come back from WebVTT as they were typed", () => {
  const cues = [
    { from: ms(0), to: ms(1500), text: "a < b & c" },
    { from: ms(3_661_250), to: ms(3_670_000), text: "两行\nsecond" },
    { from: ms(10), to: ms(10), text: "no time" },
  ];
  const vtt = vttOf(cues);
  assert.match(vtt, /^WEBVTT\n\n00:00:00\.000 --> 00:00:01\.500\n/);
  assert.deepEqual(linesFrom(vtt), cues.slice(0, 2));
});

/** A device's takes, in memory. */
function memoryTakes(): TakeStore {
  let take: Take | null = null;
  const kept = new Map<string, Uint8Array<ArrayBuffer>>();
  const set = async (next: Partial<Take>): Promise<Take> => (take = { ...take!, ...next });
  return {
    spilled: signal(null),
    left: async () => [],
    get: async () => take,
    of: async (track) => (take?.track === track ? take : null),
    hold: async () => true,
    letGo: () => undefined,
    async make(first) {
      return (take = { ...first, board: "b", take: "t", track: null, madeMs: ms(0), pauses: [], dropped: [], segments: [],
        drafted: null, aside: false });
    },
    change: (_take, change) => set(change),
    addSegment: (_take, segment) =>
      set({ segments: [...take!.segments, { number: null, lengthMs: ms(0), over: false, sent: false, bytes: 0, freed: 0,
        chunks: { media: 0, timeline: 0 }, ...segment }] }),
    changeSegment: (_take, index, change) =>
      set({ segments: take!.segments.map((segment, i) => (i === index ? { ...segment, ...change } : segment)) }),
    async keep(_take, stream, chunks, lengthMs) {
      const index = take!.segments.length - 1;
      const last = take!.segments[index]!;
      chunks.forEach((bytes, i) => kept.set(`${index}.${stream}.${last.chunks[stream] + i}`, bytes));
      const counts = { ...last.chunks, [stream]: last.chunks[stream] + chunks.length };
      return set({ segments: take!.segments.map((segment, i) => (i === index ? { ...segment, chunks: counts, lengthMs } : segment)) });
    },
    chunk: async (_take, index, stream, chunk) => kept.get(`${index}.${stream}.${chunk}`) ?? null,
    stream: async () => new Blob(),
    async free(_take, index, count) {
      for (let i = 0; i < count; i++) kept.delete(`${index}.media.${i}`);
      await set({ segments: take!.segments.map((segment, i) => (i === index ? { ...segment, freed: count } : segment)) });
    },
    drop: async () => void (take = null),
  };
}

interface FakeTrack {
  title: string;
  segments: { type: string; open: boolean; lengthMs: Ms; streams: Record<Stream, Uint8Array[]> }[];
}

/** A server that loses requests and answers at random, and forgets nothing that it answered. */
function flakyDesk(random: () => number, trouble: number): { readonly desk: TrackDesk; readonly made: FakeTrack[] } {
  const made: FakeTrack[] = [];
  const tracks = signal<readonly Track[] | null>(null);
  const told = (row: FakeTrack, index: number): Track => ({
    track: String(index), title: row.title, author: 1, madeMs: ms(0), state: "recording", endsMs: null, watch: { role: "viewer" }, cuts: [],
    playedMs: ms(0), chapters: [], captions: false, cover: false, mayEdit: true, views: 0, reach: null,
    segments: row.segments.map(({ type, open, lengthMs, streams }, segment) => ({
      segment, type, state: open ? "open" : "done", fromMs: ms(0), lengthMs, bytes: 0, firstSeq: 0, lastSeq: 0,
      chunks: { media: streams.media.length, timeline: streams.timeline.length },
    })),
  });
  async function across<T>(work: () => T): Promise<T> {
    if (random() < trouble) throw new TrackError("offline");
    const answer = work();
    if (random() < trouble) throw new TrackError("offline"); // done, but nobody hears of it
    return answer;
  }
  const unused = (): never => assert.fail("not part of sending");
  const desk: TrackDesk = {
    tracks,
    limits: signal(null),
    refresh: () => across(() => void (tracks.value = made.map(told))),
    get: (track) => across(() => told(made[Number(track)]!, Number(track))),
    make: (title) => across(() => told(made[made.push({ title, segments: [] }) - 1]!, made.length - 1)),
    openSegment: (track, type) =>
      across(() => {
        const { segments } = made[Number(track)]!;
        for (const segment of segments) segment.open = false;
        return segments.push({ type, open: true, lengthMs: ms(0), streams: { media: [], timeline: [] } }) - 1;
      }),
    put: (track, segment, stream, chunk, bytes) =>
      across(() => {
        const { open, streams } = made[Number(track)]!.segments[segment]!;
        const list = streams[stream];
        if (!open) throw new TrackError("state");
        if (chunk > list.length) throw new TrackError("gap", list.length);
        if (chunk < list.length) assert.deepEqual(list[chunk], bytes);
        else list.push(bytes);
      }),
    finishSegment: (track, segment, lengthMs, chunks) =>
      across(() => {
        const row = made[Number(track)]!.segments[segment]!;
        if (!row.open) throw new TrackError("state");
        assert.deepEqual(chunks, { media: row.streams.media.length, timeline: row.streams.timeline.length });
        Object.assign(row, { open: false, lengthMs });
        return told(made[Number(track)]!, Number(track));
      }),
    change: unused, promised: unused, remove: unused, mediaUrl: unused, timeline: unused, lastWord: unused, captions: unused, putCaptions: unused,
    coverUrl: unused, putCover: unused, progress: unused,
  };
  return { desk, made };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("a take arrives whole and once, whatever the network does, and over reloads", async () => {
  for (let seed = 1; seed <= 40; seed++) {
    const random = chancesFrom(seed);
    const takes = memoryTakes();
    const { desk, made } = flakyDesk(random, 0.25);
    const begin = (): ReturnType<typeof createSender> => createSender({ desk, takes, pause: turn });
    await takes.make({ title: "Talk", source: "microphone", rehearsal: false });
    let sender = begin();
    sender.follow("t");
    const said: Record<Stream, Uint8Array<ArrayBuffer>[]>[] = [];
    for (let segment = 0; segment < 2; segment++) {
      const own: Record<Stream, Uint8Array<ArrayBuffer>[]> = { media: [], timeline: [] };
      said.push(own);
      await takes.addSegment("t", { type: "audio/webm" });
      for (let i = 0; i < 12; i++) {
        const stream: Stream = random() < 0.5 ? "media" : "timeline";
        const bytes = Uint8Array.of(seed, segment, i);
        own[stream].push(bytes);
        await takes.keep("t", stream, [bytes], ms(100 * i));
        sender.nudge();
        if (random() < 0.1) {
          sender.stop(); // the page was closed
          sender = begin();
          sender.follow("t");
        }
        if (random() < 0.5) await turn();
      }
      await takes.changeSegment("t", segment, { over: true, lengthMs: ms(1234) });
    }
    await sender.settled();
    sender.stop();
    const used = made.filter((track) => track.segments.length > 0);
    assert.equal(used.length, 1, `seed ${seed}`);
    const filled = used[0]!.segments.filter(({ streams }) => streams.media.length + streams.timeline.length > 0);
    assert.deepEqual(filled.map(({ streams }) => streams), said, `seed ${seed}`);
    assert.ok(filled.every(({ open }) => !open));
    const here = await Promise.all(said.flatMap(({ media }, index) => media.map((_, i) => takes.chunk("t", index, "media", i))));
    assert.ok(here.every((bytes) => bytes === null), "what arrived made room on the device");
  }
});

test("a page that goes sends what follows on what the server has, and no more than a page may", async () => {
  const takes = memoryTakes();
  await takes.make({ title: "Talk", source: "microphone", rehearsal: false });
  await takes.addSegment("t", { type: "audio/webm" });
  const went: string[] = [];
  const desk = {
    lastWord: async (bytes: Uint8Array) => ({
      send: (...[track, segment, stream, chunk]: [string, number, Stream, number]) =>
        void went.push(`${track}.${segment} ${stream} ${chunk} ${bytes.length}`),
    }),
  };
  const parting = new Parting(desk);
  const keep = async (stream: Stream, size: number): Promise<void> => {
    const bytes = [new Uint8Array(size)];
    await parting.kept(await takes.keep("t", stream, bytes, ms(0)), stream, bytes);
  };
  for (let i = 0; i < 5; i++) await keep("media", 10_000);
  await keep("timeline", 400);
  parting.arrived(0, "media", 2);
  parting.leave("abc", 0, 7, { media: 2, timeline: 0 });
  assert.deepEqual(went.splice(0), ["abc.7 media 2 10000", "abc.7 media 3 10000", "abc.7 media 4 10000", "abc.7 timeline 0 400"]);
  await keep("media", 50_000); // too much beside the others
  await keep("media", 100);
  parting.leave("abc", 0, 7, { media: 5, timeline: 1 });
  assert.deepEqual(went.splice(0), [], "what cannot follow stays");
});

test("there is room for as long as the slowest limit says, and the device counts for a rehearsal alone", () => {
  const limits = signal({ chunkBytes: 1, trackBytes: 500e6, trackMs: ms(3_600_000), freeBytes: 1e9 });
  const take = signal<Take | null>(null);
  const atMs = signal(ms(0));
  const sent = signal<Sent>({ sending: { is: "resting" }, bytes: 0, of: 0 });
  const choice = signal({ source: "camera", rehearsal: false } as const);
  const room = createRoom({ limits, take, sent, choice, atMs });
  assert.equal(room.leftMs.value, 3_600_000);
  const segment = { number: 0, type: "video/webm", over: false, sent: false, chunks: { media: 1, timeline: 1 }, freed: 0 };
  const grown = (bytes: number, lengthMs: number): Take => ({
    board: "b", take: "t", track: "0", title: "", madeMs: ms(0), source: "camera", rehearsal: false, pauses: [], dropped: [],
    drafted: null, aside: false, segments: [{ ...segment, bytes, lengthMs: ms(lengthMs) }],
  });
  take.value = grown(250e6, 600_000);
  atMs.value = ms(600_000);
  const left = room.leftMs.value; // at this rate, less what is spared
  assert.ok(left > 570_000 && left < 600_000, String(left));
  limits.value = { ...limits.value, freeBytes: 30e6 };
  sent.value = { ...sent.value, bytes: 250e6 };
  assert.equal(room.leftMs.value, 0, "it was told before any of this take had arrived");
  limits.value = { ...limits.value };
  assert.ok(room.leftMs.value > 50_000, "it was told anew");
  atMs.value = ms(3_599_000);
  assert.equal(room.leftMs.value, 1000);
  room.stop();
});

test("what another try cannot change is told, and everything stays", async () => {
  const takes = memoryTakes();
  const { desk } = flakyDesk(() => 1, 0);
  const sender = createSender({ desk: { ...desk, put: () => Promise.reject(new TrackError("quota")) }, takes, pause: turn });
  await takes.make({ title: "Talk", source: "none", rehearsal: false });
  await takes.addSegment("t", { type: "" });
  await takes.keep("t", "timeline", [Uint8Array.of(1)], ms(10));
  sender.follow("t");
  await assert.rejects(sender.settled(), { code: "quota" });
  assert.deepEqual(sender.sent.value.sending, { is: "failed", code: "quota" });
  assert.notEqual(await takes.chunk("t", 0, "timeline", 0), null);
});

test("while another try is waited for, what is recorded meanwhile hurries nothing; hope does", async () => {
  const takes = memoryTakes();
  const { desk } = flakyDesk(() => 1, 0);
  let tried = 0;
  let away = true;
  const put: TrackDesk["put"] = async (...chunk) => {
    tried += 1;
    if (away) throw new TrackError("offline");
    await desk.put(...chunk);
  };
  const sender = createSender({ desk: { ...desk, put }, takes, pause: () => new Promise(() => undefined) });
  await takes.make({ title: "Talk", source: "none", rehearsal: false });
  await takes.addSegment("t", { type: "" });
  const keep = async (): Promise<void> => {
    const bytes = [Uint8Array.of(1)];
    sender.kept(await takes.keep("t", "timeline", bytes, ms(10)), "timeline", bytes);
    await turn();
  };
  await keep();
  sender.follow("t");
  for (let i = 0; i < 5; i++) await turn();
  assert.equal(tried, 1);
  for (let i = 0; i < 5; i++) await keep();
  assert.equal(tried, 1);
  away = false;
  sender.nudge();
  for (let i = 0; i < 20; i++) await turn();
  assert.deepEqual(sender.sent.value.sending, { is: "sent" });
  assert.equal(tried, 7);
  sender.stop();
});

test("a take that is thrown away while its track is made leaves none behind", async () => {
  const takes = memoryTakes();
  const { desk, made } = flakyDesk(() => 1, 0);
  const removed: string[] = [];
  let answer: () => void = () => undefined;
  const slow: TrackDesk = {
    ...desk,
    async make(title) {
      await new Promise<void>((resolve) => (answer = resolve));
      return desk.make(title);
    },
    remove: async (track) => void removed.push(track),
  };
  const sender = createSender({ desk: slow, takes, pause: turn });
  await takes.make({ title: "Talk", source: "none", rehearsal: false });
  sender.follow("t");
  await turn();
  sender.stop();
  await takes.drop("t");
  answer();
  for (let i = 0; i < 5; i++) await turn();
  assert.equal(made.length, 1);
  assert.deepEqual(removed, ["0"]);
});

test("a segment that only the server has is finished as it stands", async () => {
  const takes = memoryTakes();
  await takes.make({ title: "Talk", source: "none", rehearsal: false });
  await takes.change("t", { track: "0" });
  const take = await takes.addSegment("t", { type: "", number: 3, over: true });
  assert.deepEqual(nextStep(take, new Map()), { do: "learn" });
  assert.deepEqual(nextStep(take, new Map([[3, { media: 4, timeline: 9 }]])), { do: "finish", index: 0, number: 3 });
});
