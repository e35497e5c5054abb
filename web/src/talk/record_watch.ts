// Listens to an open board while a segment is recorded and writes what the speaker does onto its tape. Costs little:
// the view is read when it changes, objects around its middle are looked up once a second at most, and the state is
// hashed only while nothing is pending, at most every ten seconds.

import { effect, untracked } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import { Kind, Limits } from "../engine/generated.ts";
import type { Ms, ObjectId } from "../engine/types.ts";
import { centreOf } from "../geom/rect.ts";
import type { BoardPoint, BoardRect, ScreenPoint } from "../geom/types.ts";
import { screenToBoard, visibleRect } from "../state/camera.ts";
import type { BoardStore } from "../state/types.ts";
import { EventTape } from "./record_events.ts";
import type { Anchor } from "./timeline.ts";

const TICK_MS = 50;
/** Of the view's width and height: what the speaker means is near the middle. */
const MIDDLE = 0.5;

/** The objects nearest the middle of a view, largest first. */
export function anchorsIn(scene: BoardStore["scene"], view: BoardRect): readonly Anchor[] {
  const middle = centreOf(view);
  const inner = {
    x: middle.x - (view.w * MIDDLE) / 2,
    y: middle.y - (view.h * MIDDLE) / 2,
    w: view.w * MIDDLE,
    h: view.h * MIDDLE,
  };
  const near = scene.inOrder(inner);
  const found = near.length > 0 ? near : scene.inOrder(view);
  const distance = (rect: BoardRect): number => {
    const at = centreOf(rect);
    return Math.hypot(at.x - middle.x, at.y - middle.y);
  };
  return found
    .map((object): Anchor => [object.id, scene.rectOf(object)])
    .sort((a, b) => distance(a[1]) - distance(b[1]))
    .slice(0, Limits.TRACK_ANCHORS_MAX)
    .sort((a, b) => b[1].w * b[1].h - a[1].w * a[1].h);
}

/** What is selected, without what has no place. */
function selectable(store: BoardStore, ids: ReadonlySet<ObjectId>): readonly ObjectId[] {
  return [...ids].filter((id) => store.scene.objects.get(id)?.kind !== Kind.BOARD);
}

export interface Watch {
  readonly tape: EventTape;
  /** How everything stands now: after a pause. */
  writeAll(): void;
  close(): void;
}

export interface Watched {
  readonly store: BoardStore;
  readonly host: HTMLElement;
  /** Whether presses on the board are written. */
  clicks(): boolean;
  /** The slide being presented. */
  readonly slide: ReadonlySignal<ObjectId | null>;
}

/** `now` is the recorder's clock; nothing is written while `running` says no. */
export function watchBoard(watched: Watched, clock: { now(): Ms; running(): boolean }): Watch {
  const { store, host, slide } = watched;
  const { scene } = store;
  const named = new Set<ObjectId>();
  const tape = new EventTape({
    anchors(rect) {
      const found = anchorsIn(scene, rect);
      named.clear();
      for (const [id] of found) named.add(id);
      return found;
    },
    stateHash: () => (store.pendingCount.peek() === 0 ? store.engine.hashes().state : null),
  });
  const whileRunning = (write: (at: Ms) => void): void => {
    if (clock.running()) write(clock.now());
  };
  let presented: ObjectId | null = null; // as it was last written
  const writeSlide = (at: Ms): void => {
    const now = slide.peek();
    if (now !== presented) tape.slide(at, (presented = now));
  };
  const writeAllAt = (at: Ms): void => {
    tape.view(at, visibleRect(store.camera.peek(), store.viewport.peek()));
    tape.entry(at, store.seq.peek());
    tape.pointer(at, store.own.peek().cursor);
    tape.laser(at, store.own.peek().laser);
    tape.select(at, selectable(store, store.selection.peek()));
    writeSlide(at);
  };
  /** Runs `write` when what it reads first changes. */
  const on = (read: () => unknown, write: (at: Ms) => void): (() => void) => {
    return effect(() => {
      read();
      untracked(() => whileRunning(write));
    });
  };
  const pressed = (event: PointerEvent): void => {
    if (!watched.clicks() || event.button !== 0) return;
    const box = host.getBoundingClientRect();
    const screen: ScreenPoint = { x: event.clientX - box.left, y: event.clientY - box.top };
    const point: BoardPoint = screenToBoard(store.camera.peek(), screen);
    whileRunning((at) => tape.click(at, point));
  };

  writeAllAt(0 as Ms); // however long it took to get here: a segment begins at 0 (SPEC K4)
  const { camera, viewport, own, selection, seq } = store;
  const stops = [
    on(
      () => [camera.value, viewport.value],
      (at) => tape.view(at, visibleRect(camera.peek(), viewport.peek())),
    ),
    on(
      () => own.value,
      (at) => {
        tape.pointer(at, own.peek().cursor);
        tape.laser(at, own.peek().laser);
      },
    ),
    on(
      () => selection.value,
      (at) => tape.select(at, selectable(store, selection.peek())),
    ),
    on(() => slide.value, writeSlide),
    on(
      () => seq.value,
      (at) => tape.entry(at, seq.peek()),
    ),
    scene.subscribe(({ reset, changed, removed }) => {
      if (reset || changed.some(({ id }) => named.has(id)) || removed.some((id) => named.has(id))) tape.anchorsMoved();
    }),
  ];
  host.addEventListener("pointerdown", pressed, true);
  const timer = setInterval(() => whileRunning((at) => tape.tick(at)), TICK_MS);
  return {
    tape,
    writeAll: () => whileRunning(writeAllAt),
    close() {
      for (const stop of stops) stop();
      host.removeEventListener("pointerdown", pressed, true);
      clearInterval(timer);
    },
  };
}
