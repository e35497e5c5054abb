// Recording a talk-track, from the choice of devices to the published card: which phase it is in and what leads from
// one to the next. One take at a time. The parts do the work: record_studio.ts the devices, record_segment.ts a
// running segment, record_send.ts the way to the server, record_reviewed.ts what comes afterwards.

import { computed, effect, signal, untracked } from "@preact/signals";
import type { Signal } from "@preact/signals";
import { Limits } from "../engine/generated.ts";
import type { Ms, ObjectId } from "../engine/types.ts";
import type { BoardRect } from "../geom/types.ts";
import { t } from "../i18n/i18n.ts";
import { reducedMotion } from "../state/glide.ts";
import type { Choice, Recorder, RecorderPhase } from "../state/recording.ts";
import { lengthOf, startOf, type Cue, type Take } from "../state/takes.ts";
import { TrackError, type Stream, type Track } from "../state/tracks.ts";
import { tell } from "../state/notices.ts";
import type { BoardStore } from "../state/types.ts";
import { linesFrom } from "./captions.ts";
import { playedLength, playedParts } from "./record_cuts.ts";
import { Frames } from "./record_frames.ts";
import { typeFor } from "./record_media.ts";
import { Reviewed } from "./record_reviewed.ts";
import { createRoom, type Room } from "./record_room.ts";
import { recordSegment, type SegmentRun } from "./record_segment.ts";
import { createSender } from "./record_send.ts";
import { createStudio } from "./record_studio.ts";
import { closeSegments, isElsewhere, newTake, takeOf } from "./record_takes.ts";

const COUNT = 3;
const SECOND_MS = 1000;
const TICK_MS = 250;
const RETRY_MS = 1000;
const RETRY_MS_MAX = 20_000;
const CHUNK_BYTES = 1024 * 1024;
/** What a page may have of a recording that the device does not take, before it ends by itself. */
const SPILL_BYTES_MAX = 24 * 1024 * 1024;
const MEASURE_MS = 10_000;
/** It ends so long before the limit: what is more than the server takes could not be published at all. */
const LAST_MS = 2000;

const FIRST_CHOICE: Choice = { source: "microphone", microphone: "", camera: "", rehearsal: false, clicks: true };

export interface RecorderDeps {
  readonly store: BoardStore;
  readonly host: HTMLElement;
  /** The slide being presented; null while nobody presents. */
  readonly slide: Signal<ObjectId | null>;
  /** A picture of a part of the board, 16:9. */
  picture(rect: BoardRect): Promise<Blob | null>;
  /** Takes were left or taken up. */
  leftChanged(): void;
  /** The track can be watched now, or was changed. */
  published(track: string | null): void;
}

