// The board as it was while a segment was recorded, rebuilt from the journal in an engine of its own (SPEC section 11) and
// kept as a scene that moves with the playback. What the server tells is kept as stretches, each a snapshot and the entries
// behind it; more is asked for before the playback comes to the end of one. Of a stretch that is not shown only the bytes
// are kept: there is one engine.

import { signal } from "@preact/signals";
import { Field, Kind } from "../engine/generated.ts";
import { EngineError } from "../engine/types.ts";
import type { Changes } from "../engine/types.ts";
import type { History } from "../engine/history.ts";
import type { PastShown, Player } from "../state/playing.ts";
import { createScene, type MutableScene } from "../state/scene.ts";
import type { PastAnswer, PastDesk } from "../state/types.ts";

/** Asked for at once, from the wanted entry on; and so many shall be there before they are wanted. */
const AHEAD = 4_096;
const READY = 1_024;
/** Snapshots lie as close as a board is opened and left. */
const KEPT_MAX = 12;
/** Of those kept, so many may lie before the playback: one more is always room for what comes. */
const BEFORE_IT_MAX = KEPT_MAX - 1;
const RETRY_MS = 2_000;

interface Stretch {
  readonly first: number;
  readonly last: number;
  readonly answer: PastAnswer;
}

interface Wanted {
  readonly seq: number;
  /** The segment's last entry: nothing is asked for beyond it. */
  readonly last: number;
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
  /** What the engine has. */
  private looked: { readonly history: History; readonly first: number; readonly last: number } | null = null;
  private stretches: readonly Stretch[] = [];
  private wanted: Wanted | null = null;
  private asking = false;
  private askedAgain: ReturnType<typeof setTimeout> | null = null;
  private closed = false;

  constructor(
    private readonly desk: PastDesk,
    private readonly recorded: ReadonlyMap<number, string>,
    private readonly events: PastEvents,
  ) {}

  get shown(): PastShown {
    return { scene: this.scene, names: this.names };
  }

  /** The entry the board stood at. */
  show(seq: number, last: number): void {
    if (this.closed) return;
    this.wanted = { seq, last: Math.max(seq, last) };
    try {
      this.move();
    } catch (error) {
      this.fail(error);
    }
    if (!this.asking && this.askedAgain === null) void this.fetch();
  }

  close(): void {
    this.closed = true;
    this.stretches = [];
    this.looked = null;
    if (this.askedAgain !== null) clearTimeout(this.askedAgain);
  }

  private having(seq: number): Stretch | undefined {
    return this.stretches.find(({ first, last }) => first <= seq && seq <= last);
  }

  /** To what is wanted, when that is there. */
  private move(): void {
    const { wanted } = this;
    const history = wanted === null ? null : this.historyAt(wanted.seq);
    if (wanted === null || history === null) return;
    if (wanted.seq !== this.seq) this.step(history, wanted.seq);
    this.state.value = "shown";
    this.events.shown();
  }

  private step(history: History, seq: number): void {
    this.apply(history.move(seq).changes);
    this.seq = seq;
    const recorded = this.recorded.get(seq);
    if (recorded !== undefined && !this.hashes.some((row) => row.seq === seq)) {
      this.hashes.push({ seq, recorded, rebuilt: history.hash() });
    }
  }

  /** The engine, with the entry. What goes on from what it has is folded onto that: nothing is then told anew. */
  private historyAt(seq: number): History | null {
    const { looked } = this;
    if (looked !== null && looked.first <= seq && seq <= looked.last) return looked.history;
    const stretch = this.having(seq);
    if (stretch === undefined) return null;
    const { answer } = stretch;
    const goesOn = looked !== null && looked.first <= answer.asOf && answer.asOf <= looked.last;
    const history = goesOn ? looked.history : this.desk.open();
    let extent = goesOn ? looked : history.open(answer.snapshot);
    if (!goesOn && answer.hash !== "" && history.hash() !== answer.hash) throw new EngineError("corrupt");
    for (const frame of answer.ops) extent = history.ops(frame);
    this.looked = { history, first: extent.first, last: extent.last };
    return history;
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

  /** What to ask for next: the end of a stretch that begins at or before the first entry that is missing. */
  private missing(): number | null {
    if (this.wanted === null) return null;
    const { seq, last } = this.wanted;
    let at = seq;
    for (let n = 0, there = this.having(at); there !== undefined; there = this.having(at), n++) {
      if (n === BEFORE_IT_MAX) return null;
      at = there.last + 1;
    }
    if (at > last || at > seq + READY) return null;
    const behind = this.stretches.map(({ first }) => first).filter((first) => first > at);
    return Math.min(last, at + AHEAD, ...behind.map((first) => first - 1));
  }

  private async fetch(): Promise<void> {
    this.asking = true;
    for (let next = this.missing(); next !== null && !this.closed; next = this.missing()) {
      const nothing = this.state.peek() === "none" || this.state.peek() === "shown";
      if (nothing && this.having(this.wanted!.seq) === undefined) this.state.value = "loading";
      try {
        this.take(await this.desk.ask(next));
      } catch (error) {
        this.fail(error);
        break;
      }
    }
    this.asking = false;
  }

  private take(answer: PastAnswer): void {
    if (this.closed) return;
    const stretch: Stretch = { first: Math.max(1, answer.asOf), last: answer.seq, answer };
    const { seq } = this.wanted!;
    // What lies behind the playback goes first, then what is furthest before it.
    const away = ({ first, last }: Stretch): number => (last < seq ? Infinity : Math.max(0, first - seq));
    const others = this.stretches.filter((other) => other.first !== stretch.first || other.last > stretch.last);
    this.stretches = [stretch, ...others].sort((a, b) => away(a) - away(b)).slice(0, KEPT_MAX);
    this.move();
  }

  /** Asks again after a while: access changes, connections come back. What is shown stays. */
  private fail(error: unknown): void {
    if (this.closed) return;
    const code = error instanceof EngineError ? error.status : "failed";
    if (code !== "perm" && code !== "not_found" && code !== "limit" && code !== "offline") {
      console.warn(error);
      this.stretches = []; // what was told, or the engine with it, is of no use
      this.looked = null;
    }
    if (this.having(this.wanted!.seq) === undefined && code !== "limit" && code !== "offline") {
      this.state.value = code === "perm" ? "perm" : "failed";
    }
    this.askedAgain ??= setTimeout(() => {
      this.askedAgain = null;
      if (!this.closed && !this.asking) void this.fetch();
    }, RETRY_MS);
  }
}
