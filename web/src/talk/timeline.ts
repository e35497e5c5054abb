// A segment's timeline: its events, and their bytes (SPEC K4). Times are ms of the segment.

import { decodeMulti } from "@msgpack/msgpack";
import { encode } from "../engine/codec.ts";
import type { Encodable } from "../engine/codec.ts";
import { idFromWire, idParts } from "../engine/id.ts";
import type { Ms, ObjectId } from "../engine/types.ts";
import { hexOf } from "../engine/wire.ts";
import type { BoardPoint, BoardRect } from "../geom/types.ts";

/** An object in view and where it stood then. */
export type Anchor = readonly [id: ObjectId, rect: BoardRect];

export type TimelineEvent =
  | { readonly at: Ms; readonly is: "view"; readonly rect: BoardRect; readonly anchors: readonly Anchor[] }
  | { readonly at: Ms; readonly is: "pointer"; readonly point: BoardPoint | null }
  | { readonly at: Ms; readonly is: "laser"; readonly point: BoardPoint | null }
  | { readonly at: Ms; readonly is: "click"; readonly point: BoardPoint }
  | { readonly at: Ms; readonly is: "select"; readonly ids: readonly ObjectId[] }
  | { readonly at: Ms; readonly is: "slide"; readonly frame: ObjectId | null }
  | { readonly at: Ms; readonly is: "entry"; readonly seq: number; readonly stateHash: string | null }
  | { readonly at: Ms; readonly is: "caption"; readonly text: string };

const Type = { VIEW: 0, POINTER: 1, LASER: 2, CLICK: 3, SELECT: 4, SLIDE: 5, ENTRY: 6, CAPTION: 7 } as const;
const HASH_BYTES = 8;

const tenth = (value: number): number => Math.round(value * 10) / 10;
const pointParts = (point: BoardPoint | null): readonly number[] => (point ? [tenth(point.x), tenth(point.y)] : []);
const rectParts = (rect: BoardRect): readonly number[] => [rect.x, rect.y, rect.w, rect.h].map(tenth);

function hashBytes(hex: string): Uint8Array {
  return Uint8Array.from({ length: HASH_BYTES }, (_, i) => parseInt(hex.slice(2 * i, 2 * i + 2), 16));
}

function toWire(event: TimelineEvent): Encodable {
  const at = Math.round(event.at);
  switch (event.is) {
    case "view":
      return [at, Type.VIEW, rectParts(event.rect), event.anchors.map(([id, rect]) => [idParts(id), ...rectParts(rect)])];
    case "pointer":
      return [at, Type.POINTER, ...pointParts(event.point)];
    case "laser":
      return [at, Type.LASER, ...pointParts(event.point)];
    case "click":
      return [at, Type.CLICK, ...pointParts(event.point)];
    case "select":
      return [at, Type.SELECT, event.ids.map(idParts)];
    case "slide":
      return [at, Type.SLIDE, event.frame && idParts(event.frame)];
    case "entry":
      return [at, Type.ENTRY, event.seq, event.stateHash && hashBytes(event.stateHash)];
    case "caption":
      return [at, Type.CAPTION, event.text];
  }
}

/** The events' bytes, one after another: what a chunk of the timeline stream holds. */
export function encodeEvents(events: readonly TimelineEvent[]): Uint8Array<ArrayBuffer> {
  const parts = events.map((event) => encode(toWire(event)));
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

function numbersFrom(value: unknown, count: number): readonly number[] | null {
  if (!Array.isArray(value) || value.length < count) return null;
  const parts = value.slice(0, count);
  return parts.every((part) => typeof part === "number" && Number.isFinite(part)) ? (parts as readonly number[]) : null;
}

function pointFrom(value: unknown): BoardPoint | null {
  const parts = numbersFrom(value, 2);
  return parts && { x: parts[0]!, y: parts[1]! };
}

function rectFrom(value: unknown): BoardRect | null {
  const parts = numbersFrom(value, 4);
  return parts && parts[2]! >= 0 && parts[3]! >= 0 ? { x: parts[0]!, y: parts[1]!, w: parts[2]!, h: parts[3]! } : null;
}

function anchorsFrom(value: unknown): readonly Anchor[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((part: unknown): readonly Anchor[] => {
    if (!Array.isArray(part)) return [];
    const id = idFromWire(part[0]);
    const rect = rectFrom(part.slice(1));
    return id && rect ? [[id, rect]] : [];
  });
}

function hashFrom(value: unknown): string | null {
  if (!(value instanceof Uint8Array) || value.length !== HASH_BYTES) return null;
  return hexOf(value);
}

/** Null for what is no event, or of a type that is not known. */
function fromWire(value: unknown): TimelineEvent | null {
  if (!Array.isArray(value) || typeof value[0] !== "number" || !(value[0] >= 0)) return null;
  const at = value[0] as Ms;
  const rest: readonly unknown[] = value.slice(2);
  switch (value[1]) {
    case Type.VIEW: {
      const rect = rectFrom(rest[0]);
      return rect && { at, is: "view", rect, anchors: anchorsFrom(rest[1]) };
    }
    case Type.POINTER:
      return { at, is: "pointer", point: pointFrom(rest) };
    case Type.LASER:
      return { at, is: "laser", point: pointFrom(rest) };
    case Type.CLICK: {
      const point = pointFrom(rest);
      return point && { at, is: "click", point };
    }
    case Type.SELECT: {
      const ids = Array.isArray(rest[0]) ? rest[0].map(idFromWire) : [];
      return { at, is: "select", ids: ids.filter((id) => id !== null) };
    }
    case Type.SLIDE:
      return { at, is: "slide", frame: idFromWire(rest[0]) };
    case Type.ENTRY:
      return typeof rest[0] === "number" ? { at, is: "entry", seq: rest[0], stateHash: hashFrom(rest[1]) } : null;
    case Type.CAPTION:
      return typeof rest[0] === "string" ? { at, is: "caption", text: rest[0] } : null;
    default:
      return null;
  }
}

/** Every event that is known, in order. Throws on bytes that are no MessagePack. */
export function decodeEvents(bytes: Uint8Array): readonly TimelineEvent[] {
  const events: TimelineEvent[] = [];
  for (const value of decodeMulti(bytes)) {
    const event = fromWire(value);
    if (event) events.push(event);
  }
  return events;
}
