// What the canvas, the tools and the chrome share about this tab's own doings: the active tool, what is being dragged,
// and small ports through which siblings call each other without importing each other. main_board.ts joins them.
// Not here: board content (the store), what others do (presence).

import { signal } from "@preact/signals";
import type { Signal } from "@preact/signals";
import type { ObjectId, ObjectView } from "../engine/types.ts";
import type { GuideLine } from "../geom/snap.ts";
import type { TextLayout } from "../geom/layout.ts";
import type { BoardRect } from "../geom/types.ts";
import type { Anchor } from "./comments.ts";

export type ToolName = "select" | "hand" | "sticky" | "text" | "frame" | "shape" | "comment" | "laser";

/** Something about to be made: drawn out with the pointer, or the ghost under it. */
export interface Draft {
  readonly kind: number;
  readonly rect: BoardRect;
  readonly color: number;
  readonly form: number;
  readonly ghost: boolean;
}

/** This tab's gesture in progress, drawn above the settled scene and never stored. */
export interface Live {
  /** Where objects being moved or resized are now. */
  readonly rects: ReadonlyMap<ObjectId, BoardRect>;
  /** The originals stay where they are: copies are being dragged. */
  readonly copying: boolean;
  readonly marquee: BoardRect | null;
  readonly guides: readonly GuideLine[];
  readonly draft: Draft | null;
  readonly hover: ObjectId | null;
  /** A frame that would take in what is being dragged. */
  readonly target: ObjectId | null;
}

export const STILL: Live = {
  rects: new Map(),
  copying: false,
  marquee: null,
  guides: [],
  draft: null,
  hover: null,
  target: null,
};

export interface Tooling {
  readonly tool: Signal<ToolName>;
  readonly stickyColor: Signal<number>;
  readonly shapeForm: Signal<number>;
  readonly live: Signal<Live>;
  /** A press is being dragged, or the view is moving under the fingers: floating bars stay away. */
  readonly busy: Signal<boolean>;
  /** The session whose view we follow. */
  readonly following: Signal<number | null>;
  readonly helpOpen: Signal<boolean>;
  /** Where a comment is about to be pinned; nothing is made before it is sent. */
  readonly pinning: Signal<Anchor | null>;
  /** The thread whose card is open. */
  readonly thread: Signal<ObjectId | null>;
  /** The slide being presented; null while nobody presents. */
  readonly slide: Signal<ObjectId | null>;
  readonly panel: Signal<PanelName | null>;
  /** The reaction badge under the pointer. */
  readonly badge: Signal<HoveredBadge | null>;
}

/** What stands open at the right edge. */
export type PanelName = "comments" | "slides" | "tracks" | "transcript" | "digest";

export interface HoveredBadge {
  readonly id: ObjectId;
  readonly reaction: number;
  readonly rect: BoardRect;
}

export function createTooling(): Tooling {
  return {
    tool: signal<ToolName>("select"),
    stickyColor: signal(0),
    shapeForm: signal(1),
    live: signal(STILL),
    busy: signal(false),
    following: signal<number | null>(null),
    helpOpen: signal(false),
    pinning: signal<Anchor | null>(null),
    thread: signal<ObjectId | null>(null),
    slide: signal<ObjectId | null>(null),
    panel: signal<PanelName | null>(null),
    badge: signal<HoveredBadge | null>(null),
  };
}

/** A text as it stands on the board: the room it has, its lines, and how they are set. */
export interface TextBox {
  readonly area: BoardRect;
  readonly layout: TextLayout;
  readonly align: "center" | "start" | "end";
  /** Where the first line's box begins. */
  readonly top: number;
  readonly vertical: "middle" | "top";
  readonly weight: number;
  readonly family: string;
  readonly color: string;
}

export interface PaintOptions {
  readonly background: boolean;
  /** Only these objects, when given. */
  readonly only: ReadonlySet<ObjectId> | null;
}

/** What render offers to tools, export and ui. */
export interface CanvasPort {
  readonly host: HTMLElement;
  /** How `text` would stand in the object `view` at `rect`. */
  textBox(view: ObjectView, rect: BoardRect, text: string): TextBox;
  /** Paint what lies in `rect` at `scale` pixels per board unit, its top left at the context's origin. */
  paint(ctx: CanvasRenderingContext2D, rect: BoardRect, scale: number, options: PaintOptions): void;
  /** The strip above a frame where its title is written, in board units at the current zoom. */
  frameTitleRect(view: ObjectView): BoardRect;
  /** Where the pointer takes hold of the title that stands there; null when there is none. */
  frameTitleArea(view: ObjectView): BoardRect | null;
  /** Where an object is now, settled or in motion; null when there is none. */
  rectShown(id: ObjectId): BoardRect | null;
  /** Calls back after each frame that was drawn; returns the way to stop. */
  onFrame(listener: () => void): () => void;
}

export type OrderMove = "front" | "forward" | "backward" | "back";

/** What tools offer to ui and a11y: everything that can be done to the selection or the view. */
export interface Commands {
  remove(): void;
  duplicate(): void;
  selectAll(): void;
  setColor(color: number): void;
  setStroke(color: number): void;
  setAlign(align: number): void;
  setFont(size: number | null): void;
  setForm(form: number): void;
  order(move: OrderMove): void;
  nudge(dx: number, dy: number): void;
  /** Edit the text of the one selected object. */
  editText(): void;
  /** Begin a comment on the one selected object, or else in the middle of the view. */
  comment(): void;
  /** Give a reaction to the selected objects, or take it back when all have it from us. */
  react(reaction: number): void;
  /** Make one of the current tool's kind in the middle of the view. */
  createHere(tool: ToolName): void;
  pick(tool: ToolName): void;
  zoomBy(direction: 1 | -1): void;
  zoomTo(zoom: number): void;
  zoomToFit(): void;
  zoomToSelection(): void;
  reveal(id: ObjectId): void;
  /** Bring a thread's pin into view and open its card. */
  openThread(id: ObjectId): void;
  follow(session: number | null): void;
}
