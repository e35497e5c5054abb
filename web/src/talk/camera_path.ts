// Where the speaker looked at each moment of a segment, and where that is today (SPEC K4, K5). Pure: made once from the
// timeline, asked every frame. Between two keyframes the view moves evenly.
//
// Objects are named by some of the keyframes only. How far they have moved since is therefore a path of its own, through
// those keyframes; a keyframe that names none goes with its neighbours, so that the view does not jump between today's
// places and yesterday's.

import type { Ms, ObjectId } from "../engine/types.ts";
import { areaOf, centreOf, moveRect, overlapOf } from "../geom/rect.ts";
import type { BoardPoint, BoardRect, ScreenSize } from "../geom/types.ts";
import { ZOOM_MAX, ZOOM_MIN } from "../state/camera.ts";
import type { Insets } from "../state/playing.ts";
import type { Camera } from "../state/types.ts";
import type { Anchor, TimelineEvent } from "./timeline.ts";

/** Where an object is now; null when it is gone. */
export type RectNow = (id: ObjectId) => BoardRect | null;

interface Keyframe {
  readonly at: Ms;
  readonly rect: BoardRect;
  readonly anchors: readonly Anchor[];
}

export interface Shift {
  readonly dx: number;
  readonly dy: number;
}

export const NO_SHIFT: Shift = { dx: 0, dy: 0 };
/** Objects moved together when they agree within this share of the view. */
const TOGETHER = 0.02;
/** Fewer than this share of what the speaker showed say nothing of where it went. */
const LEFT_MIN = 1 / 5;
/** Shown about as well. */
const AS_GOOD = 0.8;
const REST_MS = 400;
const STEP_MS = 1_500;

export interface Shown {
  readonly at: Ms;
  /** How much of the object was in view, times how much of the view it took: 0 to 1. */
  readonly share: number;
}

export interface CameraPath {
  /** What the speaker saw; null when the segment says nothing of it. */
  viewAt(at: Ms): BoardRect | null;
  /** The same without motion: where the speaker last came to rest. */
  restAt(at: Ms): BoardRect | null;
  /** What the speaker pointed out last, with where it stood. */
  anchorsAt(at: Ms): readonly Anchor[];
  /** When the object was first shown about as well as it ever was: whole, and large. */
  shownBest(id: ObjectId): Shown | null;
  /** How far what the speaker saw has moved since. */
  shiftAt(at: Ms, rectNow: RectNow): Shift;
}

/** The last of a sorted list at or before `at`, or -1. */
export function lastBefore<T extends { readonly at: Ms }>(list: readonly T[], at: Ms): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (list[middle]!.at <= at) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

const mix = (a: number, b: number, t: number): number => a + (b - a) * t;

/** The two around `at` and how far it is between them. */
function around<T extends { readonly at: Ms }>(list: readonly T[], at: Ms): readonly [T, T, number] | null {
  if (list.length === 0) return null;
  const i = lastBefore(list, at);
  const before = list[Math.max(0, i)]!;
  const after = list[Math.min(list.length - 1, i + 1)]!;
  const span = after.at - before.at;
  return [before, after, span > 0 ? Math.min(1, Math.max(0, (at - before.at) / span)) : 0];
}

/** How far an object has gone: when it was resized, by the corner that went least. */
export function movedBy(then: BoardRect, now: BoardRect): Shift {
  const sides = [now.x - then.x, now.x + now.w - then.x - then.w];
  const ends = [now.y - then.y, now.y + now.h - then.y - then.h];
  const corners = sides.flatMap((dx) => ends.map((dy): Shift => ({ dx, dy })));
  return corners.reduce((least, one) => (Math.hypot(one.dx, one.dy) < Math.hypot(least.dx, least.dy) ? one : least));
}

