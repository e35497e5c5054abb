// Watching together (SPEC K3, K9, O9): a PLAYBACK on the board says where everybody is, merged like any other object, so
// that it survives reconnects and restarts. Whoever may lead writes its CLOCK; everybody, the leader too, goes by it
// (step.ts). Presence says who goes along.
//
// One playback to a card: starting takes the one that is there. When two start at once, the older one counts.

import { signal } from "@preact/signals";
import { Field, Kind } from "../engine/generated.ts";
import { idCompare } from "../engine/id.ts";
import type { Edit, FieldValue, Ms, ObjectId, ObjectView } from "../engine/types.ts";
import type { Together } from "../state/playing.ts";
import type { BoardStore } from "../state/types.ts";
import type { Reel } from "./player_reel.ts";
import { Step, type SharedClock } from "./step.ts";

const MEASURE_MS = 10_000;
const RUNS = 1;

export function clockOf(view: ObjectView): SharedClock | null {
  const value = view.fields.get(Field.CLOCK);
  if (!Array.isArray(value)) return null;
  const [state, ms, rate, srvMs] = value as readonly unknown[];
  if (typeof ms !== "number" || typeof rate !== "number") return null;
  return { runs: state === RUNS, ms: ms as Ms, rate, srvMs: (typeof srvMs === "number" ? srvMs : 0) as Ms };
}

export interface TogetherDeps {
  readonly store: BoardStore;
  readonly card: { readonly value: ObjectId | null; peek(): ObjectId | null };
  readonly reel: Reel;
  /** The pace the viewer chose. */
  readonly rate: { value: number; peek(): number };
  /** It was moved by the others. */
  readonly moved: () => void;
}

export class SharedPlayback {
  readonly state = signal<Together>({ is: "alone", offered: null });
  private readonly playbacks = new Map<ObjectId, ObjectView>();
  private following: ObjectId | null = null;
  private measuredAt = -Infinity;
  private readonly step: Step;
  private readonly stop: () => void;

  constructor(private readonly deps: TogetherDeps) {
    const { scene, clock } = deps.store;
    this.step = new Step({
      reel: deps.reel,
      serverNow: () => clock.now(),
      moved: deps.moved,
      now: () => performance.now(),
      after: (ms, act) => {
        const timer = setTimeout(act, ms);
        return () => clearTimeout(timer);
      },
    });
    const look = (view: ObjectView): void => {
      if (view.kind === Kind.PLAYBACK) this.playbacks.set(view.id, view);
    };
    for (const view of scene.objects.values()) look(view);
    this.stop = scene.subscribe(({ reset, changed, removed }) => {
      if (reset) this.playbacks.clear();
      for (const view of changed) look(view);
      for (const id of removed) this.playbacks.delete(id);
    });
  }

  get along(): boolean {
    return this.following !== null;
  }

  /** Whether this person's play, pause, seek and pace are everybody's. */
  mayLead(): boolean {
    const view = this.followed();
    return view !== null && this.mayLeadIn(view);
  }

  start(hosted: boolean): void {
    const { store, card } = this.deps;
    const target = card.peek();
    if (target === null) return;
    const host = hosted ? store.me.peek() : 0;
    const known = this.playbackOf(target);
    const clock = this.clockNow();
    const fields = new Map<number, FieldValue>([[Field.TARGET, target], [Field.CLOCK, clock], [Field.HOST, host]]);
    const edits: Edit[] =
      known === null
        ? [{ do: "create", kind: Kind.PLAYBACK, fields }]
        : [
            { do: "set", id: known.id, field: Field.CLOCK, value: clock },
            { do: "set", id: known.id, field: Field.HOST, value: host },
          ];
    const made = store.edit(edits);
    if (made === null) return;
    this.go(known?.id ?? made.created[0] ?? null);
  }

  join(): void {
    const target = this.deps.card.peek();
    const known = target === null ? null : this.playbackOf(target);
    if (known) this.go(known.id);
  }

