// Copies of objects as plain data: for duplicating, alt-dragging and the clipboard. Copies of a frame and of what lies on
// it keep belonging together. What comes from a clipboard is another program's word: every part is checked.

import { Field, Kind } from "../engine/generated.ts";
import type { Edit, ObjectId } from "../engine/types.ts";
import { boundsOf } from "../geom/rect.ts";
import type { BoardRect } from "../geom/types.ts";
import { hasText, placeOf, textOf } from "../state/read.ts";
import { createEdit } from "./make.ts";
import { frameFor, onTop } from "./place.ts";
import type { Bench } from "./tool.ts";

export interface Copy {
  readonly kind: number;
  readonly rect: BoardRect;
  readonly text: string;
  /** COLOR, SHAPE, STROKE, ALIGN, FONT where set. */
  readonly style: readonly (readonly [number, number])[];
  /** Index of the copied frame it lies on. */
  readonly parent: number | null;
}

const STYLE = [Field.COLOR, Field.SHAPE, Field.STROKE, Field.ALIGN, Field.FONT] as const;
const COPIES_MAX = 2000;
const TEXT_MAX = 32_768;
const COORD_MAX = 1e8;

/** In drawing order, so that copies keep it. */
export function copiesOf(bench: Bench, ids: readonly ObjectId[]): readonly Copy[] {
  const { scene } = bench.store;
  const wanted = new Set(ids);
  const views = scene.inOrder().filter((view) => wanted.has(view.id));
  const index = new Map(views.map((view, i) => [view.id, i]));
  return views.map((view) => {
    const { parent } = placeOf(view);
    const style: (readonly [number, number])[] = [];
    for (const field of STYLE) {
      const value = view.fields.get(field);
      if (typeof value === "number") style.push([field, value]);
    }
    return {
      kind: view.kind,
      rect: scene.rectOf(view),
      text: textOf(view),
      style,
      parent: parent === null ? null : (index.get(parent) ?? null),
    };
  });
}

export function copiesBounds(copies: readonly Copy[]): BoardRect | null {
  return boundsOf(copies.map((copy) => copy.rect));
}

/** Indices of all copies, a frame's before those of what lies on it. */
function framesFirst(copies: readonly Copy[]): readonly number[] {
  const seen = new Set<number>();
  const order: number[] = [];
  function visit(i: number): void {
    if (seen.has(i)) return;
    seen.add(i);
    const parent = copies[i]?.parent ?? null;
    if (parent !== null) visit(parent);
    order.push(i);
  }
  copies.forEach((_, i) => visit(i));
  return order;
}

/** Makes the copies, shifted, on top, in one batch, and selects them. */
export function pasteCopies(bench: Bench, copies: readonly Copy[], dx: number, dy: number): void {
  if (copies.length === 0) return;
  const order = framesFirst(copies);
  const made = new Map<number, number>(); // which edit makes which copy
  const edits: Edit[] = [];
  for (const i of order) {
    const copy = copies[i]!;
    const rect = { ...copy.rect, x: copy.rect.x + dx, y: copy.rect.y + dy };
    const frame = copy.parent === null ? frameFor(bench, copy.kind, rect, new Set())?.id : made.get(copy.parent);
    made.set(i, edits.length);
    edits.push(createEdit(copy.kind, rect, [onTop(frame ?? null), ...copy.style]));
  }
  // A frame that was drawn above what lies on it is so again.
  if (order.some((i, at) => i !== at)) {
    edits.push({ do: "arrange", objects: copies.map((_, i) => made.get(i)!), before: null });
  }
  copies.forEach((copy, i) => {
    if (copy.text === "" || !hasText(copy.kind)) return;
    edits.push({ do: "text", id: made.get(i)!, field: Field.TEXT, at: 0, remove: 0, text: copy.text });
  });
  const done = bench.store.edit(edits, bench.store.newGesture());
  if (done === null) return;
  const top = done.created.filter((_, at) => copies[order[at]!]?.parent === null);
  bench.store.selection.value = new Set(top);
}

export function encodeCopies(copies: readonly Copy[]): string {
  return JSON.stringify({ plenum: 1, copies });
}

function finite(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value) && Math.abs(value) <= COORD_MAX;
}

function copyFrom(value: unknown, index: number): Copy | null {
  if (typeof value !== "object" || value === null) return null;
  const { kind, rect, text, style, parent } = value as Record<string, unknown>;
  if (typeof kind !== "number" || !hasText(kind)) return null;
  if (typeof rect !== "object" || rect === null) return null;
  const { x, y, w, h } = rect as Record<string, unknown>;
  if (!finite(x) || !finite(y) || !finite(w) || !finite(h) || w < 0 || h < 0) return null;
  const styles: (readonly [number, number])[] = [];
  for (const pair of Array.isArray(style) ? (style as unknown[]) : []) {
    if (!Array.isArray(pair)) continue;
    const [field, setting] = pair as unknown[];
    const known = STYLE.find((f) => f === field);
    const fine = finite(setting) && setting >= 0 && (known === Field.FONT || Number.isInteger(setting));
    if (known !== undefined && fine) styles.push([known, setting]);
  }
  const inside = typeof parent === "number" && Number.isInteger(parent) && parent !== index;
  return {
    kind,
    rect: { x, y, w, h },
    text: typeof text === "string" ? text.slice(0, TEXT_MAX) : "",
    style: styles,
    parent: inside ? parent : null,
  };
}

/** Null when the string is not a copy of ours. */
export function decodeCopies(json: string): readonly Copy[] | null {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return null;
  }
  if (typeof value !== "object" || value === null || !("copies" in value)) return null;
  const list = value.copies;
  if (!Array.isArray(list)) return null;
  const copies = (list as unknown[]).slice(0, COPIES_MAX).map(copyFrom);
  if (copies.some((copy) => copy === null)) return null;
  const whole = copies as readonly Copy[];
  return whole.map((copy) => {
    const holder = copy.parent === null ? undefined : whole[copy.parent];
    return holder?.kind === Kind.FRAME ? copy : { ...copy, parent: null };
  });
}
