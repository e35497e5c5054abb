// One board's connection, from ticket to live and back (SPEC section 2). It fetches a ticket, says HELLO, brings the
// replica up to date, sends what is pending, and starts over when anything goes wrong. phase.ts has the states.
//
// A connection is an object; whatever arrives for one that is no longer the current one changes nothing. Messages are
// handled strictly in order, also across the asynchronous steps (inflating a snapshot, taking a lock).

import { EngineError } from "../engine/types.ts";
import { EngineTrap } from "../engine/wasm.ts";
import { ApiError, fetchTicket } from "./api.ts";
import { inflate } from "./inflate.ts";
import type { Ownership } from "./locks.ts";
import { mayMove, socketOf, type Phase } from "./phase.ts";
import { isProvisional, type LocalReplica } from "./replica.ts";
import type { Retry } from "./retry.ts";
import { openSocket, type Socket } from "./socket.ts";
import { Outgoing } from "./outgoing.ts";
import { helloFrame, parseMessage, voidsOf, type Hello, type ServerMessage, type Welcome } from "./wire.ts";

/** Refusals that another try cannot change. */
const FINAL = new Set(["token", "revoked", "expired", "not_found", "origin", "version", "perm"]);
/** Our own protocol errors in a row before giving up: they would only repeat. */
const STRIKES_MAX = 3;
const BROKEN = new Set(["malformed", "state"]);

export interface SessionDeps {
  readonly board: string;
  readonly token: string;
  readonly name: () => string;
  readonly replica: LocalReplica;
  readonly ownership: Ownership;
  readonly retry: Retry;
  /** hashes().state of the engine, to check a snapshot against. */
  readonly stateHash: () => string;
}

export interface SessionEvents {
  /** The phase or what is kept changed: see `phase`, `failures`. */
  moved(): void;
  welcomed(welcome: Welcome): void;
  /** All of WELCOME's head is on screen and the replica is ours. */
  caughtUp(): void;
  /** PEOPLE, PRESENCE, STATE, PONG, PAST and its parts: what the session itself does not need. */
  message(message: ServerMessage): void;
  /** A batch was refused for good. `text` is what it would have written. */
  refused(code: string, text: string): void;
  trapped(): void;
}

interface Link {
  readonly inbox: ServerMessage[];
  pumping: boolean;
}

export class Session {
  phase: Phase = { is: "resting" };
  /** Attempts since the last live connection that came to nothing. */
  failures = 0;
  /** The lineage the committed state belongs to. */
  lineage: string | null = null;
  readonly outgoing: Outgoing;
  private link: Link = { inbox: [], pumping: false };
  private wantSnapshot = false;
  private wantReplica = false;
  private strikes = 0;
  private restMs = 0;

  constructor(
    private readonly deps: SessionDeps,
    private readonly events: SessionEvents,
  ) {
    this.outgoing = new Outgoing(deps.replica, (frame) => this.send(frame), {
      refused: (code, text) => events.refused(code, text),
      lost: () => this.startOver({ replica: true }),
    });
  }

  /** Begins to connect; from then on it goes on by itself until `close`. */
  open(): void {
    if (this.phase.is === "resting") void this.connect();
  }

  close(): void {
    this.end("closed", "");
  }

  /** Cuts the connection; with `snapshot` or `replica` the next one asks for a fresh one. */
  startOver(fresh: { readonly snapshot?: boolean; readonly replica?: boolean } = {}): void {
    if (fresh.snapshot) this.wantSnapshot = true;
    if (fresh.replica) this.wantReplica = true;
    if (this.phase.is !== "ended") this.lost();
  }

  /** Something made us doubt the connection, or hope for one. */
  wake(): void {
    this.ping();
    this.deps.retry.hurry();
  }

  /** Asks for a sign of life, which tells the server's time, too. */
  ping(): void {
    socketOf(this.phase)?.probe();
  }

  /** False when not live. */
  send(frame: Uint8Array): boolean {
    if (this.phase.is !== "live") return false;
    this.phase.socket.send(frame);
    return true;
  }

  private move(to: Phase): void {
    if (!mayMove(this.phase, to)) throw new Error(`no move from ${this.phase.is} to ${to.is}`);
    this.phase = to;
    this.events.moved();
  }

