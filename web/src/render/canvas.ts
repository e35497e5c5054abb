// The board's picture: a settled canvas (grid and tiles) under a live one (motion, selection, people), redrawn only when
// something they show has changed. Owns the two canvases, the frame loop, and which objects the tiles leave out.
// Reads the store and tooling; writes nothing but `viewport`, which is the host's size.

import { computed, effect, untracked } from "@preact/signals";
import type { ObjectId, ObjectView } from "../engine/types.ts";
import { Kind } from "../engine/generated.ts";
import { boundsOf, growRect, rectsTouch } from "../geom/rect.ts";
import type { BoardRect } from "../geom/types.ts";
import { STILL } from "../state/tooling.ts";
import type { CanvasPort, PaintOptions, Tooling } from "../state/tooling.ts";
import type { Playing } from "../state/playing.ts";
import { isCardOf } from "../state/read.ts";
import type { CanvasStore, Prefs } from "../state/types.ts";
import { createCovers } from "./covers.ts";
import { createGrid } from "./grid.ts";
import { createLasers } from "./laser.ts";
import { createLift } from "./lift.ts";
import { drawDraft, drawOverlay } from "./overlay.ts";
import { paintObject, paintReach } from "./paint.ts";
import type { PaintContext } from "./paint.ts";
import { createPeople } from "./people.ts";
import { drawSpeaker } from "./speaker.ts";
import { createTexts } from "./text.ts";
import { readTheme, watchTheme } from "./theme.ts";
import { createTiles } from "./tiles.ts";
import { coversTitles, createTitles, frameTitleRect } from "./titles.ts";

const ZOOM_REST_MS = 140; // after this long without zooming, tiles are painted at the exact scale
const BUDGET_MS = 7;
const RATIO_MAX = 2.5;
const PICTURE_ZOOM_MIN = 0.8; // in a picture, frame titles shrink with everything else
const SLOW_FRAME_MS = 22; // zooming slower than this, scaled tiles are laid down without smoothing

export interface CanvasHandle extends CanvasPort {
  close(): void;
}

