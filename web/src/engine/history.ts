// A board as it was at any sequence number of its journal: for playing a talk-track as it was recorded, and for looking
// back. An instance of its own: memory that was needed once stays with an instance, and a past that comes to grief must
// not take the board along that somebody works on.

import { decode, encode } from "./codec.ts";
import type { Authors, Changes, Ms, ObjectId } from "./types.ts";
import { authorsOf, changesOf, hexOf, type WireAuthors, type WireChanges } from "./wire.ts";
import { WasmInstance, type EngineModule } from "./wasm.ts";

/** The numbers of pl_wasm_call's methods (proto/wasm.c). */
const Method = { OPEN: 17, OPS: 18, MOVE: 19, WHEN: 20, AUTHORS: 21, HASH: 22 } as const;

/** From where to where it can be looked at, and when that was (Unix time of the server). */
export interface Extent {
  readonly first: number;
  readonly last: number;
  readonly firstAt: Ms;
  readonly lastAt: Ms;
}

/** Calls throw EngineError. After "corrupt" or "no_memory" a history is of no use until it is opened anew. */
export interface History {
  /** Begin with a snapshot (inflated); an empty array is the empty board. What was there before is forgotten. */
  open(snapshot: Uint8Array): Extent;
  /** A whole OPS frame: entries it has are passed over; "gap" when some are missing in between. Where one looks from does
   *  not move. */
  ops(frame: Uint8Array): Extent;
  /** Look at the board as it was right after this entry: "not_found" outside of the extent. The changes are since the last
   *  move, a reset the first time and whenever going there took a new start. `at`: when the entry was journaled. */
  move(seq: number): { readonly changes: Changes; readonly at: Ms };
  /** The last sequence number at or before a time; the first one for earlier times. */
  when(at: Ms): number;
  /** Who had written what of an object where one looks from; "not_found" when it was not there yet. */
  authors(id: ObjectId): Authors;
  /** The state's hash where one looks from, as 16 hex digits. */
  hash(): string;
}

class WasmHistory implements History {
  private readonly instance: WasmInstance;

  constructor(module: EngineModule) {
    this.instance = new WasmInstance(module);
  }

  private ask(method: number, request: Uint8Array): unknown {
    return decode(this.instance.call(method, request));
  }

  private extent(method: number, request: Uint8Array): Extent {
    const [first, last, firstAt, lastAt] = this.ask(method, request) as readonly [number, number, Ms, Ms];
    return { first, last, firstAt, lastAt };
  }

  open(snapshot: Uint8Array): Extent {
    return this.extent(Method.OPEN, snapshot);
  }
  ops(frame: Uint8Array): Extent {
    return this.extent(Method.OPS, frame);
  }
  move(seq: number): { readonly changes: Changes; readonly at: Ms } {
    const [changes, at] = this.ask(Method.MOVE, encode([seq])) as readonly [WireChanges, Ms];
    return { changes: changesOf(changes), at };
  }
  when(at: Ms): number {
    return this.ask(Method.WHEN, encode([at])) as number;
  }
  authors(id: ObjectId): Authors {
    return authorsOf(this.ask(Method.AUTHORS, encode([id])) as WireAuthors);
  }
  hash(): string {
    return hexOf(this.ask(Method.HASH, new Uint8Array()) as Uint8Array);
  }
}

export function createHistory(module: EngineModule): History {
  return new WasmHistory(module);
}
