// Typed reads of an object view's fields, with the defaults a person sees when a field is absent.
// The engine checks values of known fields (SPEC O6); anything else reads as the default.

import { Field, Kind } from "../engine/generated.ts";
import type { ObjectId, ObjectView, OrderKey } from "../engine/types.ts";
import type { Role } from "./types.ts";

export const BOARD_ID = "0.1" as ObjectId;

/** SPEC V4. */
export const Color = {
  YELLOW: 0,
  GREEN: 1,
  BLUE: 2,
  VIOLET: 3,
  ORANGE: 4,
  RED: 5,
  WHITE: 6,
  GREY: 7,
  DARK: 8,
  TEAL: 9,
  PINK: 10,
  NONE: 11,
} as const;

export const Align = { CENTRE: 0, START: 1, END: 2 } as const;

export function textOf(view: ObjectView): string {
  const value = view.fields.get(Field.TEXT);
  return typeof value === "string" ? value : "";
}

function numberAt(view: ObjectView, field: number): number | null {
  const value = view.fields.get(field);
  return typeof value === "number" ? value : null;
}

export function colorOf(view: ObjectView): number {
  const color = numberAt(view, Field.COLOR);
  if (color !== null && color >= 0 && color <= Color.NONE) return color;
  switch (view.kind) {
    case Kind.TEXT:
      return Color.DARK;
    case Kind.SHAPE:
    case Kind.FRAME:
      return Color.WHITE;
    default:
      return Color.YELLOW;
  }
}

export function strokeOf(view: ObjectView): number {
  const stroke = numberAt(view, Field.STROKE);
  return stroke !== null && stroke >= 0 && stroke <= Color.NONE ? stroke : Color.DARK;
}

export function formOf(view: ObjectView): number {
  return numberAt(view, Field.SHAPE) ?? 0;
}

export function fontOf(view: ObjectView): number | null {
  const size = numberAt(view, Field.FONT);
  return size !== null && size > 0 ? size : null;
}

export function alignOf(view: ObjectView): number {
  return numberAt(view, Field.ALIGN) ?? (view.kind === Kind.TEXT ? Align.START : Align.CENTRE);
}

export function isLocked(view: ObjectView): boolean {
  return view.fields.get(Field.LOCKED) === true;
}

export interface Place {
  readonly parent: ObjectId | null;
  readonly order: OrderKey | null;
}

/** The effective parent (SPEC V2) and the order key. */
export function placeOf(view: ObjectView): Place {
  const value = view.fields.get(Field.PLACE);
  if (!Array.isArray(value)) return { parent: null, order: null };
  const [parent, order] = value as readonly unknown[];
  return {
    parent: typeof parent === "string" ? (parent as ObjectId) : null,
    order: typeof order === "string" ? (order as OrderKey) : null,
  };
}

export function hasText(kind: number): boolean {
  return kind === Kind.STICKY || kind === Kind.TEXT || kind === Kind.SHAPE || kind === Kind.FRAME;
}

/** Who makes and withdraws links. */
export function mayRule(role: Role): boolean {
  return role === "owner" || role === "facilitator";
}

/** The card of a recording on the board; of several, the one made first. */
export function cardOf(objects: ReadonlyMap<ObjectId, ObjectView>, track: string): ObjectId | null {
  for (const view of objects.values()) if (isCardOf(view, track)) return view.id;
  return null;
}

export function isCardOf(view: ObjectView, track: string): boolean {
  return view.kind === Kind.TRACK && view.fields.get(Field.TRACK) === track;
}
