// How the C engine's replies are decoded: changes (proto/report.h) and authors (proto/ask.h), as engine/types.ts has them.

import type { Authors, Changes, FieldValue, MarkRun, ObjectId, ObjectView, Patch, TextSplice } from "./types.ts";

type ByField<T> = { readonly [field: string]: T };
type WireMarks = ByField<readonly MarkRun[]>;
type WireView = readonly [ObjectId, number, number, boolean, ByField<FieldValue>, WireMarks];
type WirePatch = readonly [ObjectId, boolean, ByField<FieldValue>, ByField<readonly TextSplice[]>, WireMarks];
export type WireChanges = readonly [
  boolean,
  readonly WireView[],
  readonly WirePatch[],
  readonly ObjectId[],
  number,
  number,
  number,
  number,
];

export type WireAuthors = readonly [ByField<number>, ByField<readonly (readonly [number, number])[]>];

const NONE = new Map<number, never>();

function byField<T>(wire: ByField<T>): ReadonlyMap<number, T> {
  let fields: Map<number, T> | null = null;
  for (const key in wire) (fields ??= new Map()).set(Number(key), wire[key]!);
  return fields ?? NONE;
}

function viewOf([id, kind, user, pending, fields, marks]: WireView): ObjectView {
  return { id, kind, user, pending, fields: byField(fields), marks: byField(marks) };
}

function patchOf([id, pending, fields, splices, marks]: WirePatch): Patch {
  return { id, pending, fields: byField(fields), splices: byField(splices), marks: byField(marks) };
}

export function changesOf([reset, views, patches, removed, seq, pending, undo, redo]: WireChanges): Changes {
  return { reset, changed: views.map(viewOf), patches: patches.map(patchOf), removed, seq, pending, undo, redo };
}

export function authorsOf([fields, texts]: WireAuthors): Authors {
  return { fields: byField(fields), texts: byField(texts) };
}

/** A hash as the engine writes it. */
export function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
