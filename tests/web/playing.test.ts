// Watching talk-tracks, the pure parts: played and recorded time, where the speaker looked and where that is today, what
// they did, captions, reactions, the shared clock, the digest.

import assert from "node:assert/strict";
import { test } from "node:test";
import { idOf } from "../../web/src/engine/id.ts";
import type { Ms, ObjectId } from "../../web/src/engine/types.ts";
import { boardToScreen } from "../../web/src/state/camera.ts";
import { wishIn, type Mark } from "../../web/src/state/playing.ts";
import { timeText } from "../../web/src/state/time_text.ts";
import type { Segment, Track, Watchers } from "../../web/src/state/tracks.ts";
import type { GivenLink, Role } from "../../web/src/state/types.ts";
import { createCameraPath, framed, movedTogether, type RectNow } from "../../web/src/talk/camera_path.ts";
import { linesFrom, typedLines } from "../../web/src/talk/captions.ts";
import { isPlayed, lengthOf, pieceAt, piecesOf, playedAt, recordedAt } from "../../web/src/talk/cuts.ts";
import { digestOf, markdownOf } from "../../web/src/talk/digest.ts";
import { filesOf } from "../../web/src/talk/player_export.ts";
import { reactionSub, reactionsIn } from "../../web/src/talk/player_marks.ts";
import { linkToWatch, roleToWatch } from "../../web/src/talk/share_link.ts";
import { createActs, ghostsOf, hintsOf } from "../../web/src/talk/player_stage.ts";
import { decodeEvents, encodeEvents, type TimelineEvent } from "../../web/src/talk/timeline.ts";
import { correctionFor, sharedNow, Step, type SharedClock } from "../../web/src/talk/step.ts";
import { randomFrom, type Random } from "./random.ts";

const ms = (value: number): Ms => value as Ms;
const rect = (x: number, y: number, w = 100, h = 100) => ({ x, y, w, h });

function segment(number: number, fromMs: number, lengthMs: number, state: Segment["state"] = "done"): Segment {
  const chunks = { media: 1, timeline: 1 };
  return {
    segment: number, type: "video/webm", state, fromMs: ms(fromMs), lengthMs: ms(lengthMs), bytes: 1, firstSeq: 1, lastSeq: 9, chunks,
  };
}
const segments = [segment(0, 0, 10_000), segment(1, 10_000, 5_000), segment(2, 15_000, 20_000)];
const cut = (...cuts: readonly (readonly [number, number])[]) =>
  piecesOf({ segments, cuts: cuts.map(([from, to]) => [ms(from), ms(to)] as const) });

test("without cuts, what was recorded plays whole", () => {
  const pieces = cut();
  assert.deepEqual(pieces.map(({ segment: of, fromMs, lengthMs }) => [of, fromMs, lengthMs]), [[0, 0, 10_000], [1, 0, 5_000], [2, 0, 20_000]]);
  assert.equal(lengthOf(pieces), 35_000);
});

test("a cut that reaches over a segment's end plays in both; an open segment plays nothing", () => {
  const pieces = cut([8_000, 16_000], [2_000, 3_000]);
  assert.deepEqual(
    pieces.map(({ segment: of, fromMs, lengthMs, playedMs }) => [of, fromMs, lengthMs, playedMs]),
    [[0, 8_000, 2_000, 0], [1, 0, 5_000, 2_000], [2, 0, 1_000, 7_000], [0, 2_000, 1_000, 8_000]],
  );
  assert.equal(lengthOf(pieces), 9_000);
  assert.deepEqual(piecesOf({ segments: [segment(0, 0, 4_000, "open")], cuts: [] }), []);
});