function retryPause(attempt: number): Promise<void> {
  const ms = Math.min(RETRY_MS_MAX, RETRY_MS * 2 ** attempt) * (0.5 + Math.random() / 2);
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function listenTo<E extends Event>(target: EventTarget, name: string, heard: (event: E) => void): () => void {
  target.addEventListener(name, heard as EventListener);
  return () => target.removeEventListener(name, heard as EventListener);
}

class TalkRecorder implements Recorder {
  readonly phase = signal<RecorderPhase>({ is: "resting" });
  readonly choice = signal<Choice>(FIRST_CHOICE);
  readonly take = signal<Take | null>(null);
  readonly atMs = signal(0 as Ms);
  readonly draft;
  readonly published;
  readonly proposed;
  readonly playedMs;
  readonly studio = createStudio();
  readonly limitMs;
  readonly roomBytes;
  readonly leftMs;
  readonly sent;
  private readonly room: Room;
  private readonly sender;
  private readonly reviewed: Reviewed;
  private run: SegmentRun | null = null;
  private ticking = 0;
  private skip: () => void = () => undefined;
  /** Counts up whenever a countdown is given up. */
  private turn = 0;
  private readonly frames: Frames;
  /** Was told that the device is full. */
  private tight = false;
  private measuredAt = 0;
  /** The take's, as the server told it when it was opened; null for one that was begun here. */
  private track: Track | null = null;
  private readonly stops: readonly (() => void)[];

  constructor(private readonly deps: RecorderDeps) {
    const { tracks: desk, takes, connection } = deps.store;
    this.sender = createSender({ desk, takes, pause: retryPause });
    this.sent = this.sender.sent;
    this.frames = new Frames(deps.store, deps.slide);
    this.reviewed = new Reviewed({ store: deps.store, sender: this.sender, picture: deps.picture });
    ({ draft: this.draft, proposed: this.proposed, published: this.published } = this.reviewed);
    this.playedMs = computed(() => {
      const { from, to } = this.draft.value;
      return playedLength(playedParts(this.atMs.value, this.take.value?.dropped ?? [], from, to));
    });
    const { take, sent, choice, atMs } = this;
    this.room = createRoom({ limits: desk.limits, take, sent, choice, atMs });
    ({ limitMs: this.limitMs, roomBytes: this.roomBytes, leftMs: this.leftMs } = this.room);
    this.stops = [
      this.room.stop,
      () => this.reviewed.stop(),
      listenTo(window, "online", () => this.sender.nudge()),
      listenTo(document, "visibilitychange", () => document.hidden && this.run?.flush()),
      listenTo(window, "pagehide", () => {
        this.sender.leave();
        this.run?.flush();
      }),
      listenTo(window, "beforeunload", (event) => {
        if (this.run !== null || (takes.spilled.peek() ?? 0) > 0) event.preventDefault(); // the browser asks
      }),
      effect(() => {
        if (connection.value.is === "saved") this.sender.nudge();
      }),
      effect(() => {
        const gone = this.studio.lost.value;
        if (gone !== null) untracked(() => void this.onLost(gone));
      }),
      effect(() => {
        const bytes = takes.spilled.value;
        untracked(() => this.onSpilled(bytes));
      }),
    ];
  }

  async choose(): Promise<void> {
    if (this.phase.value.is !== "resting") return;
    await this.toChoosing();
  }

  private async toChoosing(): Promise<void> {
    this.phase.value = { is: "choosing" };
    void this.deps.store.tracks.refresh().catch(() => undefined); // the limits
    void this.room.measure();
    await this.studio.open(this.choice.value);
  }

  async tryOut(choice: Choice): Promise<void> {
    const before = this.choice.value;
    this.choice.value = choice;
    const same = ["source", "microphone", "camera"] as const;
    if (same.some((member) => before[member] !== choice[member]) || this.studio.trouble.value !== null) {
      await this.studio.open(choice);
    }
  }

  async start(): Promise<void> {
    if (this.phase.value.is !== "choosing" || this.studio.trouble.value !== null) return;
    const type = typeFor(this.choice.value.source);
    if (type === null || (type !== "" && this.studio.stream.value === null)) return;
    await this.begin(type);
  }

  private async begin(type: string): Promise<void> {
    const turn = (this.turn += 1);
    this.phase.value = { is: "counting", left: 0 };
    // The track and its segment are there before the first word, so that the journal is kept from then on.
    const fresh = this.take.value === null;
    const preparing = fresh ? this.makeTake(type) : Promise.resolve();
    await this.countDown(turn);
    await preparing;
    if (turn !== this.turn) return this.giveUp(fresh);
    if (!fresh) await this.addSegment(type);
    try {
      this.run = await this.openRun(type);
    } catch (error) {
      console.error(error);
      this.notice("record.trouble_busy");
      return this.giveUp(fresh);
    }
    if (turn !== this.turn) return this.giveUp(fresh); // in the last moment
    this.frames.reset();
    this.tight = false;
    this.phase.value = { is: "recording" };
    this.deps.host.focus({ preventScroll: true });
    this.ticking = window.setInterval(() => this.tick(), TICK_MS);
  }

  private openRun(type: string): Promise<SegmentRun> {
    const { store, host, slide } = this.deps;
    return recordSegment({
      store,
      takes: store.takes,
      host,
      slide,
      take: this.take.value!.take,
      stream: this.studio.stream.value,
      type,
      chunkBytesMax: store.tracks.limits.value?.chunkBytes ?? CHUNK_BYTES,
      clicks: () => this.choice.value.clicks,
      kept: (take, stream, chunks) => this.onKept(take, stream, chunks),
      lost: () => void this.onLost("microphone"),
      failed: () => void this.stopFor("record.notice_device_full"),
    });
  }

  private async countDown(turn: number): Promise<void> {
    let skipped = reducedMotion();
    for (let left = COUNT; left > 0 && !skipped && turn === this.turn; left--) {
      this.phase.value = { is: "counting", left };
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, SECOND_MS);
        this.skip = () => {
          skipped = true;
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  /** The countdown was broken off: a take that holds nothing yet is none. */
  private async giveUp(fresh: boolean): Promise<void> {
    await this.endRun();
    const take = this.take.value;
    if (take === null) return this.rest();
    await (fresh ? this.forget(take) : this.review(await closeSegments(take, this.deps.store.takes)));
  }

  private async makeTake(type: string): Promise<void> {
    const { takes, title } = this.deps.store;
    const name = title.peek();
    const words = name === "" ? t("record.untitled") : t("record.title_of", { board: name });
    const take = await newTake(takes, words, this.choice.value);
    this.take.value = await takes.addSegment(take.take, { type });
    if (!take.rehearsal) this.sender.follow(take.take);
  }

  private async addSegment(type: string): Promise<void> {
    const take = this.take.value!;
    this.take.value = await this.deps.store.takes.addSegment(take.take, { type });
    this.sender.nudge();
  }

  skipCountdown(): void {
    this.skip();
  }

  close(): void {
    const { is } = this.phase.value;
    const take = this.take.value;
    this.studio.close();
    if (is === "counting") {
      this.turn += 1;
      this.skip();
    } else if (is === "choosing" && take !== null) void this.review(take);
    else if (is === "choosing" || is === "reviewing") void this.reviewed.put().then(() => this.rest());
  }

  pause(): void {
    const { run } = this;
    const take = this.take.value;
    if (this.phase.value.is !== "recording" || run === null || take === null) return;
    run.pause();
    this.tick();
    this.phase.value = { is: "paused" };
    const pauses = [...take.pauses, Math.round(this.atMs.value) as Ms];
    void this.deps.store.takes.change(take.take, { pauses }).then(() => this.refreshTake());
  }

  resume(): void {
    if (this.phase.value.is !== "paused" || this.run === null) return;
    this.run.resume();
    this.phase.value = { is: "recording" };
  }

  async recordFrom(ms: Ms): Promise<void> {
    const take = this.take.value;
    const { is } = this.phase.value;
    if (take === null || (is !== "paused" && is !== "reviewing")) return;
    await this.reviewed.put();
    const end = this.run === null ? lengthOf(take) : this.atMs.value;
    const dropped = ms < end ? [...take.dropped, [ms, end] as const] : take.dropped;
    this.take.value = await this.deps.store.takes.change(take.take, { dropped });
    if (this.run !== null) return this.resume();
    if (take.segments.length >= Limits.TRACK_SEGMENTS_MAX) return this.notice("record.notice_segments");
    if (!take.rehearsal) this.sender.follow(take.take);
    await this.toChoosing();
  }

  async restart(): Promise<void> {
    const take = this.take.value;
    if (take === null || this.run === null) return;
    if (take.segments.length > 1) {
      // What was recorded earlier stays; this run of the recorder is said again.
      this.pause();
      return this.recordFrom(startOf(take.segments, take.segments.length - 1));
    }
    const type = take.segments[0]?.type ?? "";
    this.phase.value = { is: "ending" };
    await this.endRun();
    this.take.value = null;
    void this.forget(take, false);
    await this.begin(type);
  }

  caption(text: string): void {
    this.run?.caption(text);
  }

  goToFrame(step: 1 | -1): void {
    const frame = this.frames.go(step);
    if (frame !== null) this.run?.slide(frame);
  }

  async finish(): Promise<void> {
    const { is } = this.phase.value;
    if (is !== "recording" && is !== "paused") return;
    this.phase.value = { is: "ending" };
    await this.endRun();
    this.studio.close();
    const take = this.take.value;
    if (take !== null) await this.review(take);
  }

  /** What was said is kept to the last moment when this resolves. */
  private async endRun(): Promise<void> {
    const { takes } = this.deps.store;
    const { run } = this;
    const take = this.take.value;
    this.run = null;
    clearInterval(this.ticking);
    if (run === null || take === null) return;
    await run.end().catch(console.error);
    const lengthMs = Math.round(run.now()) as Ms;
    this.take.value = await takes.changeSegment(take.take, take.segments.length - 1, { over: true, lengthMs });
    this.sender.nudge();
  }

  /** Opens the review of a take whose segments are all over. */
  private async review(take: Take): Promise<void> {
    const lengthMs = await this.reviewed.open(take, this.track);
    this.take.value = take;
    this.atMs.value = lengthMs;
    this.phase.value = { is: "reviewing" };
    if (!take.rehearsal && !isElsewhere(take)) this.sender.follow(take.take);
    if (this.track?.cover !== true) await this.reviewed.suggestCover();
  }

  async discard(): Promise<void> {
    const take = this.take.value;
    await this.endRun();
    if (take !== null) await this.forget(take);
  }

  /** The take is gone, here and there, whatever becomes of the request. */
  private async forget(take: Take, rest = true): Promise<void> {
    const { takes, tracks } = this.deps.store;
    const { track } = (await takes.get(take.take)) ?? take;
    if (rest) this.sender.stop();
    if (rest) this.reviewed.forget();
    await takes.drop(take.take);
    if (rest) await this.rest();
    if (track === null) return;
    // One that is published stays; only what was recorded on goes.
    const there = await tracks.get(track).catch(() => null);
    if (there?.state === "recording") await tracks.remove(track).catch(() => undefined);
  }

  private async rest(): Promise<void> {
    const { takes } = this.deps.store;
    const take = this.take.value;
    this.sender.stop();
    this.studio.close();
    this.take.value = null;
    this.reviewed.clear();
    this.track = null;
    this.phase.value = { is: "resting" };
    this.deps.host.focus({ preventScroll: true });
    if (take === null) return this.deps.leftChanged();
    // What is with the server already can be taken up again from there.
    const now = await takes.get(take.take);
    if (now !== null && isElsewhere(now) && now.drafted === null) await takes.drop(take.take);
    else {
      if (now !== null) await takes.change(take.take, { aside: isElsewhere(now) });
      takes.letGo(take.take);
    }
    this.deps.leftChanged();
  }

  async openLeft(take: Take, then: "review" | "record"): Promise<void> {
    const { takes, tracks } = this.deps.store;
    if (this.phase.value.is !== "resting" || !(await takes.hold(take.take))) return;
    this.deps.leftChanged();
    const track = take.track === null ? null : await tracks.get(take.track).catch(() => null);
    await this.open(await closeSegments(take, takes), track?.state === "finished" ? track : null, then);
  }

  async discardLeft(take: Take): Promise<void> {
    if (await this.deps.store.takes.hold(take.take)) await this.forget(take, false);
  }

  async openTrack(track: Track, then: "review" | "record"): Promise<void> {
    if (this.phase.value.is !== "resting") return;
    const { takes, tracks: desk } = this.deps.store;
    try {
      const take = await takeOf(track, takes, desk);
      if (take === null) return this.notice("record.notice_elsewhere");
      await this.open(await closeSegments(take, takes), track, then);
    } catch (error) {
      if (!(error instanceof TrackError)) throw error;
      this.notice("record.error_offline");
    }
  }

  private async open(take: Take, track: Track | null, then: "review" | "record"): Promise<void> {
    this.choice.value = { ...this.choice.value, source: take.source, rehearsal: take.rehearsal };
    this.track = track;
    await this.review(await this.deps.store.takes.change(take.take, { aside: false }));
    if (then === "record") await this.toChoosing();
  }

  readCaptions(file: string): readonly Cue[] {
    return /^\uFEFF?WEBVTT/.test(file) ? linesFrom(file) : [];
  }

  async keepRehearsal(): Promise<void> {
    const take = this.take.value;
    if (take === null || !take.rehearsal) return;
    this.take.value = await this.deps.store.takes.change(take.take, { rehearsal: false });
    this.sender.follow(take.take);
  }

  show(ms: Ms): void {
    this.reviewed.show(ms);
  }

  boardPicture(ms: Ms): Promise<Blob | null> {
    return this.reviewed.boardPicture(ms);
  }

  cameraPicture(ms: Ms): Promise<Blob | null> {
    return this.reviewed.cameraPicture(ms);
  }

  play(ms: Ms, untilMs: Ms, over: () => void): { stop(): void } {
    return this.reviewed.play(ms, untilMs, over);
  }

  async publish(): Promise<ObjectId | null> {
    const open = this.take.value;
    if (open !== null && this.sent.value.sending.is === "failed") this.sender.follow(open.take);
    const { take, card } = await this.reviewed.publish();
    if (this.take.value?.take === take.take) await this.rest();
    else this.deps.leftChanged(); // it was put aside meanwhile, and something else may be under way
    this.deps.published(take.track);
    return card;
  }

  stop(): void {
    for (const stop of this.stops) stop();
    this.turn += 1;
    this.skip();
    this.studio.close();
    this.sender.stop();
    void this.endRun();
  }

  private onKept(take: Take, stream: Stream, chunks: readonly Uint8Array<ArrayBuffer>[]): void {
    if (this.take.value?.take === take.take) this.take.value = take;
    this.sender.kept(take, stream, chunks);
    this.tick(); // a page that nobody sees has slow timers
  }

  private async refreshTake(): Promise<void> {
    const name = this.take.value?.take;
    const now = name === undefined ? null : await this.deps.store.takes.get(name);
    if (now !== null && this.take.value?.take === now.take) this.take.value = now;
  }

  /** It was pulled out, or taken away. Without a picture the voice goes on; without a voice nobody shall talk on. */
  private async onLost(gone: "microphone" | "camera"): Promise<void> {
    if (this.run === null || this.phase.value.is === "ending") return;
    if (gone === "camera") return this.notice("record.notice_camera_lost");
    this.notice("record.notice_lost");
    await this.finish();
    if (this.phase.value.is === "reviewing") await this.toChoosing();
  }

  /** The device takes nothing more. What is sent goes on, for the server takes it; what is not ends here. */
  private onSpilled(bytes: number | null): void {
    const take = this.take.value;
    if (bytes === null || this.run === null || take === null) return;
    if (take.rehearsal || bytes > SPILL_BYTES_MAX) return void this.stopFor("record.notice_device_full");
    if (!this.tight) this.notice("record.notice_device_tight");
    this.tight = true;
  }

  private async stopFor(key: string): Promise<void> {
    if (this.run === null || this.phase.value.is === "ending") return;
    this.notice(key);
    await this.finish();
  }

  private tick(): void {
    const { run } = this;
    const take = this.take.value;
    if (run === null || take === null) return;
    const before = startOf(take.segments, take.segments.length - 1);
    this.atMs.value = (before + run.now()) as Ms;
    if (performance.now() - this.measuredAt > MEASURE_MS) {
      this.measuredAt = performance.now();
      void this.room.measure();
    }
    if (this.leftMs.value > LAST_MS) return;
    const late = this.limitMs.value - this.atMs.value <= LAST_MS;
    void this.stopFor(late ? "record.notice_too_long" : "record.notice_too_big");
  }

  private notice(key: string): void {
    tell(this.deps.store.notices, "warn", key);
  }
}

export function createRecorder(deps: RecorderDeps): Recorder {
  return new TalkRecorder(deps);
}