/** How far most of the objects have gone together; null when they went apart, or none is left. */
export function movedTogether(keyframe: { readonly rect: BoardRect; readonly anchors: readonly Anchor[] }, rectNow: RectNow): Shift | null {
  const shifts: Shift[] = [];
  for (const [id, then] of keyframe.anchors) {
    const now = rectNow(id);
    if (now === null) continue;
    shifts.push(movedBy(then, now));
  }
  if (shifts.length < LEFT_MIN * keyframe.anchors.length) return null;
  const reach = Math.max(4, TOGETHER * Math.max(keyframe.rect.w, keyframe.rect.h));
  const agreeing = (with_: Shift): readonly Shift[] =>
    shifts.filter(({ dx, dy }) => Math.hypot(dx - with_.dx, dy - with_.dy) <= reach);
  for (const shift of shifts) {
    if (agreeing(shift).length * 2 > shifts.length) return shift;
  }
  return null;
}

function shareOf({ rect, anchors }: Keyframe, id: ObjectId): number {
  const then = anchors.find(([other]) => other === id)?.[1];
  if (then === undefined) return 0;
  const seen = areaOf(overlapOf(rect, then));
  return seen === 0 ? 0 : (seen / areaOf(then)) * (seen / areaOf(rect));
}

/** The first that is about as good as any. */
export function firstBest(shown: readonly Shown[]): Shown | null {
  const best = shown.reduce((most, { share }) => Math.max(most, share), 0);
  return shown.find(({ share }) => share > 0 && share >= AS_GOOD * best) ?? null;
}

/** On the way keyframes follow each other closely; a long way is gone in steps. */
function restsOf(views: readonly Keyframe[]): readonly Keyframe[] {
  const rests: Keyframe[] = [];
  for (const [i, view] of views.entries()) {
    const before = rests.at(-1);
    const rested = (views[i + 1]?.at ?? Infinity) - view.at >= REST_MS;
    if (before === undefined || rested || view.at - before.at >= STEP_MS) rests.push(view);
  }
  return rests;
}

export function createCameraPath(events: readonly TimelineEvent[]): CameraPath {
  const views: readonly Keyframe[] = events.filter((event) => event.is === "view");
  const anchored = views.filter((view) => view.anchors.length > 0);
  const rests = restsOf(views);
  return {
    viewAt(at) {
      const found = around(views, at);
      if (!found) return null;
      const [{ rect: a }, { rect: b }, t] = found;
      return { x: mix(a.x, b.x, t), y: mix(a.y, b.y, t), w: mix(a.w, b.w, t), h: mix(a.h, b.h, t) };
    },
    restAt: (at) => rests[Math.max(0, lastBefore(rests, at))]?.rect ?? null,
    anchorsAt(at) {
      const i = lastBefore(anchored, at);
      return anchored[Math.max(0, i)]?.anchors ?? [];
    },
    shownBest: (id) => firstBest(anchored.map((view) => ({ at: view.at, share: shareOf(view, id) }))),
    shiftAt(at, rectNow) {
      const found = around(anchored, at);
      if (!found) return NO_SHIFT;
      const [before, after, t] = found;
      const a = movedTogether(before, rectNow) ?? NO_SHIFT;
      const b = t > 0 ? (movedTogether(after, rectNow) ?? NO_SHIFT) : a;
      return { dx: mix(a.dx, b.dx, t), dy: mix(a.dy, b.dy, t) };
    },
  };
}

export function shifted(rect: BoardRect, { dx, dy }: Shift): BoardRect {
  return moveRect(rect, dx, dy);
}

export function shiftedPoint(point: BoardPoint, { dx, dy }: Shift): BoardPoint {
  return { x: point.x + dx, y: point.y + dy };
}

/** Shows at least `rect`, in the middle of the part of the screen that no bar covers, whatever the window's shape. */
export function framed(rect: BoardRect, screen: ScreenSize, insets: Insets): Camera {
  const roomW = Math.max(80, screen.w - insets.left - insets.right);
  const roomH = Math.max(80, screen.h - insets.top - insets.bottom);
  const wanted = Math.min(roomW / Math.max(1, rect.w), roomH / Math.max(1, rect.h));
  const zoom = Math.min(ZOOM_MAX, Math.max(ZOOM_MIN, wanted));
  const centre = centreOf(rect);
  return {
    x: centre.x - (insets.left + (screen.w - insets.left - insets.right) / 2) / zoom,
    y: centre.y - (insets.top + (screen.h - insets.top - insets.bottom) / 2) / zoom,
    zoom,
  };
}
