// Other people's lossy state (SPEC S11, K9): parsing what came with every part checked, and writing our own for the wire.
// A part that is malformed is left out; it never spoils the rest.

import { Limits } from "../engine/generated.ts";
import { idFromWire, idParts } from "../engine/id.ts";
import type { Ms, ObjectId } from "../engine/types.ts";
import type { BoardPoint, BoardRect } from "../geom/types.ts";
import type { OwnPresence, Presence, Watching } from "./types.ts";

/** A peer may name at most this many objects; more would cost every viewer a redraw of them. */
const IDS_MAX = 200;

export const NO_PRESENCE: OwnPresence = {
  cursor: null,
  view: null,
  selected: [],
  gesture: null,
  typing: null,
  laser: null,
  watching: null,
};

function coords(value: unknown, count: number): readonly number[] | null {
  if (!Array.isArray(value) || value.length !== count) return null;
  const fine = value.every((part) => typeof part === "number" && Math.abs(part) <= Limits.COORD_MAX);
  return fine ? (value as readonly number[]) : null;
}

function pointFrom(value: unknown): BoardPoint | null {
  const parts = coords(value, 2);
  return parts && { x: parts[0]!, y: parts[1]! };
}

function rectFrom(value: unknown): BoardRect | null {
  const parts = coords(value, 4);
  return parts && parts[2]! >= 0 && parts[3]! >= 0 ? { x: parts[0]!, y: parts[1]!, w: parts[2]!, h: parts[3]! } : null;
}

function idsFrom(value: unknown): readonly ObjectId[] {
  if (!Array.isArray(value)) return [];
  return value
    .slice(0, IDS_MAX)
    .map(idFromWire)
    .filter((id) => id !== null);
}

function gestureFrom(value: unknown): Presence["gesture"] {
  if (typeof value !== "object" || value === null) return null;
  const { i, d, r } = value as { i?: unknown; d?: unknown; r?: unknown };
  const ids = idsFrom(i);
  if (ids.length === 0) return null;
  const offset = pointFrom(d);
  if (offset) return { ids, dx: offset.x, dy: offset.y };
  if (!Array.isArray(r) || r.length !== ids.length) return null;
  const rects = r.map(rectFrom).filter((rect) => rect !== null);
  return rects.length === ids.length ? { ids, rects } : null;
}

function watchingFrom(value: unknown): Watching | null {
  if (!Array.isArray(value)) return null;
  const [card, playedMs, together] = value as readonly unknown[];
  const track = idFromWire(card);
  if (track === null || typeof playedMs !== "number" || !(playedMs >= 0)) return null;
  return { track, playedMs: playedMs as Ms, together: together === true };
}

/** Null when the person cleared their state. */
export function presenceFrom(value: unknown, at: Ms): Presence | null {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return null;
  const state = value as { readonly [key in "c" | "v" | "s" | "g" | "t" | "l" | "w"]?: unknown };
  return {
    cursor: pointFrom(state.c),
    view: rectFrom(state.v),
    selected: idsFrom(state.s),
    gesture: gestureFrom(state.g),
    typing: idFromWire(state.t),
    laser: pointFrom(state.l),
    watching: watchingFrom(state.w),
    at,
  };
}

const tenth = (value: number): number => Math.round(value * 10) / 10;
const pointParts = (point: BoardPoint): number[] => [point.x, point.y].map(tenth);
const rectParts = (rect: BoardRect): number[] => [rect.x, rect.y, rect.w, rect.h].map(tenth);

/** Our own state as the map of S11 and K9; parts that say nothing are left out. */
export function presenceToWire(state: OwnPresence): { readonly [key: string]: unknown } {
  const wire: { [key: string]: unknown } = {};
  if (state.cursor) wire.c = pointParts(state.cursor);
  if (state.view) wire.v = rectParts(state.view);
  if (state.selected.length > 0) wire.s = state.selected.slice(0, IDS_MAX).map(idParts);
  if (state.typing) wire.t = idParts(state.typing);
  if (state.laser) wire.l = pointParts(state.laser);
  if (state.watching) {
    const { track, playedMs, together } = state.watching;
    wire.w = [idParts(track), Math.round(playedMs), together];
  }
  if (state.gesture) {
    const ids = state.gesture.ids.slice(0, IDS_MAX).map(idParts);
    wire.g =
      "rects" in state.gesture
        ? { i: ids, r: state.gesture.rects.slice(0, IDS_MAX).map(rectParts) }
        : { i: ids, d: [tenth(state.gesture.dx), tenth(state.gesture.dy)] };
  }
  return wire;
}