  /** What is left by its last viewer stands still, so that nobody finds it run on. */
  leave(): void {
    const view = this.followed();
    this.following = null;
    this.step.letGo();
    this.deps.reel.setRate(this.deps.rate.peek());
    if (view && this.others().length === 0 && clockOf(view)?.runs === true) this.write(view.id, false);
    this.tell();
  }

  /** The viewer played, paused, sought, or changed the pace: so do all. */
  lead(): void {
    const view = this.followed();
    this.step.letGo();
    if (view && this.mayLeadIn(view)) this.write(view.id, this.deps.reel.wants);
  }

  /** A few times a second. */
  tick(): void {
    this.tell();
    const view = this.followed();
    const clock = view && clockOf(view);
    if (!view || !clock) {
      if (this.following !== null) this.leave(); // somebody deleted it
      return;
    }
    const { store, rate } = this.deps;
    if (performance.now() - this.measuredAt > MEASURE_MS) {
      this.measuredAt = performance.now();
      store.clock.measure();
    }
    // Its time is not known before the server said so: what was just done here is right meanwhile.
    if (view.pending || clock.srvMs === 0) return;
    if (rate.peek() !== clock.rate) rate.value = clock.rate;
    this.step.keep(clock);
  }

  close(): void {
    if (this.along) this.leave();
    this.stop();
  }

  private go(playback: ObjectId | null): void {
    this.following = playback;
    this.measuredAt = performance.now();
    this.deps.store.clock.measure();
    this.tick();
  }

  private followed(): ObjectView | null {
    return this.following === null ? null : (this.playbacks.get(this.following) ?? null);
  }

  private mayLeadIn(view: ObjectView): boolean {
    const host = view.fields.get(Field.HOST);
    const { store } = this.deps;
    return store.canComment.peek() && (typeof host !== "number" || host === 0 || host === store.me.peek());
  }

  private playbackOf(card: ObjectId): ObjectView | null {
    const found = [...this.playbacks.values()].filter((view) => view.fields.get(Field.TARGET) === card);
    return found.sort((a, b) => idCompare(a.id, b.id))[0] ?? null;
  }

  /** Who leads and has just sought is not under way there yet, and would else begin behind everybody. */
  private clockNow(runs = this.deps.reel.wants): FieldValue {
    const { reel, rate } = this.deps;
    const behind = runs ? this.step.startsInMs * rate.peek() : 0;
    return [runs ? RUNS : 0, Math.max(0, Math.round(reel.now() - behind)), rate.peek()];
  }

  private write(id: ObjectId, runs: boolean): void {
    this.deps.store.edit([{ do: "set", id, field: Field.CLOCK, value: this.clockNow(runs) }]);
  }

  /** Sessions that go along, by presence. */
  private others(): readonly number[] {
    const card = this.deps.card.peek();
    return [...this.deps.store.presence]
      .filter(([, { watching }]) => watching !== null && watching.together && watching.track === card)
      .map(([session]) => session);
  }

  private tell(): void {
    const { store, card } = this.deps;
    const others = this.others();
    const mine = this.followed();
    const nameOf = (user: number): string => store.names.get(user) ?? "";
    let next: Together = { is: "alone", offered: null };
    if (mine) {
      const host = mine.fields.get(Field.HOST);
      const hosted = typeof host === "number" && host !== 0 ? nameOf(host) : null;
      next = { is: "together", playback: mine.id, host: hosted, mayLead: this.mayLeadIn(mine), others: others.length };
    } else if (others.length > 0 && card.peek() !== null) {
      const known = this.playbackOf(card.peek()!);
      const first = store.people.peek().find((person) => person.session === others[0]);
      if (known) next = { is: "alone", offered: { playback: known.id, name: first?.name ?? "", others: others.length } };
    }
    if (JSON.stringify(next) !== JSON.stringify(this.state.peek())) this.state.value = next;
  }
}