test("played time leads to recorded time and back, wherever the cuts are", () => {
  for (let seed = 1; seed <= 50; seed++) {
    const random = randomFrom(seed);
    const pieces = cut(...Array.from({ length: 1 + random(5) }, () => {
      const from = random(30_000);
      return [from, from + 100 + random(6_000)] as const;
    }));
    for (let i = 0; i < 40; i++) {
      const played = ms(random(lengthOf(pieces)));
      const recorded = recordedAt(pieces, played);
      assert.ok(isPlayed(pieces, recorded), `seed ${seed}`);
      // Cuts may overlap: the moment is the same, if not the first time it plays.
      assert.equal(recordedAt(pieces, playedAt(pieces, recorded)), recorded, `seed ${seed}`);
    }
  }
});

test("what was cut out leads to what follows it, and what is behind all to the end", () => {
  const pieces = cut([1_000, 2_000], [5_000, 6_000]);
  assert.deepEqual([0, 1_500, 3_000, 5_500, 9_000].map((at) => playedAt(pieces, ms(at))), [0, 500, 1_000, 1_500, 2_000]);
  assert.deepEqual([3_000, 5_500].map((at) => isPlayed(pieces, ms(at))), [false, true]);
  assert.equal(pieceAt([], ms(5)), null);
});

const ids = [1, 2, 3, 4].map((ctr) => idOf(1, ctr));
const places = (now: Readonly<Record<ObjectId, ReturnType<typeof rect> | null>>): RectNow => (id) => now[id] ?? null;
const view = (at: number, x: number, anchors: readonly ObjectId[] = []): TimelineEvent => ({
  at: ms(at), is: "view", rect: rect(x, 0, 1000, 600), anchors: anchors.map((id, i) => [id, rect(x + 100 * i, 50)] as const),
});

test("between two keyframes the view moves evenly, before and behind them it rests", () => {
  const path = createCameraPath([view(0, 0), view(1_000, 500), view(2_000, 500)]);
  assert.deepEqual([0, 250, 1_000, 1_500, 9_000].map((at) => path.viewAt(ms(at))?.x), [0, 125, 500, 500, 500]);
  assert.equal(createCameraPath([]).viewAt(ms(0)), null);
});

test("a frame that was resized has not gone anywhere, and one thing that is left of many leads nowhere", () => {
  const frame = { rect: rect(0, 0, 1000, 600), anchors: [[ids[0]!, rect(0, 0, 800, 400)]] as const };
  assert.deepEqual(movedTogether(frame, places({ [ids[0]!]: rect(0, 0, 1_600, 900) })), { dx: 0, dy: 0 });
  assert.deepEqual(movedTogether(frame, places({ [ids[0]!]: rect(-300, 0, 1_100, 400) })), { dx: 0, dy: 0 });
  assert.deepEqual(ghostsOf(frame.anchors, { dx: 0, dy: 0 }, places({ [ids[0]!]: rect(0, 0, 1_600, 900) })), []);
  const six = Array.from({ length: 6 }, (_, i) => [idOf(9, i + 1), rect(100 * i, 0)] as const);
  assert.equal(movedTogether({ ...frame, anchors: six }, places({ [six[5]![0]]: rect(9_000, 0) })), null);
});

test("a few hints are given; of a board that was rebuilt it is said that it changed", () => {
  const anchors = Array.from({ length: 6 }, (_, i) => [idOf(9, i + 1), rect(100 * i, 0)] as const);
  const left = (n: number): RectNow => places(Object.fromEntries(anchors.slice(0, n).map(([id, then]) => [id, then])));
  const hints = (n: number) => hintsOf(ghostsOf(anchors, { dx: 0, dy: 0 }, left(n)), anchors);
  assert.deepEqual([6, 4, 3].map((n) => [hints(n).ghosts.length, hints(n).changed]), [[0, false], [2, false], [3, false]]);
  assert.deepEqual(hints(2), { ghosts: [], changed: true });
});