  private end(code: string, text: string): void {
    if (this.phase.is === "ended") return;
    socketOf(this.phase)?.close();
    this.deps.retry.stop();
    this.link = { inbox: [], pumping: false };
    this.move({ is: "ended", code, text });
  }

  /** The connection, or the attempt at one, is gone: rest, then try again. */
  private lost(): void {
    socketOf(this.phase)?.close();
    this.link = { inbox: [], pumping: false };
    this.outgoing.reset();
    if (this.phase.is !== "live") this.failures += 1;
    if (this.failures > 0) this.deps.replica.provide();
    if (this.phase.is !== "resting") this.move({ is: "resting" });
    this.deps.retry.schedule(() => void this.connect(), this.restMs);
    this.restMs = 0;
  }

  private async connect(): Promise<void> {
    const link: Link = { inbox: [], pumping: false };
    this.link = link;
    this.move({ is: "ticket" });
    try {
      const { ticket } = await fetchTicket(this.deps.board, this.deps.token, this.deps.name());
      if (this.link === link) this.dial(link, ticket);
    } catch (error) {
      if (this.link !== link) return;
      if (error instanceof ApiError && FINAL.has(error.code)) this.end(error.code, error.text);
      else this.lost();
    }
  }

  private dial(link: Link, ticket: string): void {
    const { replica } = this.deps;
    const identity = replica.identity();
    const resumes = this.lineage !== null && !this.wantSnapshot;
    const hello: Hello = {
      ticket,
      lineage: resumes ? this.lineage : null,
      replica: identity && !this.wantReplica && !isProvisional(identity.replica) ? identity.replica : null,
      resumeSeq: resumes ? replica.seq : null,
    };
    const url = new URL(`/ws/${encodeURIComponent(this.deps.board)}`, location.href);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    const socket = openSocket(url.href, {
      open: () => {
        if (this.link !== link) return;
        this.move({ is: "greeting", socket, hello });
        socket.send(helloFrame(hello));
      },
      message: (frame) => {
        if (this.link === link) this.receive(link, frame);
      },
      settled: () => replica.settledSeq,
      gone: () => {
        if (this.link === link) this.lost();
      },
    });
    this.move({ is: "opening", socket, hello });
  }

  private receive(link: Link, frame: Uint8Array): void {
    const message = parseMessage(frame);
    if (message === null) return this.startOver({ snapshot: true });
    link.inbox.push(message);
    if (!link.pumping) void this.pump(link);
  }

  private async pump(link: Link): Promise<void> {
    link.pumping = true;
    for (let message = link.inbox.shift(); message && this.link === link; message = link.inbox.shift()) {
      try {
        const step = this.handle(message);
        if (step) await step;
      } catch (error) {
        if (this.link === link) this.stumble(error);
      }
    }
    link.pumping = false;
  }

  /** Somebody else wrote under our replica: a copy of this device's profile, or itself before it was put back. */
  private doubt(): void {
    this.deps.replica.disown();
    this.startOver({ snapshot: true, replica: true });
  }

  private stumble(error: unknown): void {
    if (error instanceof EngineTrap) this.events.trapped();
    else if (error instanceof EngineError && error.status === "diverged") this.doubt();
    else {
      console.error(error);
      this.startOver({ snapshot: true });
    }
  }

  private handle(message: ServerMessage): Promise<void> | void {
    switch (message.is) {
      case "welcome":
        return this.onWelcome(message);
      case "snapshot_begin":
      case "snapshot_chunk":
      case "snapshot_end":
        return this.onSnapshot(message);
      case "ops":
        return this.onOps(message.frame);
      case "reject":
        return this.outgoing.onReject(message);
      case "ack":
        return;
      case "goaway":
        this.restMs = message.retryAfterMs;
        return this.lost();
      case "error":
        return this.onError(message.code, message.text);
      case "state":
        this.outgoing.hold(message.boardState);
        return this.events.message(message);
      case "people":
      case "presence":
      case "pong":
      case "past":
      case "past_chunk":
      case "past_ops":
      case "past_end":
        return this.events.message(message);
    }
  }

  private onError(code: string, text: string): void {
    if (BROKEN.has(code)) this.strikes += 1;
    if (FINAL.has(code) || this.strikes >= STRIKES_MAX) return this.end(code, text);
    this.startOver({ snapshot: BROKEN.has(code) });
  }

