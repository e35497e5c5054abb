// What a tool is: it is told of hovers and presses in board coordinates, and answers a press with an interaction that it
// owns until release. input.ts turns pointers into these calls; tools never listen to the DOM themselves.

import { Field, Kind } from "../engine/generated.ts";
import type { ObjectId } from "../engine/types.ts";
import type { BoardPoint, ScreenPoint } from "../geom/types.ts";
import type { Moments } from "../state/moment.ts";
import type { Playing } from "../state/playing.ts";
import type { CanvasPort, Tooling } from "../state/tooling.ts";
import type { BoardStore } from "../state/types.ts";

export interface PointerAt {
  readonly board: BoardPoint;
  readonly screen: ScreenPoint;
  readonly shift: boolean;
  readonly alt: boolean;
  readonly mod: boolean;
  readonly pointer: "mouse" | "touch" | "pen";
  /** 2 for the second press of a double click, else 1. */
  readonly clicks: number;
}

export interface Interaction {
  /** A drag: only ever called once the pointer has left the click's tolerance. */
  move(at: PointerAt): void;
  end(at: PointerAt, dragged: boolean): void;
  cancel(): void;
}

export interface Tool {
  readonly cursor: string;
  /** The cursor over this place; may show hovers and ghosts. */
  hover(at: PointerAt): string;
  /** Null: nothing to hold; input pans instead. */
  press(at: PointerAt): Interaction | null;
  /** What press had nothing to hold for was let go where it was: nothing panned. */
  tap?(at: PointerAt): void;
  /** The pointer left the canvas or another tool was chosen. */
  leave(): void;
}

export interface Bench {
  readonly store: BoardStore;
  readonly tooling: Tooling;
  readonly port: CanvasPort;
  readonly playing: Playing;
  readonly moments: Moments;
  /** The gesture that made an object whose text is about to be typed, so that both undo as one. */
  fresh: { readonly id: ObjectId; readonly gesture: number } | null;
}

/** Start typing into an object. */
export function beginEditing(bench: Bench, id: ObjectId): void {
  bench.store.selection.value = new Set([id]);
  bench.store.editing.value = id;
}

/** Play the recording of a talk-track's card; false for what is none. */
export function beginWatching(bench: Bench, id: ObjectId): boolean {
  const view = bench.store.scene.objects.get(id);
  const track = view?.kind === Kind.TRACK ? view.fields.get(Field.TRACK) : undefined;
  if (typeof track !== "string") return false;
  bench.store.selection.value = new Set();
  bench.playing.wish.value = { track, recordedMs: null, play: true };
  return true;
}