test("without motion the view is where the speaker last came to rest, and takes a long way in steps", () => {
  const way = [0, 2_000, ...Array.from({ length: 80 }, (_, i) => 2_050 + 50 * i)];
  const path = createCameraPath(way.map((at, i): TimelineEvent => ({ is: "view", at: ms(at), rect: rect(i < 2 ? 0 : i, 0), anchors: [] })));
  assert.deepEqual([0, 1_999, 2_400].map((at) => path.restAt(ms(at))?.x), [0, 0, 0]);
  const seen = new Set(way.map((at) => path.restAt(ms(at))?.x));
  assert.ok(seen.size > 2 && seen.size < 6, [...seen].join());
  assert.equal(path.restAt(ms(60_000))?.x, 81);
  assert.equal(createCameraPath([]).restAt(ms(5)), null);
});

test("the view goes where most of what it showed has gone, and stays when they went apart", () => {
  const keyframe = { rect: rect(0, 0, 1000, 600), anchors: ids.map((id, i) => [id, rect(100 * i, 0)] as const) };
  const moved = (...by: readonly (number | null)[]) =>
    places(Object.fromEntries(by.map((dx, i) => [ids[i]!, dx === null ? null : rect(100 * i + dx, 0)])));
  assert.deepEqual(movedTogether(keyframe, moved(700, 700, 700, 700)), { dx: 700, dy: 0 });
  assert.deepEqual(movedTogether(keyframe, moved(0, 0, 900, 0)), { dx: 0, dy: 0 });
  assert.deepEqual(movedTogether(keyframe, moved(null, null, 300, null)), { dx: 300, dy: 0 });
  assert.equal(movedTogether(keyframe, moved(0, 200, 400, 600)), null);
  assert.equal(movedTogether(keyframe, moved(null, null, null, null)), null);
});

test("a keyframe that names nothing goes with its neighbours", () => {
  const path = createCameraPath([view(0, 0, [ids[0]!]), view(500, 10), view(1_000, 20, [ids[0]!])]);
  const away = places({ [ids[0]!]: rect(3_000, 50) });
  assert.deepEqual([0, 500, 1_000, 5_000].map((at) => path.shiftAt(ms(at), away).dx), [3_000, 2_990, 2_980, 2_980]);
  assert.deepEqual(createCameraPath([view(0, 0)]).shiftAt(ms(0), away), { dx: 0, dy: 0 });
});

test("whatever the window's shape, what the speaker framed lies in the free part of it", () => {
  for (let seed = 1; seed <= 100; seed++) {
    const random = randomFrom(seed);
    const screen = { w: 320 + random(2_000), h: 480 + random(1_200) };
    const insets = { left: 8 + random(20), right: 8 + random(20), top: 40 + random(60), bottom: 80 + random(120) };
    const seen = rect(random(4_000) - 2_000, random(4_000) - 2_000, 200 + random(3_000), 200 + random(2_000));
    const camera = framed(seen, screen, insets);
    const from = boardToScreen(camera, seen);
    const to = boardToScreen(camera, { x: seen.x + seen.w, y: seen.y + seen.h });
    assert.ok(from.x >= insets.left - 0.01 && from.y >= insets.top - 0.01, `seed ${seed}`);
    assert.ok(to.x <= screen.w - insets.right + 0.01 && to.y <= screen.h - insets.bottom + 0.01, `seed ${seed}`);
  }
});

