// Making objects: their sizes when clicked into being, their first fields, and the one batch that creates them.
// The tools decide where; this file decides what is written.

import { Field, Kind } from "../engine/generated.ts";
import type { Edit, FieldValue, ObjectId } from "../engine/types.ts";
import type { BoardPoint, BoardRect } from "../geom/types.ts";
import { Color } from "../state/read.ts";
import { aboveFrame, adoptEdits, frameFor, onTop } from "./place.ts";
import type { Bench } from "./tool.ts";

export const STICKY_SIDE = 132;
export const STICKY_GAP = 15;
export const TEXT_SIZE = { w: 24, h: 25 } as const;
export const SHAPE_SIZE = { w: 144, h: 96 } as const;
export const FRAME_SIZE = { w: 480, h: 360 } as const;

/** Quarter units: finer than anyone sees, and equal positions stay equal. */
export function neat(v: number): number {
  return Math.round(v * 4) / 4;
}

export function neatRect(r: BoardRect): BoardRect {
  return { x: neat(r.x), y: neat(r.y), w: neat(r.w), h: neat(r.h) };
}

export function around(p: BoardPoint, size: { readonly w: number; readonly h: number }): BoardRect {
  return { x: p.x - size.w / 2, y: p.y - size.h / 2, w: size.w, h: size.h };
}

type Fields = readonly (readonly [number, FieldValue])[];

export function createEdit(kind: number, rect: BoardRect, fields: Fields): Edit {
  const r = neatRect(rect);
  return {
    do: "create",
    kind,
    fields: new Map<number, FieldValue>([[Field.POS, [r.x, r.y]], [Field.SIZE, [r.w, r.h]], ...fields]),
  };
}

function make(
  bench: Bench,
  kind: number,
  rect: BoardRect,
  fields: Fields,
  gesture: number,
): ObjectId | null {
  const frame = frameFor(bench, kind, rect, new Set());
  const edit = createEdit(kind, rect, [onTop(frame?.id ?? null), ...fields]);
  return bench.store.edit([edit], gesture)?.created[0] ?? null;
}

/** One that is written while a talk-track is watched belongs to its moment. */
export function makeSticky(bench: Bench, rect: BoardRect, color: number): ObjectId | null {
  const now = bench.moments.now.peek();
  const moment: Fields = now === null ? [] : [[Field.MOMENT, [now.track, Math.round(now.ms)]]];
  return make(bench, Kind.STICKY, rect, [[Field.COLOR, color], ...moment], bench.store.newGesture());
}

/** A text and what is typed into it are one step to undo: an empty text is nothing. */
export function makeText(bench: Bench, rect: BoardRect): ObjectId | null {
  const gesture = bench.store.newGesture();
  const id = make(bench, Kind.TEXT, rect, [], gesture);
  if (id !== null) bench.fresh = { id, gesture };
  return id;
}

export function makeShape(bench: Bench, rect: BoardRect, form: number): ObjectId | null {
  const fields: Fields = [
    [Field.SHAPE, form],
    [Field.COLOR, Color.WHITE],
    [Field.STROKE, Color.DARK],
  ];
  return make(bench, Kind.SHAPE, rect, fields, bench.store.newGesture());
}

/** A frame takes in what already lies there, and has a title from the start. */
export function makeFrame(bench: Bench, rect: BoardRect, title: string): ObjectId | null {
  const outer = frameFor(bench, Kind.FRAME, rect, new Set());
  const edits: Edit[] = [
    createEdit(Kind.FRAME, rect, []),
    { do: "arrange", objects: [[0, outer?.id ?? null]], before: aboveFrame(bench, outer) },
    { do: "text", id: 0, field: Field.TEXT, at: 0, remove: 0, text: title },
    ...adoptEdits(bench, 0, rect, new Set(outer === null ? [] : [outer.id])),
  ];
  return bench.store.edit(edits, bench.store.newGesture())?.created[0] ?? null;
}
