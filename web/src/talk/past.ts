// The board as it was while a segment was recorded, rebuilt from the journal in an engine of its own (SPEC section 11) and
// kept as a scene that moves with the playback. Who may see what led there gets a stretch at a time; who may not is told
// single states, as fast as the server tells them, and sees the last one that came.

import { signal } from "@preact/signals";
import { Field, Kind } from "../engine/generated.ts";
import { EngineError } from "../engine/types.ts";
import type { Changes } from "../engine/types.ts";
import type { History } from "../engine/history.ts";
import type { PastShown, Player } from "../state/playing.ts";
import { createScene, type MutableScene } from "../state/scene.ts";
import type { PastAnswer, PastDesk } from "../state/types.ts";

/** Stretches kept; each has an engine. */
const KEPT_MAX = 3;
const RETRY_MS = 2_000;

interface Stretch {
  readonly history: History;
  readonly first: number;
  last: number;
}

export interface PastEvents {
  /** There is something else to see. */
  shown(): void;
}

export class Past {
  readonly state = signal<Player["past"]["value"]>("none");
  readonly hashes: { seq: number; recorded: string; rebuilt: string }[] = [];
  /** Where the scene stands. */
  seq: number | null = null;
  private readonly scene: MutableScene = createScene();
  private readonly names = new Map<number, string>();
  private stretches: Stretch[] = [];
  private showing: Stretch | null = null;
  private wanted: number | null = null;
  private asking = false;
  private closed = false;

  constructor(
    private readonly desk: PastDesk,
    private readonly recorded: ReadonlyMap<number, string>,
    private readonly events: PastEvents,
  ) {}

  get shown(): PastShown {
    return { scene: this.scene, names: this.names };
  }

  /** The entry the board stood at; `until`: the last one of the segment, to have all of it at once. */
  show(seq: number, until: number): void {
    if (seq === this.seq || this.closed) return;
    this.wanted = seq;
    const stretch = this.stretches.find(({ first, last }) => first <= seq && seq <= last);
    if (stretch) this.move(stretch, seq);
    else if (!this.asking) void this.ask(seq, until);
  }

  close(): void {
    this.closed = true;
    this.stretches = [];
  }

  private move(stretch: Stretch, seq: number): void {
    const { changes } = stretch.history.move(seq);
    // Another engine's changes are none of this one's scene: then all of it is told.
    if (this.showing !== stretch && !changes.reset) return this.reopen(stretch, seq);
    this.showing = stretch;
    this.seq = seq;
    this.apply(changes);
    const recorded = this.recorded.get(seq);
    if (recorded !== undefined && !this.hashes.some((row) => row.seq === seq)) {
      this.hashes.push({ seq, recorded, rebuilt: stretch.history.hash() });
    }
    this.state.value = "shown";
    this.events.shown();
  }

  /** A history tells everything anew when it goes back to where it began. */
  private reopen(stretch: Stretch, seq: number): void {
    this.stretches = this.stretches.filter((other) => other !== stretch);
    this.wanted = seq;
    void this.ask(seq, seq);
  }

  private apply(changes: Changes): void {
    if (changes.reset) this.names.clear();
    const { changed } = this.scene.apply(changes);
    for (const view of changed) {
      const user = view.fields.get(Field.USER);
      const name = view.fields.get(Field.NAME);
      if (view.kind === Kind.PERSON && typeof user === "number" && typeof name === "string") this.names.set(user, name);
    }
  }

  private async ask(seq: number, until: number): Promise<void> {
    this.asking = true;
    if (this.seq === null) this.state.value = "loading";
    try {
      // The whole stretch in one answer, when what it begins with is early enough; else what led to this entry.
      const whole = await this.desk.ask(Math.max(seq, until));
      this.take(whole);
      if (whole.asOf > seq) this.take(await this.desk.ask(seq));
    } catch (error) {
      this.fail(error instanceof EngineError ? error.status : "failed");
    }
    this.asking = false;
    const next = this.wanted;
    if (next !== null && next !== this.seq && !this.closed && this.state.peek() !== "perm") this.show(next, next);
  }

  private take(answer: PastAnswer): void {
    if (this.closed) return;
    const history = this.desk.open();
    let extent = history.open(answer.snapshot);
    if (answer.hash !== "" && history.hash() !== answer.hash) throw new EngineError("corrupt");
    for (const frame of answer.ops) extent = history.ops(frame);
    const stretch = { history, first: extent.first, last: extent.last };
    this.stretches = [stretch, ...this.stretches].slice(0, KEPT_MAX);
    const { wanted } = this;
    if (wanted !== null && stretch.first <= wanted && wanted <= stretch.last) this.move(stretch, wanted);
    else if (this.seq === null && stretch.first === stretch.last) this.move(stretch, stretch.last);
  }

  private fail(code: string): void {
    if (code === "perm" || code === "not_found") {
      this.state.value = code === "perm" ? "perm" : "failed";
      this.wanted = this.seq;
      return;
    }
    const { wanted } = this;
    this.wanted = this.seq;
    setTimeout(() => {
      if (!this.closed && wanted !== null) this.show(wanted, wanted);
    }, RETRY_MS);
  }
}
