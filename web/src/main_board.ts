// Composes an open board's view: canvas, tools, outline and chrome know nothing of each other and are joined here through
// the ports of state/tooling.ts. Owns the page's elements and their order; taking the view down undoes all of it.

import { effect, untracked } from "@preact/signals";
import { mountAnnouncer } from "./a11y/announce.ts";
import { mountOutline } from "./a11y/outline.ts";
import { pictureOf, saveFile, thumbnailOf } from "./export/picture.ts";
import type { ObjectView } from "./engine/types.ts";
import { boundsOf } from "./geom/rect.ts";
import type { ScreenSize } from "./geom/types.ts";
import { Field, Kind } from "./engine/generated.ts";
import { t } from "./i18n/i18n.ts";
import type { PlayingDeps } from "./main_playing.ts";
import { openRecording } from "./main_record.ts";
import { mountCanvas } from "./render/canvas.ts";
import { fitted } from "./state/camera.ts";
import { followThreads } from "./state/comments.ts";
import { createMoments, type Moments } from "./state/moment.ts";
import { tell } from "./state/notices.ts";
import { keepReadMarks } from "./state/read_marks.ts";
import { createPlaying, type Playing } from "./state/playing.ts";
import { PHONE_PX } from "./state/screen.ts";
import { slidesOf } from "./state/slides.ts";
import { createTooling } from "./state/tooling.ts";
import type { CanvasPort } from "./state/tooling.ts";
import type { BoardStore, Camera, Prefs } from "./state/types.ts";
import { watchInvites } from "./talk/invite.ts";
import { mountTools } from "./tools/mount.ts";
import { applyAppearance } from "./ui/appearance.ts";
import { mountBoard } from "./ui/board.tsx";
import { chipText } from "./ui/chip.tsx";

const THUMBNAIL_MS = 4000; // after the last change, a new picture for the home page
const FIT_MARGIN_PX = 96;
const READABLE_ZOOM = 0.75;

export interface BoardViewHooks {
  /** A fresh small picture of the board. */
  keepThumbnail?(picture: Blob): void;
  /** What the player shows and can be told; for whoever opened the view, too. */
  readonly playing?: Playing;
}

function element(parent: HTMLElement, className: string): HTMLElement {
  const made = document.createElement("div");
  made.className = className;
  parent.append(made);
  return made;
}

/** Pointer and keyboard people get different focus marks on the canvas. */
function watchPointer(page: HTMLElement): () => void {
  const onPointer = (): void => void (page.dataset["pointer"] = "");
  onPointer();
  const onKey = (event: KeyboardEvent): void => {
    if (event.key === "Tab") delete page.dataset["pointer"];
  };
  window.addEventListener("pointerdown", onPointer, true);
  window.addEventListener("keydown", onKey, true);
  return () => {
    window.removeEventListener("pointerdown", onPointer, true);
    window.removeEventListener("keydown", onKey, true);
  };
}

/** All of it, unless that would be too small to read on a narrow screen: then its first frame, or what stands highest. */
function firstView(scene: BoardStore["scene"], screen: ScreenSize): Camera {
  const { w, h } = screen;
  const views = scene.inOrder();
  const bounds = boundsOf(views.map((view) => scene.rectOf(view)));
  if (bounds === null) return { x: -w / 2, y: -h / 2, zoom: 1 };
  const whole = fitted(bounds, screen, Math.min(FIT_MARGIN_PX, w / 10), 1);
  if (w >= PHONE_PX || whole.zoom >= READABLE_ZOOM) return whole;
  const frame = slidesOf(scene)[0];
  const first = frame ? scene.rectOf(frame) : views.map((view) => scene.rectOf(view)).reduce((a, b) => (b.y < a.y ? b : a));
  return { x: first.x - 16 / READABLE_ZOOM, y: first.y - 120 / READABLE_ZOOM, zoom: READABLE_ZOOM };
}

/** The first thing a person sees is the board's content, not an arbitrary corner of an endless plane. What is there first
 * may be old or little: until all of it came it is looked at anew, unless somebody has moved the view. */
function showContentOnce(store: BoardStore): () => void {
  let placed = store.camera.peek();
  const stop = effect(() => {
    if (!store.loaded.value) return;
    const whole = store.connection.value.is !== "connecting";
    untracked(() => {
      const { w, h } = store.viewport.peek();
      const ours = store.camera.peek() === placed;
      if (ours) placed = store.camera.value = firstView(store.scene, { w, h });
      if (whole || !ours) queueMicrotask(() => stop());
    });
  });
  return stop;
}

function keepThumbnails(store: BoardStore, port: CanvasPort, keep: (picture: Blob) => void): () => void {
  let timer = 0;
  const draw = async (): Promise<void> => {
    timer = 0;
    const picture = await thumbnailOf(store.scene, port);
    if (picture !== null) keep(picture);
  };
  const stop = effect(() => {
    void store.scene.version.value;
    clearTimeout(timer);
    timer = window.setTimeout(() => void draw(), THUMBNAIL_MS);
  });
  const onHide = (): void => {
    if (timer === 0 || document.visibilityState !== "hidden") return;
    clearTimeout(timer);
    void draw();
  };
  document.addEventListener("visibilitychange", onHide);
  return () => {
    stop();
    clearTimeout(timer);
    document.removeEventListener("visibilitychange", onHide);
  };
}

