// What happens while somebody records, thinned into a segment's timeline (SPEC K4): views and pointers at most twenty
// times a second, entries four times, objects in view once the view has come to rest and once a second until then.
// The state's hash takes long on a large board: it is asked for at most every ten seconds, and only while the view
// rests. Pure: whoever feeds it says what time it is, on the recorder's clock. Times never fall, not from one `take`
// to the next.

import type { Ms, ObjectId } from "../engine/types.ts";
import type { BoardPoint, BoardRect } from "../geom/types.ts";
import type { Anchor, TimelineEvent } from "./timeline.ts";

const STEP_MS = 50;
const SETTLED_MS = 150;
const ANCHORS_MS = 1000;
const ENTRY_MS = 250;
const HASH_MS = 10_000;
const RESTED_MS = 400;

/** Lets a value through at most once per `stepMs`; the last one always gets through, by `tick` if need be. */
class Thinned<T> {
  private last: T | undefined;
  private lastAt = -Infinity;
  private waiting: { readonly at: Ms; readonly value: T } | null = null;

  constructor(
    private readonly stepMs: number,
    private readonly same: (a: T, b: T) => boolean,
    private readonly emit: (at: Ms, value: T) => void,
  ) {}

  push(at: Ms, value: T): void {
    this.waiting = { at, value };
    this.tick(at);
  }

  tick(at: Ms): void {
    if (this.waiting === null || at - this.lastAt < this.stepMs) return;
    const { at: when, value } = this.waiting;
    this.waiting = null;
    if (this.last !== undefined && this.same(this.last, value)) return;
    this.last = value;
    this.lastAt = at;
    this.emit(when, value);
  }
}

export function sameRect(a: BoardRect, b: BoardRect): boolean {
  return a.x === b.x && a.y === b.y && a.w === b.w && a.h === b.h;
}

function samePoint(a: BoardPoint | null, b: BoardPoint | null): boolean {
  return a === b || (a !== null && b !== null && a.x === b.x && a.y === b.y);
}

function sameIds(a: readonly ObjectId[], b: readonly ObjectId[]): boolean {
  return a.length === b.length && a.every((id, i) => id === b[i]);
}

export interface Around {
  /** The objects in a view that matter most, most first. */
  anchors(rect: BoardRect): readonly Anchor[];
  /** The state's hash, while everything is in the journal; null otherwise. */
  stateHash(): string | null;
}

export class EventTape {
  private events: TimelineEvent[] = [];
  /** What was taken reaches to here. */
  private floor = 0 as Ms;
  private shown: { readonly at: Ms; readonly rect: BoardRect } | null = null;
  private latest: { readonly at: Ms; readonly rect: BoardRect } | null = null;
  private anchorsAt = -Infinity;
  private anchorsStale = false;
  private hashAt = -Infinity;
  private newest = -1;
  private seq = -1; // the last one written
  private hashedSeq = -1;
  private readonly pointers = new Thinned<BoardPoint | null>(STEP_MS, samePoint, (at, point) => {
    this.add({ at, is: "pointer", point });
  });
  private readonly lasers = new Thinned<BoardPoint | null>(STEP_MS, samePoint, (at, point) => {
    this.add({ at, is: "laser", point });
  });
  private readonly selections = new Thinned<readonly ObjectId[]>(STEP_MS, sameIds, (at, ids) => {
    this.add({ at, is: "select", ids });
  });
  private readonly entries = new Thinned<number>(ENTRY_MS, Object.is, (at, seq) => {
    this.seq = seq;
    this.add({ at, is: "entry", seq, stateHash: null });
  });

  constructor(private readonly around: Around) {}

  view(at: Ms, rect: BoardRect): void {
    const { latest, shown } = this;
    if (latest !== null && sameRect(latest.rect, rect)) return;
    this.latest = { at, rect };
    if (latest === null || shown === null) return this.addView(at, rect);
    // Between two viewports the view moves evenly: one that rested says until when.
    const restedUntil = at - STEP_MS;
    if (restedUntil > Math.max(latest.at, shown.at)) this.addView(restedUntil as Ms, latest.rect);
    else if (at - shown.at < STEP_MS) return;
    this.addView(at, rect);
  }

  /** Objects that were named may have moved since. */
  anchorsMoved(): void {
    this.anchorsStale = true;
  }
  pointer(at: Ms, point: BoardPoint | null): void {
    this.pointers.push(at, point);
  }
  laser(at: Ms, point: BoardPoint | null): void {
    this.lasers.push(at, point);
  }
  click(at: Ms, point: BoardPoint): void {
    this.add({ at, is: "click", point });
  }
  select(at: Ms, ids: readonly ObjectId[]): void {
    this.selections.push(at, ids);
  }
  slide(at: Ms, frame: ObjectId | null): void {
    this.add({ at, is: "slide", frame });
  }
  entry(at: Ms, seq: number): void {
    this.newest = seq;
    this.entries.push(at, seq);
  }
  caption(at: Ms, text: string): void {
    this.add({ at, is: "caption", text });
  }

  /** Brings out what was held back; to be called twenty times a second. */
  tick(at: Ms): void {
    for (const thinned of [this.pointers, this.lasers, this.selections, this.entries]) thinned.tick(at);
    const { latest, shown } = this;
    if (latest === null || shown === null) return;
    if (at - latest.at >= RESTED_MS) this.addHash(at);
    if (!sameRect(latest.rect, shown.rect)) {
      if (at - shown.at >= STEP_MS) this.addView(latest.at, latest.rect);
      return;
    }
    const unnamed = this.anchorsAt < latest.at && at - latest.at >= SETTLED_MS;
    const moved = this.anchorsStale && at - this.anchorsAt >= ANCHORS_MS;
    if (unnamed || moved) this.addView(at, latest.rect, true);
  }

  /** All events up to `at` that were not taken before, in order. */
  take(at: Ms): readonly TimelineEvent[] {
    this.tick(at);
    const taken = this.events.sort((a, b) => a.at - b.at);
    this.events = [];
    this.floor = Math.max(this.floor, taken.at(-1)?.at ?? 0) as Ms;
    return taken;
  }

  private addView(at: Ms, rect: BoardRect, named = false): void {
    const names = named || at - this.anchorsAt >= ANCHORS_MS;
    const anchors = names ? this.around.anchors(rect) : [];
    if (names) {
      this.anchorsAt = at;
      this.anchorsStale = false;
    }
    this.shown = { at, rect };
    this.add({ at, is: "view", rect, anchors });
  }

  private addHash(at: Ms): void {
    const { newest, seq, hashedSeq } = this;
    if (seq < 0 || newest !== seq || seq === hashedSeq || at - this.hashAt < HASH_MS) return;
    const stateHash = this.around.stateHash();
    if (stateHash === null) return;
    this.hashAt = at;
    this.hashedSeq = seq;
    this.add({ at, is: "entry", seq, stateHash });
  }

  private add(event: TimelineEvent): void {
    this.events.push(event.at < this.floor ? { ...event, at: this.floor } : event);
  }
}
