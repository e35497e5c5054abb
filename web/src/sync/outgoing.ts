// Sending pending batches in order, and what becomes of those the server will not take (SPEC S7, S9, S10).
//
// A refusal that was counted has a void in OPS, which the engine has settled by the time its REJECT comes. One that was not
// counted says so by refusing no counters: its batch is taken back here, and its counters are used again.

import type { LocalReplica } from "./replica.ts";
import { batchFrame, BoardState, type ServerMessage } from "./wire.ts";

type Reject = Extract<ServerMessage, { readonly is: "reject" }>;

export interface OutgoingEvents {
  refused(code: string, text: string): void;
  /** What the server has of our replica does not fit what we have: a new replica is needed. */
  lost(): void;
}

export class Outgoing {
  /** Batches from this counter on have not been sent on this connection. */
  private from = 0;
  private live = false;
  private held = false;

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
      this.replica.handed(batch);
      this.from = batch.ctr0 + batch.n;
    }
  }

  onReject({ ctr0, n, code }: Reject): void {
    if (!this.live) return;
    if (code === "gap") return this.onGap(ctr0);
    this.events.refused(code, this.replica.textAt(ctr0));
    if (n > 0 || !this.isPending(ctr0)) return;
    this.from = Math.min(this.from, ctr0);
    this.replica.refuse(ctr0);
  }

  private onGap(ctr0: number): void {
    if (this.replica.batches().length === 0) return;
    if (!this.isPending(ctr0)) return this.events.lost();
    this.from = ctr0;
    this.flush();
  }

  private isPending(ctr0: number): boolean {
    return this.replica.batches().some((batch) => batch.ctr0 === ctr0);
  }
}
