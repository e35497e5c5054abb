// The engine as the rest of the client sees it: brands, object views, edits, results. The C engine (engine/doc.ts binds
// it) decides everything about merging; these are plain data. Numbers of kinds and fields come from generated.ts.

export type ObjectId = string & { readonly __brand: "ObjectId" }; // "replica.ctr"
export type OrderKey = string & { readonly __brand: "OrderKey" };
export type BoardX = number & { readonly __brand: "BoardX" };
export type Ms = number & { readonly __brand: "Ms" };

/** A field's value as the engine reports it: registers as their value with ids as ObjectId, texts as their visible
 *  string, tallies as [[user, sub, value], ...]. */
export type FieldValue = null | boolean | number | string | readonly FieldValue[] | { readonly [key: string]: FieldValue };

/** Where a mark of a text shows: kind (Mark in generated.ts), from which UTF-16 unit on, how many, and its value. */
export type MarkRun = readonly [kind: number, at: number, length: number, value: FieldValue];

/** A place in a text that stays beside one of its characters, or without an id at the start (`after`) or the end. */
export type TextAnchor = readonly [id: string | null, after: boolean];

/** Who wrote what of an object, as guest numbers, 0 when unknown: each register, and each stretch of its texts. */
export interface Authors {
  readonly fields: ReadonlyMap<number, number>;
  readonly texts: ReadonlyMap<number, readonly (readonly [units: number, user: number])[]>;
}

/** A living object as this person sees it, pending edits included. `fields[PLACE]` holds the *effective* parent. */
export interface ObjectView {
  readonly id: ObjectId;
  readonly kind: number;
  /** The guest number of whoever made it; 0 when unknown. */
  readonly user: number;
  /** Touched by an edit that is not durable yet. */
  readonly pending: boolean;
  readonly fields: ReadonlyMap<number, FieldValue>;
  /** Of the texts that have any, by field. */
  readonly marks: ReadonlyMap<number, readonly MarkRun[]>;
}

/** At `at` so many UTF-16 units went away and `inserted` came. */
export type TextSplice = readonly [at: number, removed: number, inserted: string];

/** What is different about an object that is known already: values of fields, the splices that changed its texts, one after
 *  the other, and the marks of texts where they are others or elsewhere now. */
export interface Patch {
  readonly id: ObjectId;
  readonly pending: boolean;
  readonly fields: ReadonlyMap<number, FieldValue>;
  readonly splices: ReadonlyMap<number, readonly TextSplice[]>;
  readonly marks: ReadonlyMap<number, readonly MarkRun[]>;
}

/** What a call changed: put `changed` in place of what was known, apply `patches` (patch.ts), remove `removed`. `reset`
 *  means: forget everything first. */
export interface Changes {
  readonly reset: boolean;
  readonly changed: readonly ObjectView[];
  readonly patches: readonly Patch[];
  readonly removed: readonly ObjectId[];
  /** Sequence number of the last committed entry. */
  readonly seq: number;
  readonly pending: number;
  readonly undo: number;
  readonly redo: number;
}

/** An object made by the k-th edit of the same call may be named by k, inside values too. */
export type EditRef = ObjectId | number;
/** An object, and what it shall lie in if that changes. */
export type Arranged = EditRef | readonly [EditRef, parent: EditRef | null];
/** A create whose PLACE is [parent, null] goes above everything: the engine chooses its order key. */
export type Edit =
  | { readonly do: "create"; readonly kind: number; readonly fields: ReadonlyMap<number, FieldValue> }
  | { readonly do: "set"; readonly id: EditRef; readonly field: number; readonly value: FieldValue }
  | { readonly do: "delete"; readonly id: EditRef }
  /** Write one's own register `sub` of a tally. */
  | { readonly do: "tally"; readonly id: EditRef; readonly field: number; readonly sub: number; readonly value: number }
  /** Mark `length` UTF-16 units of a text from `at` on; null takes marks of that kind off. */
  | {
      readonly do: "mark";
      readonly id: EditRef;
      readonly field: number;
      readonly at: number;
      readonly length: number;
      readonly kind: number;
      readonly value: FieldValue;
    }
  /** Put objects, in this order, right below `before` in the drawing order, or above everything; those that come with a
   *  parent go into that (SPEC R8). */
  | { readonly do: "arrange"; readonly objects: readonly Arranged[]; readonly before: EditRef | null }
  /** Replace `remove` UTF-16 units at `at` by `text`. */
  | { readonly do: "text"; readonly id: EditRef; readonly field: number; readonly at: number; readonly remove: number; readonly text: string };

/** A pending batch as it goes to the outbox and the socket: the body bytes of BATCH. */
export interface PendingBatch {
  readonly ctr0: number;
  readonly n: number;
  readonly body: Uint8Array;
}

export interface EditResult {
  readonly changes: Changes;
  readonly created: readonly ObjectId[];
}

/** Why a call failed: a status name from status.def ("invalid", "too_big", "diverged", ...). */
export class EngineError extends Error {
  constructor(readonly status: string) {
    super(status);
    this.name = "EngineError";
  }
}

/** One board's replica in WebAssembly. Calls throw EngineError; a failed edit changes nothing. */
export interface Engine {
  /** Replace the committed state by a snapshot (inflated); an empty array is the empty board. */
  load(snapshot: Uint8Array): Changes;
  /** Put back a pending batch from the outbox, oldest first, before identify. */
  restore(body: Uint8Array): Changes;
  /** Take the identity of WELCOME once caught up to its head_seq; re-keys foreign pending batches. May be called before
   *  there is a connection: with the replica this tab holds the lock of (hwm: its persisted counter), or with a
   *  provisional random id of 2^31 or above (hwm 0), whose batches are re-keyed by the next identify. */
  identify(replica: number, hwm: number, user: number): Changes;
  /** A whole OPS frame as it came from the socket. Throws "diverged" when an own echo differs. */
  ops(frame: Uint8Array): Changes;
  /** A REJECT that took no seq. */
  refuse(ctr0: number): Changes;
  /** One gesture. Edits with the same non-zero gesture number share an undo entry. `joins`: the newest pending batch was
   *  never handed to a socket, so that this may become part of it (SPEC R6). */
  edit(gesture: number, edits: readonly Edit[], joins?: boolean): EditResult;
  undo(): Changes;
  redo(): Changes;
  /** Every pending batch, oldest first. */
  pending(): readonly PendingBatch[];
  /** Ties positions in a text to the character before them (`after`) or behind them; `places` says where they are now. */
  anchors(id: ObjectId, field: number, positions: readonly (readonly [at: number, after: boolean])[]): readonly TextAnchor[];
  places(id: ObjectId, field: number, anchors: readonly TextAnchor[]): readonly number[];
  authors(id: ObjectId): Authors;
  /** The committed state, for keeping on this device: canonical snapshot bytes. */
  snapshot(): { readonly seq: number; readonly bytes: Uint8Array };
  /** 16 hex digits each. */
  hashes(): { readonly state: string; readonly view: string };
}
