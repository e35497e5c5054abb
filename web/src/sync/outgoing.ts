// Sending pending batches in order, and what becomes of those the server will not take (SPEC S7, S9, S10).
//
// A refusal that was counted comes as a void in OPS, which the engine settles by itself; one that was not counted must be
// taken back here, and its counters used again. REJECT does not say which it is. So a refused batch that is still
// pending is sent once more: a counted one is acknowledged, an uncounted one is refused again.

import type { LocalReplica } from "./replica.ts";
import { batchFrame, BoardState, type ServerMessage } from "./wire.ts";

type Reject = Extract<ServerMessage, { readonly is: "reject" }>;

/** Refusals of the moment: the batch stays pending until the board takes edits again. */
const HOLD = new Set(["read_only", "draining"]);
/** Troubles of the server's: connecting again finds out what it has and sends the rest. */
const AGAIN = new Set(["io", "no_memory", "limit", "timeout"]);

export interface OutgoingEvents {
  refused(code: string, text: string): void;
  /** What the server has of our replica does not fit what we have: a new replica is needed. */
  lost(): void;
  /** Connect anew. */
  again(): void;
}

export class Outgoing {
  /** Batches from this counter on have not been sent on this connection. */
  private from = 0;
  private live = false;
  private held = false;
  private readonly asked = new Set<number>();

  constructor(
    private readonly replica: LocalReplica,
    private readonly send: (frame: Uint8Array) => boolean,
    private readonly events: OutgoingEvents,
  ) {}

  /** The connection is live: everything pending goes out again. */
  begin(): void {
    this.reset();
    this.live = true;
    this.flush();
  }

  reset(): void {
    this.live = false;
    this.from = 0;
    this.asked.clear();
  }

  /** The board takes edits only when it is ready; until then they wait here. */
  hold(boardState: number): void {
    this.held = boardState !== BoardState.READY;
    this.flush();
  }

  /** Sends what has not been sent. Call it after every change of the pending list. */
  flush(): void {
    if (!this.live || this.held) return;
    for (const batch of this.replica.batches()) {
      if (batch.ctr0 < this.from) continue;
      if (!this.send(batchFrame(batch.body))) return;
      this.from = batch.ctr0 + batch.n;
    }
  }

  /** Entries were folded: batches may have been settled. */
  settle(): void {
    for (const ctr0 of this.asked) if (!this.isPending(ctr0)) this.asked.delete(ctr0);
  }

  onReject({ ctr0, code }: Reject): void {
    if (!this.live) return;
    if (code === "gap") return this.onGap(ctr0);
    if (HOLD.has(code)) {
      this.held = true;
      this.from = Math.min(this.from, ctr0);
      return;
    }
    if (AGAIN.has(code)) return this.events.again();
    if (this.asked.delete(ctr0)) {
      this.replica.refuse(ctr0);
      this.from = Math.min(this.from, ctr0);
      return this.flush();
    }
    this.events.refused(code, this.replica.textAt(ctr0));
    const batch = this.replica.batches().find((pending) => pending.ctr0 === ctr0);
    if (!batch) return; // its void came first
    this.asked.add(ctr0);
    this.send(batchFrame(batch.body));
  }

  private onGap(ctr0: number): void {
    // The answer to the question under way settles this too.
    if (this.asked.has(ctr0)) return;
    if (this.replica.batches().length === 0) return;
    if (!this.isPending(ctr0)) return this.events.lost();
    this.from = ctr0;
    this.flush();
  }

  private isPending(ctr0: number): boolean {
    return this.replica.batches().some((batch) => batch.ctr0 === ctr0);
  }
}