async function exportImage(store: BoardStore, port: CanvasPort, selectionOnly: boolean): Promise<void> {
  const chosen = new Set(store.selection.peek());
  for (const id of [...chosen]) for (const child of store.scene.childrenOf(id)) chosen.add(child.id);
  const picture = await pictureOf(store.scene, port, selectionOnly ? chosen : null);
  if (picture !== null) {
    saveFile(picture, `${store.title.peek() || t("board.untitled")}.png`);
    return;
  }
  tell(store.notices, "warn", "notice.export_failed");
}

/** While the board is shown as it was, its objects are where they were. */
function portAsShown(canvas: CanvasPort, { past }: Playing): CanvasPort {
  return {
    ...canvas,
    rectShown(id) {
      const scene = past.peek()?.scene;
      const view = scene?.objects.get(id);
      if (scene === undefined) return canvas.rectShown(id);
      return view === undefined ? null : scene.rectOf(view);
    },
    onFrame(listener) {
      const stop = canvas.onFrame(listener);
      const stopPast = effect(() => {
        const shown = past.value;
        return untracked(() => {
          listener();
          return shown?.scene.subscribe(listener);
        });
      });
      return () => {
        stop();
        stopPast();
      };
    },
  };
}

/** What plays talk-tracks, and lists them, comes when it is first wanted. */
function loadPlaying(deps: PlayingDeps): () => void {
  const { playing, tooling } = deps;
  let close = (): void => undefined;
  let closed = false;
  let loading = false;
  const load = async (): Promise<void> => {
    loading = true;
    try {
      const { openPlaying } = await import("./main_playing.ts");
      stop();
      if (!closed) close = openPlaying(deps);
    } catch (error) {
      console.warn(error);
      playing.wish.value = null;
      if (tooling.panel.peek() === "tracks") tooling.panel.value = null;
      tell(deps.store.notices, "warn", "notice.track_failed");
      loading = false; // last: the next press tries again
    }
  };
  const stop = effect(() => {
    const wanted = tooling.panel.value === "tracks" || playing.wish.value !== null;
    if (wanted && !loading) untracked(() => void load());
  });
  return () => {
    closed = true;
    stop();
    close();
  };
}

/** A moment of a talk-track that is not open: it is opened there. The player itself takes those of the one that is. */
function openWantedMoments(store: BoardStore, moments: Moments, playing: Playing): () => void {
  return effect(() => {
    const wanted = moments.wanted.value;
    if (wanted === null) return;
    untracked(() => {
      const track = store.scene.objects.get(wanted.track)?.fields.get(Field.TRACK);
      if (playing.player.peek()?.track.peek().track === track) return;
      moments.wanted.value = null;
      if (typeof track === "string") playing.wish.value = { track, recordedMs: wanted.ms, play: false };
    });
  });
}

/** Cards show their covers: the desk is asked once there is one on the board. */
function listTracksOnce(store: BoardStore): () => void {
  const look = (views: Iterable<ObjectView>): void => {
    for (const { kind } of views) {
      if (kind !== Kind.TRACK) continue;
      stop();
      store.tracks.refresh().catch(() => undefined);
      return;
    }
  };
  const stop = store.scene.subscribe(({ changed }) => look(changed));
  look(store.scene.objects.values());
  return stop;
}

export function openBoardView(
  root: HTMLElement,
  store: BoardStore,
  prefs: Prefs,
  hooks: BoardViewHooks = {},
): () => void {
  const stopAppearance = applyAppearance(prefs);
  const page = element(root, "board-page");
  const host = element(page, "board-host");
  host.tabIndex = 0;
  host.dataset["testid"] = "board";
  host.setAttribute("role", "application");
  const spoken = element(page, "board-spoken"); // before the chrome, so that Tab goes from the board into its outline
  const chrome = element(page, "board-chrome");
  const tooling = createTooling();
  const moments = createMoments();
  const threads = followThreads(store.scene);
  const marks = keepReadMarks(store, () => threads.list.value);
  const playing = hooks.playing ?? createPlaying();
  const canvas = mountCanvas(host, store, prefs, tooling, playing);
  const port = portAsShown(canvas, playing);
  const tools = mountTools(host, store, port, tooling, playing, moments);
  const recording = openRecording(element(page, "board-chrome"), { store, canvas, tooling, commands: tools.commands });
  const stops = [
    watchPointer(page),
    mountOutline(spoken, store, tools.commands, { threads: threads.list, marks }),
    mountAnnouncer(spoken, store, chipText, threads.list),
    mountBoard(chrome, store, prefs, {
      tooling,
      commands: tools.commands,
      moments,
      threads: threads.list,
      marks,
      port,
      playing,
      recording: recording.door,
      exportImage: (selectionOnly) => void exportImage(store, canvas, selectionOnly),
    }),
    effect(() => {
      void prefs.language.value;
      host.setAttribute("aria-label", t("board.canvas"));
    }),
    showContentOnce(store),
    marks.stop,
    threads.stop,
    openWantedMoments(store, moments, playing),
    watchInvites(store, playing),
    loadPlaying({ store, prefs, playing, moments, tooling, commands: tools.commands, port, door: recording.door, host, page }),
    listTracksOnce(store),
    recording.close,
  ];
  if (hooks.keepThumbnail !== undefined) {
    stops.push(keepThumbnails(store, canvas, hooks.keepThumbnail));
  }
  host.focus({ preventScroll: true });
  return () => {
    for (const stop of stops) stop();
    tools.close();
    canvas.close();
    page.remove();
    stopAppearance();
  };
}
