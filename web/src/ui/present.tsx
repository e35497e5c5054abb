// Presenting: one frame after the other fills the screen, everything else is gone. Keys, clicks and swipes go on and back;
// the laser is at hand. While it lasts no shortcut of the board fires: nobody edits a board by leafing through it.
// Notices stay to be seen, and what has a layer of its own on the page, as the recorder and the player do.

import { ChevronLeft, ChevronRight, WandSparkles, X } from "lucide";
import type { JSX } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { ObjectId, ObjectView } from "../engine/types.ts";
import { t } from "../i18n/i18n.ts";
import { boardToScreen } from "../state/camera.ts";
import { glideTo } from "../state/glide.ts";
import { textOf } from "../state/read.ts";
import { slideCamera, slideFrom, slidesOf } from "../state/slides.ts";
import { IconButton } from "./controls.tsx";
import { stopPresenting } from "./presenting.ts";
import type { Talk } from "./talk.ts";

const IDLE_MS = 2500;
const SWIPE_PX = 40;
const BACK_SHARE = 0.25; // a press in this part of the screen, at the left, goes back
const FRAME_RADIUS = 12;

const STEPS: Readonly<Record<string, number>> = {
  ArrowRight: 1,
  ArrowDown: 1,
  PageDown: 1,
  " ": 1,
  Enter: 1,
  ArrowLeft: -1,
  ArrowUp: -1,
  PageUp: -1,
  Backspace: -1,
  Home: -Infinity,
  End: Infinity,
};

/** The page gives way to the slides, and is as it was afterwards: called before the view goes to the first one. */
function useStage(talk: Talk): void {
  useLayoutEffect(() => {
    const { camera } = talk.store;
    const before = camera.peek();
    const page = talk.port.host.parentElement;
    let wasFull = document.fullscreenElement !== null;
    if (page !== null) page.dataset["presenting"] = "";
    const onFullscreen = (): void => {
      if (wasFull && document.fullscreenElement === null) stopPresenting(talk);
      wasFull = document.fullscreenElement !== null;
    };
    // With the laser the board takes presses; the view stays the slide's.
    const onWheel = (event: WheelEvent): void => {
      event.preventDefault();
      event.stopPropagation();
    };
    document.addEventListener("fullscreenchange", onFullscreen);
    talk.port.host.addEventListener("wheel", onWheel, { capture: true, passive: false });
    return () => {
      talk.port.host.removeEventListener("wheel", onWheel, { capture: true });
      document.removeEventListener("fullscreenchange", onFullscreen);
      if (page !== null) delete page.dataset["presenting"];
      glideTo(camera, before);
    };
  }, [talk]);
}

/** From the moment the slide is there, not from the next frame on: a key in between would be lost, or be the board's. */
function useKeys(talk: Talk, step: (steps: number) => void, toggleLaser: () => void): void {
  useLayoutEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const { target } = event;
      const onButton = target instanceof HTMLButtonElement && (event.key === "Enter" || event.key === " ");
      // A field that stays open beside the slides has its own keys.
      const inField = target instanceof HTMLTextAreaElement || target instanceof HTMLInputElement;
      if (onButton || inField || event.key === "Tab") return;
      event.preventDefault();
      event.stopPropagation();
      const steps = STEPS[event.key];
      if (event.key === "Escape") stopPresenting(talk);
      else if (event.key.toLowerCase() === "k") toggleLaser();
      else if (steps !== undefined) step(steps);
    };
    window.addEventListener("keydown", onKey, true);
    return () => window.removeEventListener("keydown", onKey, true);
  });
}

/** The slide fills the screen clear of the bar, and keeps to it when either changes its size. */
function useFit(talk: Talk, slide: ObjectView, bar: { readonly current: HTMLElement | null }): void {
  const { store } = talk;
  const { x, y, w, h } = store.scene.rectOf(slide);
  const screen = store.viewport.value;
  const shown = useRef<ObjectId | null>(null);
  useLayoutEffect(() => {
    const barPx = bar.current === null ? 0 : screen.h - bar.current.offsetTop;
    const goal = slideCamera({ x, y, w, h }, screen, barPx);
    // From slide to slide the view glides; a screen that grows is simply filled.
    if (shown.current === slide.id) store.camera.value = goal;
    else glideTo(store.camera, goal);
    shown.current = slide.id;
  }, [slide.id, x, y, w, h, screen.w, screen.h]);
}

/** Nothing but the slide: a hole in a cover, placed with each frame the canvas draws. */
function Mask(props: { readonly talk: Talk; readonly id: ObjectId }): JSX.Element {
  const { talk, id } = props;
  const hole = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const place = (): void => {
      const rect = talk.port.rectShown(id);
      if (hole.current === null || rect === null) return;
      const camera = talk.store.camera.peek();
      const at = boardToScreen(camera, rect);
      const { style } = hole.current;
      style.transform = `translate(${at.x}px, ${at.y}px)`;
      style.width = `${rect.w * camera.zoom}px`;
      style.height = `${rect.h * camera.zoom}px`;
      style.borderRadius = `${FRAME_RADIUS * camera.zoom}px`;
    };
    place();
    return talk.port.onFrame(place);
  }, [talk, id]);
  return <div ref={hole} class="present-mask" />;
}

