// Implements Engine over the C exports: requests and replies are MessagePack, whole batches at a time. It holds no
// state of its own besides the instance; after a trap `restart` gives an empty engine, which the owner fills again.

import { decode, encode, type Encodable } from "./codec.ts";
import type {
  Authors,
  Changes,
  Edit,
  EditResult,
  Engine,
  ObjectId,
  PendingBatch,
  TextAnchor,
} from "./types.ts";
import { authorsOf, changesOf, hexOf, type WireAuthors, type WireChanges } from "./wire.ts";
import { WasmInstance, type EngineModule } from "./wasm.ts";

/** The numbers of pl_wasm_call's methods (proto/wasm.c). */
const Method = {
  LOAD: 1,
  RESTORE: 2,
  IDENTIFY: 3,
  OPS: 4,
  REFUSE: 5,
  EDIT: 6,
  UNDO: 7,
  REDO: 8,
  PENDING: 9,
  SNAPSHOT: 11,
  HASHES: 12,
  ANCHORS: 14,
  PLACES: 15,
  AUTHORS: 16,
} as const;

const EMPTY = new Uint8Array();

function editToWire(edit: Edit): Encodable {
  switch (edit.do) {
    case "create":
      return [1, edit.kind, edit.fields as ReadonlyMap<number, Encodable>];
    case "set":
      return [2, edit.id, edit.field, edit.value as Encodable];
    case "delete":
      return [3, edit.id];
    case "text":
      return [4, edit.id, edit.field, edit.at, edit.remove, edit.text];
    case "arrange":
      return [6, edit.objects, edit.before];
    case "mark":
      return [7, edit.id, edit.field, edit.at, edit.length, edit.kind, edit.value as Encodable];
    case "tally":
      return [5, edit.id, edit.field, edit.sub, edit.value];
  }
}

export interface RestartableEngine extends Engine {
  /** Throws the instance away for an empty one: after a trap, or to begin anew with a foreign board. */
  restart(): Changes;
}

class WasmEngine implements RestartableEngine {
  private instance: WasmInstance;

  constructor(private readonly module: EngineModule) {
    this.instance = new WasmInstance(module);
  }

  restart(): Changes {
    this.instance = new WasmInstance(this.module);
    return this.load(EMPTY);
  }

  private ask(method: number, request: Uint8Array): unknown {
    return decode(this.instance.call(method, request));
  }

  private change(method: number, request: Uint8Array): Changes {
    return changesOf(this.ask(method, request) as WireChanges);
  }

  load(snapshot: Uint8Array): Changes {
    return this.change(Method.LOAD, snapshot);
  }
  restore(body: Uint8Array): Changes {
    return this.change(Method.RESTORE, body);
  }
  identify(replica: number, hwm: number, user: number): Changes {
    return this.change(Method.IDENTIFY, encode([replica, hwm, user]));
  }
  ops(frame: Uint8Array): Changes {
    return this.change(Method.OPS, frame);
  }
  refuse(ctr0: number): Changes {
    return this.change(Method.REFUSE, encode([ctr0]));
  }
  undo(): Changes {
    return this.change(Method.UNDO, EMPTY);
  }
  redo(): Changes {
    return this.change(Method.REDO, EMPTY);
  }

  edit(gesture: number, edits: readonly Edit[], joins = false): EditResult {
    const reply = this.ask(Method.EDIT, encode([gesture, edits.map(editToWire), joins]));
    const [changes, created] = reply as readonly [WireChanges, readonly ObjectId[]];
    return { changes: changesOf(changes), created };
  }

  pending(): readonly PendingBatch[] {
    const reply = this.ask(Method.PENDING, EMPTY) as readonly (readonly [number, number, Uint8Array])[];
    return reply.map(([ctr0, n, body]) => ({ ctr0, n, body: body.slice() }));
  }

  anchors(id: ObjectId, field: number, positions: readonly (readonly [number, boolean])[]): readonly TextAnchor[] {
    return this.ask(Method.ANCHORS, encode([id, field, positions])) as readonly TextAnchor[];
  }

  places(id: ObjectId, field: number, anchors: readonly TextAnchor[]): readonly number[] {
    return this.ask(Method.PLACES, encode([id, field, anchors])) as readonly number[];
  }

  authors(id: ObjectId): Authors {
    return authorsOf(this.ask(Method.AUTHORS, encode([id])) as WireAuthors);
  }

  snapshot(): { readonly seq: number; readonly bytes: Uint8Array } {
    const [seq, bytes] = this.ask(Method.SNAPSHOT, EMPTY) as readonly [number, Uint8Array];
    return { seq, bytes };
  }

  hashes(): { readonly state: string; readonly view: string } {
    const [state, view] = this.ask(Method.HASHES, EMPTY) as readonly [Uint8Array, Uint8Array];
    return { state: hexOf(state), view: hexOf(view) };
  }
}

export function createEngine(module: EngineModule): RestartableEngine {
  return new WasmEngine(module);
}
