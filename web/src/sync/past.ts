// Asking the server how the board was (SPEC section 11): one question at a time, its answer put together from the messages
// that lie between others. An answer that its connection took along fails as "offline"; whoever wants it asks again.

import { createHistory, type History } from "../engine/history.ts";
import { EngineError } from "../engine/types.ts";
import type { EngineModule } from "../engine/wasm.ts";
import type { PastAnswer, PastDesk } from "../state/types.ts";
import { inflate } from "./inflate.ts";
import { pastAskFrame, type Past, type ServerMessage } from "./wire.ts";

/** Below the server's PL_PASTS_PER_S. */
const APART_MS = 600;

interface Asked {
  readonly seq: number;
  readonly resolve: (answer: PastAnswer) => void;
  readonly reject: (error: EngineError) => void;
  head: Past | null;
  readonly chunks: Uint8Array[];
  readonly ops: Uint8Array[];
}

export class PastAsker implements PastDesk {
  private readonly waiting: Asked[] = [];
  private asked: Asked | null = null;
  private lastAt = -Infinity;
  private timer: ReturnType<typeof setTimeout> | null = null;

  constructor(
    private readonly module: EngineModule,
    private readonly send: (frame: Uint8Array) => boolean,
  ) {}

  ask(seq: number): Promise<PastAnswer> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ seq, resolve, reject, head: null, chunks: [], ops: [] });
      this.next();
    });
  }

  open(): History {
    return createHistory(this.module);
  }

  onMessage(message: ServerMessage): void {
    const { asked } = this;
    if (!asked) return;
    switch (message.is) {
      case "past":
        asked.head = message;
        if (message.code !== "ok") this.fail(message.code);
        return;
      case "past_chunk":
        if (message.index === asked.chunks.length) asked.chunks.push(message.data);
        return;
      case "past_ops":
        asked.ops.push(message.frame);
        return;
      case "past_end":
        void this.finish(asked);
        return;
      default:
        return;
    }
  }

  /** The connection is gone, and what it had begun to answer. */
  lost(): void {
    if (this.asked) this.fail("offline");
  }

  stop(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    for (const { reject } of this.waiting.splice(0)) reject(new EngineError("offline"));
    this.lost();
  }

  private next(): void {
    if (this.asked || this.timer !== null || this.waiting.length === 0) return;
    this.timer = setTimeout(() => this.askNow(), Math.max(0, this.lastAt + APART_MS - performance.now()));
  }

  private askNow(): void {
    this.timer = null;
    this.asked = this.waiting.shift() ?? null;
    if (!this.asked) return;
    this.lastAt = performance.now();
    if (!this.send(pastAskFrame(this.asked.seq))) this.fail("offline");
  }

  private fail(code: string): void {
    this.asked?.reject(new EngineError(code));
    this.asked = null;
    this.next();
  }

  private async finish(asked: Asked): Promise<void> {
    const { head, chunks, ops, seq } = asked;
    this.asked = null;
    try {
      if (!head || chunks.length !== head.chunks) throw new EngineError("malformed");
      const snapshot = head.asOf === 0 ? new Uint8Array() : await inflate(chunks, head.bytes);
      asked.resolve({ asOf: head.asOf, seq, snapshot, hash: head.asOf === 0 ? "" : head.hash, ops });
    } catch {
      asked.reject(new EngineError("malformed"));
    }
    this.next();
  }
}
