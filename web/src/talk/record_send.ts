// Brings a take to the server as it grows: the track, then each segment's chunks in order, then the segment's end. What
// was there already is asked, never guessed, so that it goes on after a reload, a crash or days. Without a network it
// waits; what another try cannot change ends in `failed`, and everything stays on the device. Media that the server has
// make room here: an hour of them need not fit on the device.

import { signal } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import type { Sent } from "../state/recording.ts";
import type { Take, TakeStore } from "../state/takes.ts";
import { TrackError } from "../state/tracks.ts";
import type { Segment, Stream, TrackDesk } from "../state/tracks.ts";
import { Parting } from "./record_parting.ts";

/** Refusals that another try does not change. */
const FINAL = new Set([
  ...["quota", "too_big", "type", "diverged", "state", "not_found", "perm", "token", "revoked", "expired"],
  ...["malformed", "invalid", "insecure", "exists", "ended"],
]);

/** The server has other chunks than was thought, or an answer was lost: it is asked, once, and says more. */
const ASKING = new Set(["gap", "state"]);

/** How many chunks of each stream the server has, by its number of the segment. */
export type There = ReadonlyMap<number, Readonly<Record<Stream, number>>>;

export type Step =
  | { readonly do: "make" }
  | { readonly do: "open"; readonly index: number; readonly type: string }
  | { readonly do: "learn" }
  | {
      readonly do: "put";
      readonly index: number;
      readonly number: number;
      readonly stream: Stream;
      readonly chunk: number;
    }
  | { readonly do: "finish"; readonly index: number; readonly number: number };

/** What comes next for this take; null when all that is kept is there. */
export function nextStep(take: Take, there: There): Step | null {
  if (take.track === null) return { do: "make" };
  const index = take.segments.findIndex((segment) => !segment.sent);
  const segment = take.segments[index];
  if (segment === undefined) return null;
  const { number, chunks } = segment;
  if (number === null) return { do: "open", index, type: segment.type };
  const has = there.get(number);
  if (has === undefined) return { do: "learn" };
  // The two streams go side by side, so that what a crash leaves there fits together.
  const mediaLeft = has.media < chunks.media;
  const timelineLeft = has.timeline < chunks.timeline;
  if (mediaLeft && (!timelineLeft || has.media <= has.timeline)) {
    return { do: "put", index, number, stream: "media", chunk: has.media };
  }
  if (timelineLeft) return { do: "put", index, number, stream: "timeline", chunk: has.timeline };
  return segment.over ? { do: "finish", index, number } : null;
}

export interface Sender {
  readonly sent: ReadonlySignal<Sent>;
  /** Sends this take from now on, and no other. */
  follow(take: string): void;
  /** The take has changed, or there is hope of a network: no wait goes on. */
  nudge(): void;
  /** Chunks of the take's last segment were kept: they go next, once a wait for another try is over. */
  kept(take: Take, stream: Stream, chunks: readonly Uint8Array<ArrayBuffer>[]): void;
  /** The page is about to be gone. */
  leave(): void;
  /** Resolves when all of the take is there; rejects with a TrackError when it cannot be. */
  settled(): Promise<void>;
  stop(): void;
}

export interface SenderDeps {
  readonly desk: TrackDesk;
  readonly takes: TakeStore;
  /** The wait before another try, the first being 0. */
  pause(attempt: number): Promise<void>;
}

const RESTING: Sent = { sending: { is: "resting" }, bytes: 0, of: 0 };

/** One take's way to the server. */
class Run {
  readonly sent = signal<Sent>(RESTING);
  stopped = false;
  private readonly there = new Map<number, Record<Stream, number>>();
  private bytesPut = 0;
  private attempt = 0;
  /** There is more to do; another try has hope. */
  private wake: () => void = () => undefined;
  private hope: () => void = () => undefined;
  private waiters: { done(): void; failed(error: TrackError): void }[] = [];
  private failure: TrackError | null = null;
  private latest: Take | null = null;
  private readonly parting: Parting;

