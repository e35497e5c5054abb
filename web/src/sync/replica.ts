// This tab's replica: the engine, its outbox and its identity kept in step. Every change of the engine goes through
// here, so that a pending batch is on its way to the database before anybody sends it, and the scene hears of all of
// it. It knows no connection; session.ts moves it along and sends what `batches` lists.

import type { RestartableEngine } from "../engine/doc.ts";
import { Limits } from "../engine/generated.ts";
import { EngineError, type Changes, type Edit, type EditResult, type PendingBatch } from "../engine/types.ts";
import { EngineTrap } from "../engine/wasm.ts";
import type { SnapshotRow } from "./database.ts";
import type { Identity, Outbox } from "./outbox.ts";
import { textsOf } from "./wire.ts";

/** Ids above the limit are never issued: a tab without a replica makes one up until the server gives it a real one. */
export function isProvisional(replica: number): boolean {
  return replica > Limits.REPLICA_ISSUED_MAX;
}

export interface ReplicaEvents {
  changed(changes: Changes): void;
  /** An edit the engine would not take; nothing changed. */
  editFailed(status: string): void;
  /** The engine hit a bug: call `fill` and start over. */
  trapped(): void;
}

export class LocalReplica {
  private list: readonly PendingBatch[] = [];
  private known: Identity | null = null;
  private last = { seq: 0, pending: 0 };
  private settled = 0;
  /** Batches of `replica` below `next` were handed to a socket once, and are never changed again (SPEC B1). */
  private sealed = { replica: 0, next: 0 };
  private lastGesture = 0;

  constructor(
    private readonly engine: RestartableEngine,
    private readonly outbox: Outbox,
    private readonly events: ReplicaEvents,
  ) {}

  /** Seq of the last committed entry. */
  get seq(): number {
    return this.last.seq;
  }
  /** The last seq at which nothing was pending: whatever was made before it is committed. */
  get settledSeq(): number {
    return this.settled;
  }
  get pendingCount(): number {
    return this.last.pending;
  }
  /** Pending batches, oldest first. */
  batches(): readonly PendingBatch[] {
    return this.list;
  }
  /** Null until edits can be given ids. */
  identity(): Identity | null {
    return this.known;
  }

  /** An empty engine filled with what this device kept. With a replica of its own it can be edited offline. */
  fill(kept: SnapshotRow | null): void {
    this.known = null;
    this.list = [];
    this.take(this.engine.restart(), false);
    if (kept) this.take(this.engine.load(kept.bytes), false);
    this.restore(this.outbox.own());
    const identity = this.outbox.identity();
    if (!kept || !identity) return;
    const oldest = this.engine.pending()[0];
    this.identify(identity.replica, (oldest ? oldest.ctr0 : identity.next) - 1, identity.user);
  }

  /** Lets a board that was opened without a network be edited; identify re-keys it all later. */
  provide(): void {
    if (this.known === null && this.last.seq > 0) this.makeUpName(this.outbox.identity()?.user ?? 0);
  }

  /** The server has something else under our counters: what is pending goes under a made-up name, lest the tail's entries
   *  or a snapshot's rows be taken for it. */
  disown(): void {
    if (this.known !== null && !isProvisional(this.known.replica)) this.makeUpName(this.known.user);
  }

  private makeUpName(user: number): void {
    const random = crypto.getRandomValues(new Uint32Array(1))[0]!;
    this.identify((random | 0x8000_0000) >>> 0, 0, user);
  }

  load(snapshot: Uint8Array): void {
    this.take(this.engine.load(snapshot), true);
  }

  ops(frame: Uint8Array): void {
    const before = this.last.pending;
    const changes = this.engine.ops(frame);
    this.take(changes, changes.pending !== before);
  }

  /** Takes over what closed tabs left behind; identify makes it ours. */
  adoptOrphans(): void {
    this.restore(this.outbox.adopt());
  }

  identify(replica: number, hwm: number, user: number): void {
    const changes = this.engine.identify(replica, hwm, user);
    this.known = { replica, next: hwm + 1, user };
    this.take(changes, true);
  }

  /** Takes back a batch the server did not count; those after it are made again with its counters. */
  refuse(ctr0: number): void {
    const changes = this.engine.refuse(ctr0);
    if (this.known) this.known = { ...this.known, next: ctr0 };
    this.take(changes, true);
  }

  edit(gesture: number, edits: readonly Edit[]): EditResult | null {
    return this.attempt(() => {
      // What shares a batch is refused together, so only one gesture's edits do.
      const joins = gesture !== 0 && gesture === this.lastGesture && this.newestIsOurs();
      this.lastGesture = gesture;
      const result = this.engine.edit(gesture, edits, joins);
      this.take(result.changes, true);
      return result;
    });
  }

  /** A socket took the batch: whatever becomes of that socket, the server may have it. */
  handed(batch: PendingBatch): void {
    if (this.known) this.sealed = { replica: this.known.replica, next: batch.ctr0 + batch.n };
  }

  private newestIsOurs(): boolean {
    const newest = this.list.at(-1);
    if (!newest || !this.known) return false;
    return this.sealed.replica !== this.known.replica || newest.ctr0 >= this.sealed.next;
  }

  undo(): void {
    this.attempt(() => this.take(this.engine.undo(), true));
  }

  redo(): void {
    this.attempt(() => this.take(this.engine.redo(), true));
  }

  /** The text a batch that is, or lately was, pending would have written; "" when there is none. */
  textAt(ctr0: number): string {
    const body = this.outbox.bodyAt(ctr0);
    return body ? textsOf(body) : "";
  }

  private attempt<T>(work: () => T): T | null {
    try {
      return work();
    } catch (error) {
      if (error instanceof EngineTrap) this.events.trapped();
      else if (!(error instanceof EngineError)) throw error;
      else if (error.status !== "not_found") this.events.editFailed(error.status);
      return null;
    }
  }

  private restore(bodies: readonly Uint8Array[]): void {
    for (const body of bodies) {
      try {
        this.take(this.engine.restore(body), false);
      } catch (error) {
        // A batch the engine will not take back cannot be sent either; the others still can.
        if (error instanceof EngineTrap || !(error instanceof EngineError)) throw error;
        if (error.status !== "duplicate") this.events.editFailed(error.status);
      }
    }
  }

  private take(changes: Changes, pendingChanged: boolean): void {
    this.last = { seq: changes.seq, pending: changes.pending };
    if (changes.pending === 0) this.settled = changes.seq;
    if (pendingChanged && this.known) {
      this.list = changes.pending > 0 ? this.engine.pending() : [];
      const newest = this.list.at(-1);
      if (newest) this.known = { ...this.known, next: newest.ctr0 + newest.n };
      this.outbox.keep(this.known, this.list);
    }
    this.events.changed(changes);
  }
}
