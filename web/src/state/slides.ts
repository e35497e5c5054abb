// Frames as slides: their order, the edits that change it, and the view of one. SLIDE is a number of its own, so that
// reordering slides moves nothing on the board; frames that have none follow those that do, in reading order. Registers
// know no absence, and an undo brings back 0 where there was none: 0 says nothing, and is never written. Pure.

import { Field, Kind } from "../engine/generated.ts";
import type { Edit, ObjectId, ObjectView } from "../engine/types.ts";
import { readingOrder } from "../geom/reading.ts";
import type { BoardRect, ScreenSize } from "../geom/types.ts";
import { fitted, ZOOM_MAX } from "./camera.ts";
import type { Camera, Scene } from "./types.ts";

/** Between two slides closer than this there is no room for a third: all are numbered anew. */
const GAP_MIN = 1e-6;
/** Around a slide that fills the screen. */
const MARGIN_PX = 12;

function numberOf(view: ObjectView): number | null {
  const value = view.fields.get(Field.SLIDE);
  return typeof value === "number" && value !== 0 ? value : null;
}

/** All slides, first to last. */
export function slidesOf(scene: Scene): readonly ObjectView[] {
  const frames = scene.inOrder().filter((view) => view.kind === Kind.FRAME);
  const placed = frames.filter((view) => numberOf(view) !== null);
  const rest = frames.filter((view) => numberOf(view) === null);
  // The sort is stable: equal numbers keep the drawing order, which is the same for everybody.
  placed.sort((a, b) => numberOf(a)! - numberOf(b)!);
  return [...placed, ...readingOrder(rest, (view) => scene.rectOf(view))];
}

/** The slide `steps` further on (or back, when negative), the first or last at the ends; null when there is none. From
 *  nowhere, or from a frame that is gone, forward leads to the first and back to the last. */
export function slideFrom(slides: readonly ObjectView[], from: ObjectId | null, steps: number): ObjectView | null {
  const at = slides.findIndex((view) => view.id === from);
  const to = at >= 0 ? at + steps : steps >= 0 ? 0 : slides.length - 1;
  return slides[Math.max(0, Math.min(slides.length - 1, to))] ?? null;
}

/** A slide fills the screen; one that would reach behind the bar at the bottom, so high, fills what is above it. */
export function slideCamera(slide: BoardRect, screen: ScreenSize, barPx: number): Camera {
  const whole = fitted(slide, screen, MARGIN_PX, ZOOM_MAX);
  const bottom = (slide.y + slide.h - whole.y) * whole.zoom;
  if (bottom <= screen.h - barPx) return whole;
  return fitted(slide, { w: screen.w, h: screen.h - barPx }, MARGIN_PX, ZOOM_MAX);
}

/** The edits that put the slide at place `from` to place `to` of the list. */
export function moveSlide(slides: readonly ObjectView[], from: number, to: number): readonly Edit[] {
  const moved = slides[from];
  if (moved === undefined || from === to || to < 0 || to >= slides.length) return [];
  const next = slides.filter((view) => view !== moved);
  next.splice(to, 0, moved);
  const set = (view: ObjectView, value: number): Edit => ({ do: "set", id: view.id, field: Field.SLIDE, value });
  const value = numberBetween(next[to - 1], next[to + 1]);
  if (value !== null) return [set(moved, value)];
  // No room, or something without a number stands before it: everything up to it gets one, and whatever has one after it.
  const last = Math.max(to, next.findLastIndex((view) => numberOf(view) !== null));
  return next.slice(0, last + 1).map((view, i) => set(view, i + 1));
}

/** A number that puts a slide between these two; null when none does. */
function numberBetween(before: ObjectView | undefined, after: ObjectView | undefined): number | null {
  const low = before === undefined ? null : numberOf(before);
  const high = after === undefined ? null : numberOf(after);
  if (before !== undefined && low === null) return null;
  if (low === null) return high === null ? 1 : numbered(high - 1, high - 0.5);
  if (high === null) return numbered(low + 1, low + 2);
  return high - low > GAP_MIN ? numbered((low + high) / 2, (low + 3 * high) / 4) : null;
}

function numbered(value: number, instead: number): number {
  return value !== 0 ? value : instead;
}