  constructor(
    private readonly deps: SenderDeps,
    readonly name: string,
  ) {
    this.parting = new Parting(deps.desk);
  }

  async kept(take: Take, stream: Stream, chunks: readonly Uint8Array<ArrayBuffer>[]): Promise<void> {
    this.wake();
    await this.parting.kept(take, stream, chunks);
  }

  leave(): void {
    const take = this.latest;
    if (take === null || take.track === null) return;
    for (const [index, { number }] of take.segments.entries()) {
      const there = number === null ? undefined : this.there.get(number);
      if (number !== null && there !== undefined) this.parting.leave(take.track, index, number, there);
    }
  }

  nudge(): void {
    this.wake();
    this.hope();
  }

  settled(): Promise<void> {
    if (this.failure) return Promise.reject(this.failure);
    return new Promise((done, failed) => {
      this.waiters.push({ done, failed });
      this.nudge();
    });
  }

  stop(): void {
    this.stopped = true;
    this.nudge();
    this.fail(new TrackError("stopped"));
  }

  async go(): Promise<void> {
    while (!this.stopped) {
      const woken = new Promise<void>((resolve) => (this.wake = resolve));
      const hoped = new Promise<void>((resolve) => (this.hope = resolve));
      const take = await this.deps.takes.get(this.name);
      if (take === null) return this.fail(new TrackError("not_found"));
      this.latest = take;
      const step = nextStep(take, this.there);
      if (step === null) {
        this.tell(take, { is: "sent" });
        if (take.segments.every((segment) => segment.sent)) this.allSent();
        await woken;
        continue;
      }
      try {
        this.tell(take, this.attempt > 0 ? { is: "waiting" } : { is: "sending" });
        await this.carryOut(step, take);
        if (step.do !== "learn") this.attempt = 0;
      } catch (error) {
        if (!(await this.mend(error, step, take, hoped))) return;
      }
    }
  }

  /** False when there is no use in going on. */
  private async mend(error: unknown, step: Step, take: Take, hoped: Promise<void>): Promise<boolean> {
    const known = error instanceof TrackError ? error : new TrackError("unknown");
    const ofSegment = step.do === "put" || step.do === "finish";
    if (ofSegment) this.there.delete(step.number); // what the server has is asked anew
    if (ofSegment && ASKING.has(known.code) && this.attempt === 0) {
      this.attempt += 1;
      return true;
    }
    if (FINAL.has(known.code)) {
      this.tell(take, { is: "failed", code: known.code });
      this.fail(known);
      return false;
    }
    this.tell(take, { is: "waiting" });
    await Promise.race([this.deps.pause(this.attempt++), hoped]);
    return true;
  }

  private fail(error: TrackError): void {
    this.failure = error;
    for (const waiter of this.waiters.splice(0)) waiter.failed(error);
  }

  private allSent(): void {
    for (const waiter of this.waiters.splice(0)) waiter.done();
  }

  private tell(take: Take, sending: Sent["sending"]): void {
    const of = take.segments.reduce((sum, segment) => sum + segment.bytes, 0);
    const before = take.segments.reduce((sum, segment) => sum + (segment.sent ? segment.bytes : 0), 0);
    const bytes = sending.is === "sent" ? of : Math.min(of, before + this.bytesPut);
    const now = this.sent.peek();
    if (now.sending.is === sending.is && now.bytes === bytes && now.of === of) return;
    this.sent.value = { sending, bytes, of };
  }