export function mountCanvas(
  host: HTMLElement,
  store: CanvasStore,
  prefs: Prefs,
  tooling: Tooling,
  playing: Playing,
): CanvasHandle {
  const settled = layer(host, "canvas-settled");
  const live = layer(host, "canvas-live");
  let theme = readTheme();
  const texts = createTexts(theme);
  const titles = createTitles(store.scene, texts.widthOf);
  const grid = createGrid();
  const people = createPeople(store, texts);
  const lasers = createLasers(store);
  const ownLaser = computed(() => store.own.value.laser);
  const painted = new Map<ObjectId, BoardRect>(); // where the tiles last had each object
  const frames = new Set<ObjectId>(); // those of them that are frames
  let ratio = 1;
  let scheduled = 0;
  let settledStale = true;
  let zoomedAt = -Infinity;
  let lastZoom = store.camera.peek().zoom;
  let restTimer = 0;
  let hidden: ObjectId | null = null;
  let settledAt = 0;
  let pace = 0; // smoothed milliseconds between frames while zooming
  let liveBare = false; // the live canvas is clear
  const watchers = new Set<() => void>();

  const nameOf = (user: number): string => store.names.get(user) ?? "";
  const contextFor = (
    ctx: CanvasRenderingContext2D,
    scale: number,
    zoom: number,
    hideText: ObjectId | null,
  ): PaintContext => ({
    ctx, theme, texts, titles, nameOf, me: store.me.peek(), scale, zoom, shadows: true, hideText, coverOf: covers.of,
  });

  const tiles = createTiles({
    reach: (scale) => paintReach(scale / ratio),
    objectsIn: (rect, scale) =>
      store.scene
        .inOrder(growRect(rect, paintReach(scale / ratio)))
        .filter((view) => !lift.has(view.id)),
    paint: (ctx, view, scale) =>
      paintObject(contextFor(ctx, scale, scale / ratio, hidden), view, store.scene.rectOf(view)),
  });
  const covers = createCovers(store.tracks, (track) => {
    for (const view of store.scene.inOrder()) {
      if (isCardOf(view, track)) tiles.dirty(store.scene.rectOf(view));
    }
    settledStale = true;
    schedule();
  });
  const lift = createLift(store, tooling, (rect) => {
    tiles.dirty(rect);
    settledStale = true;
  });

  function schedule(): void {
    if (scheduled === 0) scheduled = requestAnimationFrame(frame);
  }

  function rectShown(id: ObjectId): BoardRect | null {
    const moved = lift.rects().get(id);
    if (moved !== undefined) return moved;
    const view = store.scene.objects.get(id);
    return view === undefined ? null : store.scene.rectOf(view);
  }

  function drawSettled(now: number): boolean {
    const camera = store.camera.peek();
    const size = store.viewport.peek();
    const screen = { w: size.w, h: size.h, ratio };
    const zooming = now - zoomedAt < ZOOM_REST_MS;
    const ctx = settled.ctx;
    ctx.setTransform(1, 0, 0, 1, 0, 0);
    ctx.fillStyle = theme.page;
    ctx.fillRect(0, 0, settled.canvas.width, settled.canvas.height);
    grid.draw(ctx, camera, theme, screen);
    pace = zooming ? pace * 0.8 + Math.min(100, now - settledAt) * 0.2 : 0;
    settledAt = now;
    return tiles.draw(ctx, camera, screen, zooming, BUDGET_MS, pace < SLOW_FRAME_MS);
  }

  /** Nothing selected, moving or being made, and nobody else to show: the live canvas can stay as it is. */
  function liveIsBare(): boolean {
    if (tooling.live.peek() !== STILL || store.selection.peek().size > 0) return false;
    const still = lift.rects().size === 0 && store.presence.size === 0 && lasers.idle();
    return still && playing.stage.peek() === null;
  }

  function drawLive(now: number): boolean {
    const bare = liveIsBare();
    if (bare && liveBare) return false;
    liveBare = bare;
    const camera = store.camera.peek();
    const { ctx, canvas } = live;
    ctx.setTransform(1, 0, 0, 1, 0, 0);
    ctx.clearRect(0, 0, canvas.width, canvas.height);
    const scale = camera.zoom * ratio;
    ctx.setTransform(scale, 0, 0, scale, -camera.x * scale, -camera.y * scale);
    const p = contextFor(ctx, scale, camera.zoom, hidden);
    drawMoving(p);
    const { draft } = tooling.live.peek();
    if (draft !== null) drawDraft(p, draft);
    ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
    drawOverlay({
      ctx,
      theme,
      camera,
      live: tooling.live.peek(),
      selection: store.selection.peek(),
      editing: store.editing.peek(),
      canEdit: store.canEdit.peek(),
      viewOf: (id) => store.scene.objects.get(id),
      rectShown: shownForSelection,
    });
    const fading = lasers.draw(ctx, camera, theme, now);
    const gliding = people.draw(ctx, camera, theme, now, rectShown) || fading;
    const stage = playing.stage.peek();
    if (stage !== null) drawSpeaker({ ctx, theme, texts }, camera, stage);
    return gliding;
  }

  /** While copies are dragged the selection's frame goes with them. */
  function shownForSelection(id: ObjectId): BoardRect | null {
    return tooling.live.peek().rects.get(id) ?? rectShown(id);
  }

  function drawMoving(p: PaintContext): void {
    const rects = new Map(lift.rects());
    const { copying, rects: own } = tooling.live.peek();
    if (copying) for (const [id, rect] of own) rects.set(id, rect);
    if (rects.size === 0) return;
    const seen = seenRect();
    const order =
      rects.size > 64
        ? store.scene.inOrder().filter((view) => rects.has(view.id))
        : sortedFew([...rects.keys()]);
    for (const view of order) {
      const rect = rects.get(view.id);
      if (rect === undefined || !rectsTouch(rect, seen)) continue;
      paintObject(p, view, rect);
    }
  }

  function sortedFew(ids: readonly ObjectId[]): readonly ObjectView[] {
    const wanted = new Set(ids);
    const views = ids.flatMap((id) => store.scene.objects.get(id) ?? []);
    if (views.length < 2) return views;
    const around = boundsOf(views.map((view) => store.scene.rectOf(view)));
    return around === null ? [] : store.scene.inOrder(around).filter((view) => wanted.has(view.id));
  }

  function seenRect(): BoardRect {
    const camera = store.camera.peek();
    const size = store.viewport.peek();
    const reach = paintReach(camera.zoom);
    return growRect({ x: camera.x, y: camera.y, w: size.w / camera.zoom, h: size.h / camera.zoom }, reach);
  }

  function frame(now: number): void {
    scheduled = 0;
    const gliding = lift.update(now);
    let again = gliding;
    if (settledStale) {
      settledStale = drawSettled(now);
      again = again || settledStale;
    }
    again = drawLive(now) || again;
    for (const watcher of watchers) watcher();
    if (again) schedule();
  }

  /** What was or is here may leave frames' titles more room, or less. */
  function dirtyTitles(rect: BoardRect): void {
    if (frames.size === 0) return;
    for (const view of titles.near(rect, store.camera.peek().zoom)) tiles.dirty({ ...store.scene.rectOf(view), h: 1 });
  }

  function sceneChanged(changes: Parameters<Parameters<typeof store.scene.subscribe>[0]>[0]): void {
    if (changes.reset) {
      painted.clear();
      frames.clear();
      tiles.dropAll();
    }
    for (const id of changes.removed) {
      const was = painted.get(id);
      if (was !== undefined) {
        tiles.dirty(was);
        frames.delete(id);
        dirtyTitles(was);
      }
      painted.delete(id);
      texts.forget(id);
    }
    for (const view of changes.changed) {
      if (view.kind === Kind.PERSON) tiles.dropAll();
      if (view.kind === Kind.PERSON || view.kind === Kind.BOARD) continue;
      const rect = store.scene.rectOf(view);
      const was = painted.get(view.id);
      if (was !== undefined && !same(was, rect)) tiles.dirty(was);
      tiles.dirty(rect);
      painted.set(view.id, rect);
      if (view.kind === Kind.FRAME) frames.add(view.id);
      const stays = was !== undefined && same(was, rect) && view.kind !== Kind.FRAME; // a frame's words may be others
      if (changes.reset || stays || !coversTitles(view)) continue;
      if (was !== undefined) dirtyTitles(was);
      dirtyTitles(rect);
    }
    lift.sceneChanged(changes);
    settledStale = true;
    schedule();
  }

  function resize(): void {
    const box = host.getBoundingClientRect();
    const size = { w: Math.max(1, Math.round(box.width)), h: Math.max(1, Math.round(box.height)) };
    ratio = Math.min(RATIO_MAX, devicePixelRatio || 1);
    for (const { canvas } of [settled, live]) {
      canvas.width = Math.round(size.w * ratio);
      canvas.height = Math.round(size.h * ratio);
      canvas.style.width = `${size.w}px`;
      canvas.style.height = `${size.h}px`;
    }
    store.viewport.value = size;
    liveBare = false;
    settledStale = true;
    if (scheduled !== 0) cancelAnimationFrame(scheduled);
    frame(performance.now()); // a resized canvas is blank: fill it before it is seen
  }

  const stops: (() => void)[] = [];
  stops.push(
    effect(() => {
      const { zoom } = store.camera.value;
      untracked(() => {
        if (zoom !== lastZoom) {
          lastZoom = zoom;
          zoomedAt = performance.now();
          clearTimeout(restTimer);
          restTimer = window.setTimeout(() => {
            settledStale = true;
            schedule();
          }, ZOOM_REST_MS + 10);
        }
        settledStale = true;
        schedule();
      });
    }),
    effect(() => {
      void [tooling.live.value, store.selection.value, store.presenceVersion.value];
      void [store.people.value, store.canEdit.value, ownLaser.value, playing.stage.value];
      schedule();
    }),
    effect(() => {
      const editing = store.editing.value;
      untracked(() => {
        for (const id of [hidden, editing]) {
          const rect = id === null ? null : rectShown(id);
          if (rect !== null) tiles.dirty(rect);
        }
        hidden = editing;
        settledStale = true;
        schedule();
      });
    }),
    store.scene.subscribe(sceneChanged),
    watchTheme(() => {
      theme = readTheme();
      texts.setTheme(theme);
      tiles.dropAll();
      settledStale = true;
      schedule();
    }),
    effect(() => {
      void store.me.value; // whose reactions stand out
      tiles.dropAll();
      settledStale = true;
      schedule();
    }),
    effect(() => {
      void prefs.language.value;
      live.canvas.lang = settled.canvas.lang = document.documentElement.lang;
    }),
  );
  for (const view of store.scene.inOrder()) {
    painted.set(view.id, store.scene.rectOf(view));
    if (view.kind === Kind.FRAME) frames.add(view.id);
  }
  const observer = new ResizeObserver(resize);
  observer.observe(host);
  resize();

  return {
    host,
    textBox: (view, rect, text) => texts.boxFor(view, rect, text),
    rectShown,
    onFrame(listener) {
      watchers.add(listener);
      return () => watchers.delete(listener);
    },
    frameTitleRect: (view) => frameTitleRect(store.scene.rectOf(view), store.camera.peek().zoom),
    frameTitleArea: (view) => titles.areaOf(view, store.camera.peek().zoom),
    paint(ctx: CanvasRenderingContext2D, rect: BoardRect, scale: number, options: PaintOptions) {
      ctx.save();
      if (options.background) {
        ctx.fillStyle = theme.page;
        ctx.fillRect(0, 0, rect.w * scale, rect.h * scale);
      }
      ctx.transform(scale, 0, 0, scale, -rect.x * scale, -rect.y * scale);
      const p = contextFor(ctx, scale, Math.max(scale, PICTURE_ZOOM_MIN), null);
      for (const view of store.scene.inOrder(growRect(rect, paintReach(scale)))) {
        if (options.only !== null && !options.only.has(view.id)) continue;
        paintObject(p, view, store.scene.rectOf(view));
      }
      ctx.restore();
    },
    close() {
      for (const stop of stops) stop();
      covers.close();
      observer.disconnect();
      clearTimeout(restTimer);
      if (scheduled !== 0) cancelAnimationFrame(scheduled);
      settled.canvas.remove();
      live.canvas.remove();
    },
  };
}

function same(a: BoardRect, b: BoardRect): boolean {
  return a.x === b.x && a.y === b.y && a.w === b.w && a.h === b.h;
}

interface Layer {
  readonly canvas: HTMLCanvasElement;
  readonly ctx: CanvasRenderingContext2D;
}

function layer(host: HTMLElement, name: string): Layer {
  const canvas = document.createElement("canvas");
  canvas.className = name;
  canvas.setAttribute("aria-hidden", "true");
  host.append(canvas);
  const ctx = canvas.getContext("2d", { alpha: name !== "canvas-settled" });
  if (ctx === null) throw new Error("no canvas");
  return { canvas, ctx };
}
