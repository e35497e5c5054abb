// The moment of a talk-track that is being watched, for those who write meanwhile: comments and reactions made then carry
// it (SPEC K2, K7). The player sets it; comments and reactions read it, and ask to go to another.

import { signal } from "@preact/signals";
import type { Signal } from "@preact/signals";
import { Field } from "../engine/generated.ts";
import type { Ms, ObjectId, ObjectView } from "../engine/types.ts";

/** `ms` is recorded time. */
export interface Moment {
  readonly track: ObjectId; // its card
  readonly ms: Ms;
}

/** The one that an object was written at. */
export function momentOf(view: ObjectView): Moment | null {
  const value = view.fields.get(Field.MOMENT);
  if (!Array.isArray(value)) return null;
  const [track, ms] = value as readonly unknown[];
  return typeof track === "string" && typeof ms === "number" ? { track: track as ObjectId, ms: ms as Ms } : null;
}

export interface Moments {
  /** Where the player is, to a quarter of a second; null while none is open. */
  readonly now: Signal<Moment | null>;
  /** Somebody wants to see this moment; the player takes it and sets null. */
  readonly wanted: Signal<Moment | null>;
  /** Somebody is writing a comment: the player pauses if the viewer wishes. */
  readonly writing: Signal<boolean>;
}

export function createMoments(): Moments {
  return { now: signal<Moment | null>(null), wanted: signal<Moment | null>(null), writing: signal(false) };
}