test("pointer, laser, presses and selection are those of the moment, also after the way over the wire", () => {
  const events: readonly TimelineEvent[] = [
    view(0, 0),
    { at: ms(0), is: "entry", seq: 4, stateHash: "0123456789abcdef" },
    { at: ms(100), is: "pointer", point: { x: 0, y: 0 } },
    { at: ms(150), is: "pointer", point: { x: 10, y: 20 } },
    { at: ms(900), is: "pointer", point: { x: 50, y: 20 } },
    { at: ms(1_000), is: "laser", point: { x: 1, y: 1 } },
    { at: ms(1_050), is: "laser", point: { x: 3, y: 1 } },
    { at: ms(1_100), is: "laser", point: null },
    { at: ms(1_200), is: "click", point: { x: 7, y: 7 } },
    { at: ms(1_300), is: "select", ids: [ids[0]!] },
    { at: ms(1_400), is: "entry", seq: 9, stateHash: null },
    { at: ms(1_500), is: "pointer", point: null },
  ];
  const acts = createActs(decodeEvents(encodeEvents(events)));
  assert.deepEqual(acts.pointerAt(ms(125)), { x: 5, y: 10 });
  assert.deepEqual(acts.pointerAt(ms(600)), { x: 10, y: 20 }); // it stood still, and then it was elsewhere
  assert.equal(acts.pointerAt(ms(1_600)), null);
  assert.deepEqual(acts.laserAt(ms(1_060)).map(({ point }) => point.x), [1, 3, 3]);
  assert.deepEqual(acts.laserAt(ms(5_000)), []);
  assert.deepEqual(acts.clicksAt(ms(1_250)).map(({ point }) => point), [{ x: 7, y: 7 }]);
  assert.deepEqual([acts.selectedAt(ms(1_250)), acts.selectedAt(ms(1_300))], [[], [ids[0]]]);
  assert.deepEqual([0, 1_399, 1_400].map((at) => acts.entryAt(ms(at))), [4, 4, 9]);
  assert.deepEqual(acts.hashed.map(({ seq, stateHash }) => [seq, stateHash]), [[4, "0123456789abcdef"]]);
});

test("what did not come along is hinted at, where it stood and where it is, or gone", () => {
  const anchors = ids.slice(0, 3).map((id, i) => [id, rect(100 * i, 0)] as const);
  const now = places({ [ids[0]!]: rect(500, 0), [ids[1]!]: rect(600, 400) });
  const ghosts = ghostsOf(anchors, { dx: 500, dy: 0 }, now);
  assert.deepEqual(ghosts, [{ rect: rect(600, 0), now: { x: 650, y: 450 } }, { rect: rect(700, 0), now: null }]);
});

test("captions are read from WebVTT, nonsense is left out", () => {
  const vtt = "WEBVTT\r\n\r\nNOTE hello\r\n\r\n1\r\n00:01.000 --> 00:02.500 align:start\r\nHello <b>all</b>\r\nof &amp; you\r\n\r\n"
    + "00:05.000 --> 00:04.000\nbackwards\n\nx --> y\nno times\n\n01:00:00.000 --> 01:00:01.000\nlate\n";
  assert.deepEqual(linesFrom(vtt), [
    { from: 1_000, to: 2_500, text: "Hello all\nof & you" },
    { from: 3_600_000, to: 3_601_000, text: "late" },
  ]);
  assert.equal(timeText(3_725_000), "1:02:05");
});

test("captions typed while recording last until the next, in recorded time", () => {
  const events: readonly TimelineEvent[] = [
    { at: ms(1_000), is: "caption", text: "one" },
    { at: ms(2_000), is: "caption", text: "" },
    { at: ms(4_000), is: "caption", text: "two" },
  ];
  assert.deepEqual(typedLines(events, ms(10_000), ms(5_000)), [
    { from: 11_000, to: 12_000, text: "one" },
    { from: 14_000, to: 15_000, text: "two" },
  ]);
  assert.deepEqual(typedLines([{ at: ms(0), is: "caption", text: "four" }], ms(0), ms(60_000)), [{ from: 0, to: 6_600, text: "four" }]);
});

test("a reaction to a moment is kept by its second, and read back; those to the card are none", () => {
  const sub = reactionSub(ms(61_900), 3);
  assert.equal(sub, 64 * 62 + 3);
  const tally = [[7, sub, 1], [8, sub, 0], [9, 3, 1], "odd"];
  assert.deepEqual(reactionsIn(tally), [{ user: 7, recordedMs: 61_000, reaction: 3 }]);
});