/** True while the pointer has not moved, nor a finger pressed, for a while. */
function useIdle(): readonly [boolean, () => void] {
  const [idle, setIdle] = useState(false);
  const timer = useRef(0);
  const wake = (): void => {
    setIdle(false);
    clearTimeout(timer.current);
    timer.current = window.setTimeout(() => setIdle(true), IDLE_MS);
  };
  useEffect(() => {
    wake();
    const signs = ["pointermove", "pointerdown"] as const;
    for (const sign of signs) window.addEventListener(sign, wake);
    return () => {
      clearTimeout(timer.current);
      for (const sign of signs) window.removeEventListener(sign, wake);
    };
  }, []);
  return [idle, wake];
}

function Stage(props: {
  readonly talk: Talk;
  readonly slides: readonly ObjectView[];
  readonly slide: ObjectView;
}): JSX.Element {
  const { talk, slides, slide } = props;
  const { tooling } = talk;
  const place = slides.indexOf(slide);
  const laser = tooling.tool.value === "laser";
  const [idle, wake] = useIdle();
  const pressed = useRef<{ readonly x: number } | null>(null);
  const step = (steps: number): void => {
    tooling.slide.value = slideFrom(slides, tooling.slide.peek(), steps)?.id ?? null;
  };
  const toggleLaser = (): void => void (tooling.tool.value = laser ? "select" : "laser");
  useStage(talk);
  const bar = useRef<HTMLDivElement>(null);
  useFit(talk, slide, bar);
  useKeys(talk, step, toggleLaser);
  const release = (event: JSX.TargetedPointerEvent<HTMLDivElement>): void => {
    const from = pressed.current;
    pressed.current = null;
    if (from === null || event.button !== 0) return;
    const dx = event.clientX - from.x;
    if (Math.abs(dx) > SWIPE_PX) step(dx < 0 ? 1 : -1);
    else step(event.clientX < event.currentTarget.clientWidth * BACK_SHARE ? -1 : 1);
  };
  return (
    <div class="present" data-testid="presenting" data-idle={idle && !laser} onFocusIn={wake}>
      <Mask talk={talk} id={slide.id} />
      {!laser && (
        <div
          class="present-cover"
          data-testid="present-cover"
          onPointerDown={(event) => (pressed.current = { x: event.clientX })}
          onPointerUp={release}
          onContextMenu={(event) => event.preventDefault()}
        />
      )}
      <div ref={bar} class="panel present-bar" role="toolbar" aria-label={t("slides.presenting")}>
        <IconButton
          icon={ChevronLeft}
          label={t("slides.back")}
          testid="slide-back"
          disabled={place === 0}
          onPress={() => step(-1)}
          tip="none"
        />
        <span class="present-place" data-testid="slide-place" role="status">
          <span aria-hidden="true">{`${place + 1} / ${slides.length}`}</span>
          <span class="sr-only">{t("slides.place", { n: place + 1, of: slides.length, title: textOf(slide) })}</span>
        </span>
        <IconButton
          icon={ChevronRight}
          label={t("slides.next")}
          testid="slide-next"
          disabled={place === slides.length - 1}
          onPress={() => step(1)}
          tip="none"
        />
        <span class="divider" />
        <IconButton
          icon={WandSparkles}
          label={t("tool.laser")}
          testid="slide-laser"
          active={laser}
          onPress={toggleLaser}
          tip="none"
        />
        <IconButton
          icon={X}
          label={t("slides.end")}
          testid="present-end"
          onPress={() => stopPresenting(talk)}
          tip="none"
        />
      </div>
    </div>
  );
}

export function Present(props: { readonly talk: Talk }): JSX.Element | null {
  const { talk } = props;
  const { tooling, store } = talk;
  void store.scene.version.value;
  const slides = slidesOf(store.scene);
  const place = useRef(0);
  const at = slides.findIndex(({ id }) => id === tooling.slide.value);
  if (at >= 0) place.current = at;
  // A slide that somebody takes away is left for the one that comes to stand in its place.
  const slide = slides[at >= 0 ? at : Math.min(place.current, slides.length - 1)];
  const gone = slide === undefined || at < 0;
  useEffect(() => {
    if (slide === undefined) stopPresenting(talk);
    else if (gone) tooling.slide.value = slide.id;
  }, [gone, slide?.id]);
  return slide === undefined ? null : <Stage talk={talk} slides={slides} slide={slide} />;
}
