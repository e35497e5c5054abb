// The board's frames as slides, in their order: a press shows one, the grip or its arrow keys move it, and presenting
// begins here.

import { GripVertical, Play } from "lucide";
import type { JSX } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { ObjectId, ObjectView } from "../engine/types.ts";
import { rectsTouch } from "../geom/rect.ts";
import { t } from "../i18n/i18n.ts";
import { isLocked, textOf } from "../state/read.ts";
import { moveSlide, slidesOf } from "../state/slides.ts";
import { Icon } from "./icons.tsx";
import { startPresenting } from "./presenting.ts";
import { SidePanel } from "./side_panel.tsx";
import type { Talk } from "./talk.ts";

const THUMB = { w: 112, h: 70 } as const;
const RATIO = 2;
const REPAINT_MS = 300;
const TOLERANCE_PX = 4;

/** A small picture of the slide, painted again when something on it has changed. */
function Thumb(props: { readonly talk: Talk; readonly view: ObjectView }): JSX.Element {
  const { talk, view } = props;
  const { scene } = talk.store;
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    let timer = 0;
    const rect = scene.rectOf(view);
    const paint = (): void => {
      timer = 0;
      const ctx = canvas.current?.getContext("2d");
      if (ctx === null || ctx === undefined) return;
      const scale = Math.min(THUMB.w / Math.max(1, rect.w), THUMB.h / Math.max(1, rect.h)) * RATIO;
      const shown = { w: rect.w * scale, h: rect.h * scale };
      ctx.setTransform(1, 0, 0, 1, 0, 0);
      ctx.clearRect(0, 0, THUMB.w * RATIO, THUMB.h * RATIO);
      ctx.save();
      ctx.translate((THUMB.w * RATIO - shown.w) / 2, (THUMB.h * RATIO - shown.h) / 2);
      ctx.beginPath();
      ctx.rect(0, 0, shown.w, shown.h);
      ctx.clip();
      talk.port.paint(ctx, rect, scale, { background: false, only: null });
      ctx.restore();
    };
    paint();
    const stop = scene.subscribe(({ reset, changed, removed }) => {
      const touched = reset || removed.length > 0 || changed.some((other) => rectsTouch(scene.rectOf(other), rect));
      if (touched && timer === 0) timer = window.setTimeout(paint, REPAINT_MS);
    });
    return () => {
      clearTimeout(timer);
      stop();
    };
  }, [view]);
  return (
    <canvas
      ref={canvas}
      class="slide-thumb"
      width={THUMB.w * RATIO}
      height={THUMB.h * RATIO}
      aria-hidden="true"
    />
  );
}

interface Drag {
  readonly from: number;
  readonly to: number;
  readonly dy: number;
  /** A row's height: how far the others make way. */
  readonly step: number;
}

/** How far a row stands from its own place while another one is dragged past it. */
function shiftOf(i: number, drag: Drag | null): number {
  if (drag === null) return 0;
  if (i === drag.from) return drag.dy;
  if (i > drag.from && i <= drag.to) return -drag.step;
  if (i < drag.from && i >= drag.to) return drag.step;
  return 0;
}