  private onWelcome(welcome: Welcome): Promise<void> | void {
    if (this.phase.is !== "greeting") return this.startOver();
    const { socket, hello } = this.phase;
    if (hello.replica === welcome.replica && !this.isOurs(welcome)) return this.doubt();
    this.outgoing.hold(welcome.boardState);
    this.events.welcomed(welcome);
    const resumes = hello.lineage === welcome.lineage && hello.resumeSeq !== null && hello.resumeSeq <= welcome.headSeq;
    if (!resumes) return this.move({ is: "snapshot", socket, welcome, begin: null, chunks: [] });
    this.move({ is: "tail", socket, welcome });
    return this.joinIfCaughtUp();
  }

  /** Whether the replica's high-water mark is one this tab can have caused: a clone's or a lost outbox's is not. */
  private isOurs(welcome: Welcome): boolean {
    const identity = this.deps.replica.identity();
    if (!identity) return true;
    const oldest = this.deps.replica.batches()[0]?.ctr0 ?? identity.next;
    return welcome.hwm < identity.next && welcome.hwm >= oldest - 1;
  }

  private onSnapshot(message: ServerMessage): Promise<void> | void {
    const { phase } = this;
    if (message.is === "snapshot_begin" && (phase.is === "snapshot" || phase.is === "tail")) {
      const { socket, welcome } = phase;
      return this.move({ is: "snapshot", socket, welcome, begin: message, chunks: [] });
    }
    if (phase.is !== "snapshot" || phase.begin === null) return this.startOver({ snapshot: true });
    if (message.is === "snapshot_chunk") {
      if (message.index !== phase.chunks.length) return this.startOver({ snapshot: true });
      return this.move({ ...phase, chunks: [...phase.chunks, message.data] });
    }
    return this.loadSnapshot(phase.socket, phase.welcome, phase.begin, phase.chunks);
  }

  private async loadSnapshot(
    socket: Socket,
    welcome: Welcome,
    begin: { readonly bytes: number; readonly hash: string; readonly asOf: number },
    chunks: readonly Uint8Array[],
  ): Promise<void> {
    const { link } = this;
    const bytes = await inflate(chunks, begin.bytes);
    if (this.link !== link) return;
    // Until the new state is whole, what is loaded belongs to no lineage that may be resumed.
    this.lineage = null;
    this.deps.replica.load(bytes);
    if (this.deps.stateHash() !== begin.hash) throw new Error("the snapshot does not match its hash");
    this.lineage = welcome.lineage;
    this.wantSnapshot = false;
    this.move({ is: "tail", socket, welcome });
    return this.joinIfCaughtUp();
  }

  private onOps(frame: Uint8Array): Promise<void> | void {
    const { replica } = this.deps;
    if (this.phase.is === "tail") {
      this.tellVoids(frame);
      replica.ops(frame);
      return this.joinIfCaughtUp();
    }
    if (this.phase.is !== "live" && this.phase.is !== "joining") return this.startOver({ snapshot: true });
    replica.ops(frame);
  }

  /** A refusal that came while we were away has no REJECT to explain it: the entry's code must do. */
  private tellVoids(frame: Uint8Array): void {
    const { replica } = this.deps;
    const identity = replica.identity();
    if (!identity || replica.batches().length === 0) return;
    for (const refused of voidsOf(frame, identity.replica)) {
      this.events.refused(refused.code, replica.textAt(refused.ctr0));
    }
  }

  private joinIfCaughtUp(): Promise<void> | void {
    if (this.phase.is !== "tail" || this.deps.replica.seq < this.phase.welcome.headSeq) return;
    const { socket, welcome } = this.phase;
    this.move({ is: "joining", socket, welcome });
    return this.join(socket, welcome);
  }

  private async join(socket: Socket, welcome: Welcome): Promise<void> {
    const { link } = this;
    const { replica, ownership, retry } = this.deps;
    const owned = await ownership.take(welcome.replica);
    if (this.link !== link) return;
    if (!owned) return this.startOver({ replica: true });
    replica.adoptOrphans();
    replica.identify(welcome.replica, welcome.hwm, welcome.user);
    this.wantReplica = false;
    this.failures = 0;
    this.strikes = 0;
    retry.succeeded();
    this.move({ is: "live", socket, welcome });
    this.events.caughtUp();
    this.outgoing.begin();
  }
}
