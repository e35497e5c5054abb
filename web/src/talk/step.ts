// Keeps a reel in step with a clock that many share (SPEC K9): a little drift is made up by tempo, which nobody hears;
// much by a meeting: the reel makes ready at a place ahead, and is let go when the others come by. What making ready and
// starting take on this machine is learned.
//
// Not here: where the clock comes from, and who may set it (together.ts).

import type { Ms } from "../engine/types.ts";
import type { Reel } from "./player_reel.ts";

/** Beyond this they jump; nearer, tempo makes it up. */
const JUMP_MS = 1_000;
/** Nobody hears or sees this much. */
const CLOSE_MS = 15;
const TEMPO_MAX = 0.12;
/** Drift of so much is made up with the whole tempo. */
const TEMPO_FULL_MS = 60;
/** Making ready takes so long before it is known. */
const READY_MS = 120;
const LEAD_MS_MAX = 2_000;
/** It makes ready so far ahead: it may take longer another time. */
const LEAD_SPARE = 1.5;
const LEAD_SPARE_MS = 60;
const LOOK_MS = 10;
/** So long after a start it can be told where it led, and what starting takes. */
const SETTLED_MS = 400;
const START_MS_MAX = 300;
/** What starting takes before it is known; the first time tells it, later ones half of it. */
const START_MS = 70;
/** So far off its mark another start is better than making it up by tempo, at most so many times. */
const MISSED_MS = 120;
const STARTS_MAX = 2;

export interface SharedClock {
  readonly runs: boolean;
  readonly ms: Ms;
  readonly rate: number;
  /** 0 while it is not known: the entry is on its way. */
  readonly srvMs: Ms;
}

function sameClock(a: SharedClock, b: SharedClock): boolean {
  return a.runs === b.runs && a.ms === b.ms && a.rate === b.rate && a.srvMs === b.srvMs;
}

/** Where everybody shall be now. */
export function sharedNow(clock: SharedClock, serverMs: Ms, length: Ms): Ms {
  const run = clock.runs && clock.srvMs > 0 ? clock.rate * (serverMs - clock.srvMs) : 0;
  return Math.min(length, Math.max(0, clock.ms + run)) as Ms;
}

export type Correction = { readonly is: "jump"; readonly to: Ms } | { readonly is: "tempo"; readonly rate: number };

/** How somebody who is at `at` comes to where they shall be. */
export function correctionFor(clock: SharedClock, target: Ms, at: Ms): Correction {
  const drift = target - at;
  if (Math.abs(drift) > JUMP_MS || (!clock.runs && Math.abs(drift) > CLOSE_MS)) return { is: "jump", to: target };
  if (!clock.runs || Math.abs(drift) <= CLOSE_MS) return { is: "tempo", rate: clock.rate };
  const share = Math.max(-1, Math.min(1, drift / TEMPO_FULL_MS));
  return { is: "tempo", rate: clock.rate * (1 + TEMPO_MAX * share) };
}

export interface StepDeps {
  readonly reel: Pick<Reel, "length" | "wants" | "rate" | "primed" | "now" | "state" | "play" | "pause" | "seek" | "hold" | "setRate">;
  readonly serverNow: () => Ms;
  /** It is somewhere else at once. */
  readonly moved: () => void;
  /** Never going back. */
  readonly now: () => number;
  /** Returns what calls it off. */
  readonly after: (ms: number, act: () => void) => () => void;
}

/** Standing ready at `at` until everybody comes by. */
interface Meeting {
  readonly clock: SharedClock;
  readonly at: Ms;
  readonly since: number;
  /** How often before. */
  readonly again: number;
  primed: boolean;
  callOff: () => void;
}

export class Step {
  private meeting: Meeting | null = null;
  private started: { readonly at: number; readonly again: number } | null = null;
  private readyMs = READY_MS;
  private startMs = START_MS;
  private startKnown = false;

  constructor(private readonly deps: StepDeps) {}

  /** A few times a second, and when the clock is another. */
  keep(clock: SharedClock): void {
    const { reel } = this.deps;
    const { meeting } = this;
    if (meeting && sameClock(meeting.clock, clock)) return;
    this.part();
    const target = this.target(clock);
    const runs = clock.runs && target < reel.length;
    if (!meeting && reel.state() === "waiting" && reel.wants === runs) return;
    const correction = correctionFor(clock, target, reel.now());
    if (!runs) {
      if (correction.is === "jump") this.stand(correction.to);
      if (reel.wants) reel.pause();
    } else if (meeting || correction.is === "jump" || !reel.wants) this.meet(clock, 0);
    else if (this.missed(target)) this.meet(clock, (this.started?.again ?? 0) + 1);
    else reel.setRate(correction.rate);
  }

  /** Goes by no clock any more: plays on from where it stands. */
  letGo(): void {
    if (this.meeting && this.deps.reel.wants) this.deps.reel.play();
    this.part();
  }

  /** How long it will be until the reel, which was just told to play elsewhere, is under way there. */
  get startsInMs(): number {
    return this.deps.reel.state() === "playing" ? 0 : this.readyMs + this.startMs;
  }

  private target(clock: SharedClock): Ms {
    return sharedNow(clock, this.deps.serverNow(), this.deps.reel.length);
  }

  private stand(at: Ms): void {
    this.deps.reel.seek(at);
    this.deps.moved();
  }

  private meet(clock: SharedClock, again: number): void {
    const { reel, now, moved } = this.deps;
    const leadMs = Math.min(LEAD_MS_MAX, this.readyMs * LEAD_SPARE + LEAD_SPARE_MS + this.startMs);
    const at = Math.min(reel.length - 1, this.target(clock) + leadMs * clock.rate) as Ms;
    const meeting: Meeting = { clock, at, since: now(), again, primed: false, callOff: () => undefined };
    this.meeting = meeting;
    reel.setRate(clock.rate);
    reel.hold(at);
    moved();
    this.wait(meeting);
  }

  /** Lets go when the others are where this one stands ready. Too late for that: at once, and `missed` sees to it. */
  private wait(meeting: Meeting): void {
    const { reel, now, after } = this.deps;
    const { clock, at } = meeting;
    if (reel.primed && !meeting.primed) {
      meeting.primed = true;
      this.readyMs = now() - meeting.since;
    }
    const leftMs = (at - this.target(clock)) / clock.rate - this.startMs;
    if (meeting.primed && leftMs <= 1) {
      this.part();
      this.started = { at: now(), again: meeting.again };
      reel.play();
    } else meeting.callOff = after(meeting.primed ? leftMs : LOOK_MS, () => this.wait(meeting));
  }

  /** Nobody is waited for any more. */
  private part(): void {
    this.meeting?.callOff();
    this.meeting = null;
  }

  /** Soon after a start: learns what starting takes here; says whether it fell too far off its mark. */
  private missed(target: Ms): boolean {
    const { started } = this;
    const { reel, now } = this.deps;
    if (!started || reel.state() !== "playing" || now() - started.at < SETTLED_MS) return false;
    const late = (target - reel.now()) / reel.rate;
    this.startMs = Math.max(0, Math.min(START_MS_MAX, this.startMs + (this.startKnown ? late / 2 : late)));
    this.startKnown = true;
    const again = Math.abs(late) >= MISSED_MS && started.again < STARTS_MAX;
    if (!again) this.started = null;
    return again;
  }
}
