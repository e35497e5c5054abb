// Painting objects in drawing order into any 2D context already set to board units: tiles, the live overlay, export and
// thumbnails all come through here. One file per kind in shapes/; a kind
// this client cannot draw gets a placeholder.

import { Kind } from "../engine/generated.ts";
import type { ObjectId, ObjectView } from "../engine/types.ts";
import type { BoardRect } from "../geom/types.ts";
import { drawBadges } from "./shapes/badges.ts";
import { drawFrame } from "./shapes/frame.ts";
import { drawLabel } from "./shapes/label.ts";
import { drawPlaceholder } from "./shapes/placeholder.ts";
import { SHADOW_REACH } from "./shapes/shadow.ts";
import { drawShape } from "./shapes/shape.ts";
import { drawSticky } from "./shapes/sticky.ts";
import { drawTrack } from "./shapes/track.ts";
import type { Texts } from "./text.ts";
import type { Theme } from "./theme.ts";
import { frameTitleRect, type Titles } from "./titles.ts";

export interface PaintContext {
  readonly ctx: CanvasRenderingContext2D;
  readonly theme: Theme;
  readonly texts: Texts;
  readonly titles: Titles;
  readonly nameOf: (user: number) => string;
  /** Our own guest number: our reactions stand out. */
  readonly me: number;
  /** A talk-track's picture, once it is there. */
  readonly coverOf: (track: string) => HTMLImageElement | null;
  /** Device pixels per board unit: decides the level of detail. */
  readonly scale: number;
  /** Screen pixels per board unit: what keeps its size on the screen follows it. */
  readonly zoom: number;
  readonly shadows: boolean;
  /** The object whose text is in the textarea at the moment. */
  readonly hideText: ObjectId | null;
}

export function paintObject(p: PaintContext, view: ObjectView, rect: BoardRect): void {
  paintKind(p, view, rect);
  drawBadges(p, view, rect);
}

function paintKind(p: PaintContext, view: ObjectView, rect: BoardRect): void {
  switch (view.kind) {
    case Kind.STICKY:
      drawSticky(p, view, rect);
      break;
    case Kind.TEXT:
      drawLabel(p, view, rect);
      break;
    case Kind.SHAPE:
      drawShape(p, view, rect);
      break;
    case Kind.FRAME:
      drawFrame(p, view, rect);
      break;
    case Kind.TRACK:
      drawTrack(p, view, rect);
      break;
    default:
      drawPlaceholder(p, view, rect);
  }
}

/** How far any object's paint reaches beyond its rectangle at this zoom, in board units. */
export function paintReach(zoom: number): number {
  return Math.max(SHADOW_REACH, frameTitleRect({ x: 0, y: 0, w: 0, h: 0 }, zoom).h) + 2;
}