test("a thing's moment is when it was first shown about as well as it ever was", () => {
  const [here, there, never] = [idOf(1, 1), idOf(1, 2), idOf(1, 3)];
  const both = [[here, rect(0, 0, 100, 100)], [there, rect(900, 0, 100, 100)]] as const;
  const path = createCameraPath([
    { at: ms(0), is: "view", rect: rect(0, 0, 1_000, 1_000), anchors: both },
    { at: ms(1_000), is: "view", rect: rect(50, 0, 100, 100), anchors: both },
    { at: ms(2_000), is: "view", rect: rect(-10, -10, 125, 125), anchors: both },
    { at: ms(3_000), is: "view", rect: rect(0, 0, 110, 110), anchors: both },
    { at: ms(4_000), is: "view", rect: rect(800, 0, 1_000, 1_000), anchors: both },
  ]);
  assert.equal(path.shownBest(here)?.at, 3_000);
  assert.equal(path.shownBest(there)?.at, 0);
  assert.equal(path.shownBest(never), null);
});

const clock = (runs: boolean, at: number, rate = 1, srv = 1_000_000): SharedClock => ({ runs, ms: ms(at), rate, srvMs: ms(srv) });

test("the shared position runs with the server's time and its pace, and ends where the track does", () => {
  const now = ms(1_004_000);
  assert.equal(sharedNow(clock(true, 10_000, 1.5), now, ms(60_000)), 16_000);
  assert.equal(sharedNow(clock(false, 10_000), now, ms(60_000)), 10_000);
  assert.equal(sharedNow(clock(true, 59_000), now, ms(60_000)), 60_000);
});

test("a little drift is made up by tempo, much by a jump, and whoever stands still stands where all do", () => {
  const runs = clock(true, 0, 2);
  assert.deepEqual(correctionFor(runs, ms(5_000), ms(3_000)), { is: "jump", to: 5_000 });
  assert.deepEqual(correctionFor(runs, ms(5_000), ms(4_995)), { is: "tempo", rate: 2 });
  assert.deepEqual(correctionFor(runs, ms(5_000), ms(4_500)), { is: "tempo", rate: 2.24 });
  assert.deepEqual(correctionFor(runs, ms(5_000), ms(5_040)), { is: "tempo", rate: 2 * 0.92 });
  assert.deepEqual(correctionFor(clock(false, 5_000), ms(5_000), ms(5_040)), { is: "jump", to: 5_000 });
});

test("drift of up to a second is gone within half a minute, and stays gone", () => {
  const runs = clock(true, 0);
  for (const begin of [-900, -120, 40, 999]) {
    let at = 10_000 + begin;
    let worst = 0;
    for (let t = 0; t < 60_000; t += 250) {
      const correction = correctionFor(runs, ms(10_000 + t), ms(at));
      at += 250 * (correction.is === "tempo" ? correction.rate : 0);
      if (correction.is === "jump") at = correction.to + 250;
      if (t > 30_000) worst = Math.max(worst, Math.abs(10_250 + t - at));
    }
    assert.ok(worst < 50, `${begin}: ${worst}`);
  }
});

/** A reel whose media needs so long to make ready and to start, give or take a third, in time that only this moves. */
class Lab {
  time = 0;
  holds = 0;
  readonly length = ms(600_000);
  wants = false;
  rate = 1;
  private base = 0;
  private since: number | null = null;
  private readyAt = Infinity;
  private held = false;
  private acts: { at: number; act: () => void }[] = [];

  constructor(
    private readonly readyMs: number,
    private readonly startMs: number,
    private readonly random: Random,
  ) {}

