// The frames' titles. They keep a readable size on the screen, so far out there is not room for all of them: of two that
// would lie on each other the larger frame's is shown, of frames as large the upper one's; the other ends before it, or is
// left out where too little of it would remain. So it is with what is drawn over a title that only the zoom brought there.
// What a title takes up is also where it is taken hold of.
// Reads the scene; draws nothing (shapes/frame.ts).

import { Kind } from "../engine/generated.ts";
import type { ObjectView } from "../engine/types.ts";
import { rectsTouch } from "../geom/rect.ts";
import type { BoardRect } from "../geom/types.ts";
import { textOf } from "../state/read.ts";
import type { Scene } from "../state/types.ts";

const SIZE_PX = 14;
const SIZE_PX_MIN = 10;
const LINE = 1.3;
const INSET_PX = 2;
export const TITLE_GAP_PX = 10;
export const TITLE_WEIGHT = 600;
const ROOM_MIN_PX = 28;
const BETWEEN_PX = 8;
/** Around the words, for a finger. */
const REACH_PX = 8;
const UNNAMED_PX = 64;
/** Below this zoom titles reach far over what lies above their frames; nearer, whoever put something there sees it. */
const FAR_OUT = 0.4;
/** As much of a title's height may be touched from above: rectangles are larger than what is written in them. */
const TOUCHED = 0.5;
/** Changes dirty what is near at this share of the zoom, too: tiles of other levels are kept. */
const FARTHER_OUT = 0.25;

/** The title's font size in board units: 14 px on the screen, a little less far out, growing slowly close up. */
export function frameTitleSize(zoom: number): number {
  const px = zoom >= 1 ? SIZE_PX * Math.sqrt(Math.min(4, zoom)) : Math.max(SIZE_PX_MIN, SIZE_PX * (0.5 + zoom / 2));
  return px / zoom;
}

/** The strip above the frame that belongs to its title. */
export function frameTitleRect(r: BoardRect, zoom: number): BoardRect {
  const h = frameTitleSize(zoom) * LINE + TITLE_GAP_PX / zoom;
  return { x: r.x, y: r.y - h, w: r.w, h };
}

export function frameTitleOf(view: ObjectView): string {
  return textOf(view).replace(/\s+/g, " ");
}

/** Whether it can take the room of a title. */
export function coversTitles({ kind }: ObjectView): boolean {
  return kind === Kind.FRAME || kind === Kind.TEXT || kind === Kind.SHAPE || kind === Kind.STICKY;
}

export interface Titles {
  /** Where the words begin and how far they may go; null when the title is left out. */
  roomFor(view: ObjectView, rect: BoardRect, zoom: number): { readonly x: number; readonly w: number } | null;
  /** Where the pointer takes hold of the title; null when there is none to be seen. */
  areaOf(view: ObjectView, zoom: number): BoardRect | null;
  /** The frames whose titles may be drawn otherwise because of what is at `rect`. */
  near(rect: BoardRect, zoom: number): readonly ObjectView[];
}

type WidthOf = (text: string, size: number, weight: number) => number;

export function createTitles(scene: Pick<Scene, "inOrder" | "rectOf">, widthOf: WidthOf): Titles {
  /** The words of a title that has all the room there is; null for none. */
  function wordsOf(view: ObjectView, rect: BoardRect, zoom: number): BoardRect | null {
    const title = frameTitleOf(view);
    if (title === "" || rect.w * zoom < ROOM_MIN_PX) return null;
    const size = frameTitleSize(zoom);
    const inset = INSET_PX / zoom;
    const { x, y } = frameTitleRect(rect, zoom);
    const w = Math.min(widthOf(title, size, TITLE_WEIGHT), rect.w - 2 * inset);
    return { x: x + inset, y, w, h: size * LINE };
  }

  /** What of `other` a title must keep clear of; null when nothing. */
  function inTheWay(other: ObjectView, rect: BoardRect, above: boolean, zoom: number): BoardRect | null {
    const theirs = scene.rectOf(other);
    if (other.kind !== Kind.FRAME) {
      const covers = above && zoom < FAR_OUT && coversTitles(other);
      return covers ? { ...theirs, h: theirs.h - frameTitleSize(zoom) * TOUCHED } : null;
    }
    const larger = theirs.w * theirs.h - rect.w * rect.h;
    return larger > 0 || (larger === 0 && above) ? wordsOf(other, theirs, zoom) : null;
  }

  function roomFor(view: ObjectView, rect: BoardRect, zoom: number): { x: number; w: number } | null {
    const words = wordsOf(view, rect, zoom);
    if (words === null) return null;
    const between = BETWEEN_PX / zoom;
    const right = words.x + words.w + between;
    let room = rect.w - (2 * INSET_PX) / zoom;
    let above = false;
    for (const other of scene.inOrder({ ...words, h: words.h + frameTitleRect(rect, zoom).h })) {
      if (other.id === view.id) {
        above = true;
        continue;
      }
      const there = inTheWay(other, rect, above, zoom);
      if (there === null || there.y >= words.y + words.h || there.y + there.h <= words.y) continue;
      if (there.x >= right || there.x + there.w <= words.x - between) continue;
      room = Math.min(room, there.x - between - words.x);
      if (room < ROOM_MIN_PX / zoom) return null;
    }
    return { x: words.x, w: room };
  }

  return {
    roomFor,
    areaOf(view, zoom) {
      const rect = scene.rectOf(view);
      const strip = frameTitleRect(rect, zoom);
      const unnamed = frameTitleOf(view) === "";
      const room = unnamed ? { w: Math.min(rect.w, UNNAMED_PX / zoom) } : roomFor(view, rect, zoom);
      if (room === null) return null;
      const w = unnamed ? room.w : Math.min(room.w, wordsOf(view, rect, zoom)?.w ?? 0);
      const reach = REACH_PX / zoom;
      return { x: strip.x - reach, y: strip.y - reach, w: w + 2 * reach, h: strip.h + reach };
    },
    near(rect, zoom) {
      const farther = zoom * FARTHER_OUT;
      const { y, h } = frameTitleRect(rect, farther);
      const reached = { ...rect, y, h: rect.h + h };
      const around = scene.inOrder({ ...reached, h: reached.h + h });
      return around.filter((view) => view.kind === Kind.FRAME && rectsTouch(frameTitleRect(scene.rectOf(view), farther), reached));
    },
  };
}