  private async carryOut(step: Step, take: Take): Promise<void> {
    const { desk, takes } = this.deps;
    const track = take.track ?? "";
    switch (step.do) {
      case "make": {
        const made = await this.make(take.title);
        // Thrown away meanwhile, and nobody knew what was to be removed.
        if ((await takes.get(this.name)) === null) return desk.remove(made);
        return void (await takes.change(this.name, { track: made }));
      }
      case "learn":
        return this.learn(take, (await desk.get(track)).segments);
      case "open": {
        const number = await this.open(track, take, step.type);
        this.there.set(number, { media: 0, timeline: 0 });
        return void (await takes.changeSegment(this.name, step.index, { number }));
      }
      case "put": {
        const { index, number, stream, chunk } = step;
        const bytes = await takes.chunk(this.name, index, stream, chunk);
        if (bytes === null) throw new TrackError("not_found");
        await desk.put(track, number, stream, chunk, bytes);
        this.there.get(number)![stream] = chunk + 1;
        this.bytesPut += bytes.length;
        this.parting.arrived(index, stream, chunk + 1);
        if (stream === "media") await takes.free(this.name, index, chunk + 1);
        return;
      }
      case "finish": {
        const { lengthMs, chunks } = take.segments[step.index]!;
        // What another device recorded is finished as it stands.
        const own = chunks.media + chunks.timeline > 0;
        await desk.finishSegment(track, step.number, lengthMs, own ? chunks : null);
        this.bytesPut = 0;
        return void (await takes.changeSegment(this.name, step.index, { sent: true }));
      }
    }
  }

  private async learn(take: Take, segments: readonly Segment[]): Promise<void> {
    for (const [index, { number, sent }] of take.segments.entries()) {
      if (sent || number === null) continue;
      const row = segments.find(({ segment }) => segment === number);
      if (row === undefined) throw new TrackError("not_found");
      this.there.set(number, { ...row.chunks });
      this.parting.arrived(index, "media", row.chunks.media);
      this.parting.arrived(index, "timeline", row.chunks.timeline);
      this.bytesPut = row.bytes;
      const has = take.segments[index]!.chunks;
      const free = Math.min(has.media, row.chunks.media);
      if (free > take.segments[index]!.freed) await this.deps.takes.free(this.name, index, free);
      if (row.state === "done" && (row.chunks.media < has.media || row.chunks.timeline < has.timeline)) {
        throw new TrackError("ended"); // from another device, while this one recorded
      }
      if (row.state === "done") await this.deps.takes.changeSegment(this.name, index, { sent: true });
    }
  }

  /** An answer that was lost may have made one already. */
  private async make(title: string): Promise<string> {
    const { desk } = this.deps;
    if (this.attempt > 0) {
      await desk.refresh();
      const lost = desk.tracks.value?.find((track) => {
        return track.state === "recording" && track.mayEdit && track.segments.length === 0 && track.title === title;
      });
      if (lost && (await this.deps.takes.of(lost.track)) === null) return lost.track; // not another tab's
    }
    return (await desk.make(title)).track;
  }

  private async open(track: string, take: Take, type: string): Promise<number> {
    const { desk } = this.deps;
    if (this.attempt > 0) {
      const last = (await desk.get(track)).segments.at(-1);
      const ours = take.segments.some((segment) => segment.number === last?.segment);
      if (last?.state === "open" && !ours && last.type === type && last.chunks.media + last.chunks.timeline === 0) {
        return last.segment;
      }
    }
    return desk.openSegment(track, type);
  }
}

export function createSender(deps: SenderDeps): Sender {
  const sent = signal<Sent>(RESTING);
  let run: Run | null = null;
  let unwatch: () => void = () => undefined;

  function stop(): void {
    unwatch();
    run?.stop();
    run = null;
    sent.value = RESTING;
  }
  return {
    sent,
    follow(take) {
      if (run?.name === take && run.sent.value.sending.is !== "failed") return run.nudge();
      stop();
      const next = new Run(deps, take);
      run = next;
      unwatch = next.sent.subscribe((value) => (sent.value = value));
      next.go().catch(console.error);
    },
    nudge: () => run?.nudge(),
    kept(take, stream, chunks) {
      if (run?.name === take.take) run.kept(take, stream, chunks).catch(console.error);
    },
    leave: () => run?.leave(),
    settled: () => run?.settled() ?? Promise.resolve(),
    stop,
  };
}