  get primed(): boolean {
    return this.held && this.time >= this.readyAt;
  }
  now(): Ms {
    return ms(this.base + (this.since === null ? 0 : Math.max(0, this.time - this.since) * this.rate));
  }
  state(): "paused" | "waiting" | "playing" {
    if (!this.wants) return "paused";
    return this.held ? "waiting" : "playing";
  }
  play(): void {
    this.held = false;
    this.wants = true;
    this.since ??= this.time + this.about(this.startMs);
  }
  pause(): void {
    this.base = this.now();
    this.since = null;
    this.wants = this.held = false;
  }
  seek(to: Ms): void {
    this.base = to;
    this.readyAt = this.time + this.about(this.readyMs);
    if (this.since !== null) this.since = this.readyAt;
  }
  hold(to: Ms): void {
    this.pause();
    this.wants = this.held = true;
    this.holds++;
    this.seek(to);
  }
  setRate(rate: number): void {
    this.base = this.now();
    if (this.since !== null) this.since = Math.max(this.since, this.time);
    this.rate = rate;
  }
  after(wait: number, act: () => void): () => void {
    const job = { at: this.time + wait, act };
    this.acts.push(job);
    return () => (this.acts = this.acts.filter((other) => other !== job));
  }
  run(until: number): void {
    for (; this.time < until; this.time++) {
      const due = this.acts.filter(({ at }) => at <= this.time);
      this.acts = this.acts.filter((job) => !due.includes(job));
      for (const { act } of due) act();
    }
  }
  private about(wait: number): number {
    return wait * (0.67 + this.random(67) / 100);
  }
}

const serverNow = (lab: Lab): Ms => ms(1_000_000 + lab.time);

/** How far behind the clock it plays; null when it does not. */
const behindOf = (lab: Lab, shared: SharedClock): number | null =>
  lab.state() === "playing" ? sharedNow(shared, serverNow(lab), lab.length) - lab.now() : null;

function stepOf(lab: Lab): Step {
  return new Step({
    reel: lab,
    serverNow: () => serverNow(lab),
    moved: () => undefined,
    now: () => lab.time,
    after: (wait, act) => lab.after(wait, act),
  });
}

test("whoever joins is in step after two seconds, however long their machine takes to make ready and to start", () => {
  for (let seed = 1; seed <= 200; seed++) {
    const random = randomFrom(seed);
    const lab = new Lab(random(600), random(150), random);
    const step = stepOf(lab);
    const runs = clock(true, 30_000);
    for (let t = 0; t < 20_000; t += 250) {
      lab.run(t);
      step.keep(runs);
      const behind = behindOf(lab, runs);
      if (t >= 4_000) assert.ok(behind !== null && Math.abs(behind) < 60, `seed ${seed}: ${behind} ms behind at ${t}`);
    }
    assert.ok(lab.holds <= 3, `seed ${seed}: made ready ${lab.holds} times`);
  }
});

test("a clock that changes while one waits for it is gone by at once, and letting go plays on", () => {
  const lab = new Lab(400, 20, randomFrom(1));
  const step = stepOf(lab);
  step.keep(clock(true, 30_000));
  lab.run(100);
  step.keep(clock(false, 50_000));
  lab.run(1_000);
  assert.deepEqual([lab.wants, lab.now()], [false, 50_000]);
  step.keep(clock(true, 10_000, 1, 1_001_000));
  lab.run(1_100);
  const last = clock(true, 90_000, 1, 1_001_050);
  for (let t = 1_100; t <= 5_000; t += 250) {
    lab.run(t);
    step.keep(last);
  }
  assert.ok(Math.abs(behindOf(lab, last) ?? Infinity) < 60);
  step.keep(clock(true, 20_000, 1, 1_003_000));
  assert.equal(lab.state(), "waiting");
  step.letGo();
  assert.equal(lab.state(), "playing");
});

const mark = (at: number, is: Mark["is"], text: string): Mark => ({
  key: `${is}${at}`, at: ms(at), recordedMs: ms(at + 500), is, name: "Zoe", text, hue: 0, object: null, count: 1,
});