function Grip(props: {
  readonly label: string;
  readonly place: number;
  readonly count: number;
  readonly onDrag: (drag: Drag | null) => void;
  readonly onMove: (to: number) => void;
}): JSX.Element {
  const { place, count, onDrag, onMove } = props;
  const held = useRef<{ readonly y: number; readonly step: number; to: number } | null>(null);
  const begin = (event: JSX.TargetedPointerEvent<HTMLButtonElement>): void => {
    const row = event.currentTarget.closest("li");
    if (event.button !== 0 || row === null) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    held.current = { y: event.clientY, step: row.getBoundingClientRect().height, to: place };
  };
  const drag = (event: PointerEvent): void => {
    const from = held.current;
    if (from === null) return;
    const dy = event.clientY - from.y;
    if (Math.abs(dy) < TOLERANCE_PX && from.to === place) return;
    from.to = Math.max(0, Math.min(count - 1, place + Math.round(dy / from.step)));
    onDrag({ from: place, to: from.to, dy, step: from.step });
  };
  const end = (keep: boolean): void => {
    const to = held.current?.to ?? place;
    held.current = null;
    onDrag(null);
    if (keep && to !== place) onMove(to);
  };
  const key = (event: KeyboardEvent): void => {
    const to = { ArrowUp: place - 1, ArrowDown: place + 1, Home: 0, End: count - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    if (to >= 0 && to < count && to !== place) onMove(to);
  };
  return (
    <button
      type="button"
      class="slide-grip"
      aria-label={props.label}
      data-testid="slide-grip"
      onPointerDown={begin}
      onPointerMove={drag}
      onPointerUp={() => end(true)}
      onPointerCancel={() => end(false)}
      onKeyDown={key}
    >
      <Icon of={GripVertical} size={16} />
    </button>
  );
}

/** A moved slide keeps its focus: its row is another element's neighbour, not another row. */
function useFocusAfterMove(list: { readonly current: HTMLElement | null }): (id: ObjectId) => void {
  const wanted = useRef<ObjectId | null>(null);
  useLayoutEffect(() => {
    if (wanted.current === null) return;
    list.current?.querySelector<HTMLElement>(`[data-slide="${wanted.current}"] .slide-grip`)?.focus();
    wanted.current = null;
  });
  return (id) => void (wanted.current = id);
}

export function SlidesPanel(props: { readonly talk: Talk; readonly onClose: () => void }): JSX.Element {
  const { talk } = props;
  const { store, tooling, commands } = talk;
  void store.scene.version.value;
  const slides = slidesOf(store.scene);
  const [drag, setDrag] = useState<Drag | null>(null);
  const list = useRef<HTMLOListElement>(null);
  const focusAfter = useFocusAfterMove(list);
  const move = (from: number, to: number): void => {
    const edits = moveSlide(slides, from, to);
    const id = slides[from]?.id;
    if (edits.length === 0 || id === undefined) return;
    focusAfter(id);
    store.edit(edits, store.newGesture());
  };
  const show = (id: ObjectId): void => {
    store.selection.value = new Set([id]);
    commands.zoomToSelection();
  };
  const [chosen] = tooling.tool.value === "select" ? store.selection.value : [];
  const first = slides.find(({ id }) => id === chosen) ?? slides[0];
  const from = first === undefined ? 0 : slides.indexOf(first) + 1;
  return (
    <SidePanel title={t("slides.title")} testid="slides-panel" onClose={props.onClose}>
      {slides.length === 0 ? (
        <p class="side-empty muted">{t("slides.none")}</p>
      ) : (
        <ol class="slide-list" ref={list} data-dragging={drag !== null}>
          {slides.map((view, i) => (
            <li
              key={view.id}
              class="slide-row"
              data-slide={view.id}
              data-testid="slide"
              data-held={drag?.from === i}
              style={{ transform: drag === null ? "" : `translateY(${shiftOf(i, drag)}px)` }}
            >
              <button
                type="button"
                class="slide-open"
                aria-current={view.id === chosen}
                aria-label={t("slides.show", { n: i + 1, title: textOf(view) })}
                onClick={() => show(view.id)}
              >
                <span class="slide-number">{i + 1}</span>
                <Thumb talk={talk} view={view} />
                <span class="slide-title">{textOf(view)}</span>
              </button>
              {store.canEdit.value && !isLocked(view) && (
                <Grip
                  label={t("slides.move", { n: i + 1, of: slides.length })}
                  place={i}
                  count={slides.length}
                  onDrag={setDrag}
                  onMove={(to) => move(i, to)}
                />
              )}
            </li>
          ))}
        </ol>
      )}
      <div class="side-end">
        <button
          type="button"
          class="button primary"
          data-testid="present"
          disabled={first === undefined}
          onClick={() => first !== undefined && startPresenting(talk, first.id)}
        >
          <Icon of={Play} size={16} />
          {from > 1 ? t("slides.present_from", { n: from }) : t("slides.present")}
        </button>
      </div>
    </SidePanel>
  );
}