test("the digest groups comments by chapter, in order, and reads as Markdown whatever was written", () => {
  const marks = [mark(9_000, "comment", "late"), mark(5_000, "chapter", "Themes"), mark(1_000, "comment", "# *first*\n1. two"), mark(7_000, "chapter", "Empty"), mark(8_000, "reaction", "👏"), mark(5_000, "comment", "at once")];
  const parts = digestOf(marks);
  assert.deepEqual(parts.map((part) => [part.title, part.comments.map(({ text }) => text)]), [["", ["# *first*\n1. two"]], ["Themes", ["at once"]], ["Empty", ["late"]]]);
  assert.equal(
    markdownOf("Re [view]", "by Mei", parts, (recorded) => `https://b/#t=x.${recorded}`),
    "# Re \\[view\\]\n\nby Mei\n\n- [0:01](<https://b/#t=x.1500>) **Zoe**: \\# \\*first\\*\n  1\\. two\n\n"
      + "## Themes (0:05)\n\n- [0:05](<https://b/#t=x.5500>) **Zoe**: at once\n\n"
      + "## Empty (0:07)\n\n- [0:09](<https://b/#t=x.9500>) **Zoe**: late\n",
  );
});

test("an address names a moment beside the token, or nothing", () => {
  assert.deepEqual(wishIn("#k=abc&t=Tr_1.4200"), { track: "Tr_1", recordedMs: 4_200, play: false });
  for (const none of ["", "#k=abc", "#t=x", "#t=.5", "#t=x.-5"]) assert.equal(wishIn(none), null);
});

test("a track is taken home as its media, its captions, and one JSON of what was shown", async () => {
  const parts = [segment(0, 0, 10_000), { ...segment(1, 10_000, 5_000), type: "" }, { ...segment(2, 15_000, 5_000), type: "audio/mp4" }];
  const track = {
    track: "Tr1", title: "Plans: a/b?", author: 7, madeMs: ms(5), state: "finished", endsMs: null, watch: { role: "viewer" }, cuts: [], playedMs: ms(20_000),
    chapters: [{ atMs: ms(3), title: "One" }], segments: parts, captions: true, cover: false, mayEdit: true, views: 0, reach: null,
  } as const satisfies Track;
  const desk = {
    mediaUrl: (id: string, number: number) => `/${id}/${number}`,
    timeline: () => Promise.resolve(encodeEvents([view(0, 1)])),
    captions: () => Promise.resolve("WEBVTT\n"),
  };
  const files = await filesOf(desk, track);
  assert.deepEqual(files.map(({ name }) => name), ["Plans a b 1.webm", "Plans a b 2.mp4", "Plans a b.vtt", "Plans a b.json"]);
  assert.deepEqual(files.slice(0, 2).map(({ from }) => from), ["/Tr1/0", "/Tr1/2"]);
  const whole = JSON.parse(await (files[3]!.from as Blob).text()) as { segments: { events: unknown[] }[] };
  assert.deepEqual(whole.segments.map(({ events }) => events.length), [1, 1, 1]);
});

test("with a talk-track goes the link that gives least and still lets one say something", () => {
  const link = (name: string, role: Role, endsAt: number | null = null): GivenLink => ({
    link: name, role, url: name, own: false, madeAt: null, endsAt: endsAt === null ? null : ms(endsAt),
  });
  const links = [link("owners", "owner"), link("day", "commenter", 2000), link("ever", "commenter"), link("old", "editor", 500), link("edit", "editor")];
  const chosen = (watch: Watchers) => linkToWatch(links, watch, ms(1000))?.link ?? null;
  assert.equal(chosen({ role: "viewer" }), "ever");
  assert.equal(chosen({ role: "editor" }), "edit");
  assert.equal(chosen({ role: "owner" }), null);
  assert.equal(roleToWatch({ role: "facilitator" }), null);
  assert.equal(chosen({ links: ["day"] }), "day");
  assert.equal(chosen({ links: ["owners", "old"] }), null);
});
