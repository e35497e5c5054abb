// Typing into an object: a real textarea lies over it, so that carets, selections, spell checking and input methods are
// the browser's own. What is typed becomes text edits at most every 100 ms; what others type is merged into the
// textarea around the caret. Invariant: `base` is the engine's text as of the last look; while an input method composes,
// nothing is sent and nothing is replaced.

import { effect, untracked } from "@preact/signals";
import { Field, Kind } from "../engine/generated.ts";
import type { Edit, ObjectId, ObjectView } from "../engine/types.ts";
import { t } from "../i18n/i18n.ts";
import { boardToScreen } from "../state/camera.ts";
import { textOf } from "../state/read.ts";
import type { CanvasPort } from "../state/tooling.ts";
import { neat } from "./make.ts";
import { mapPosition, rebase, spliceBetween } from "../state/splice.ts";
import type { Bench } from "./tool.ts";

const FLUSH_MS = 100;
const GROW_MAX = 480; // a free text grows this wide before it wraps
const CARET_ROOM = 2;
const SIGHT_PX = 24;
const SIGHT_TOP_PX = 76;

interface Session {
  readonly id: ObjectId;
  readonly gesture: number;
  readonly grows: boolean;
  readonly fresh: boolean;
}

export interface Editor {
  /** Sends what is typed so far; false while an input method composes. */
  flush(): boolean;
  finish(): void;
  close(): void;
}

/** A free text keeps growing with its content unless somebody has set its width. */
function growsWithText(port: CanvasPort, view: ObjectView, w: number): boolean {
  const text = textOf(view);
  if (text === "") return w <= 32;
  const { layout } = port.textBox(view, { x: 0, y: 0, w: GROW_MAX, h: 0 }, text);
  return Math.abs(layout.width + CARET_ROOM - w) < 4;
}

export function mountEditor(host: HTMLElement, bench: Bench, onTab: (id: ObjectId) => void): Editor {
  const { store, port } = bench;
  const area = document.createElement("textarea");
  area.className = "board-editor";
  area.hidden = true;
  area.spellcheck = false;
  area.dataset["testid"] = "editor";
  area.maxLength = 32_768;
  host.append(area);
  let session: Session | null = null;
  let base = "";
  let composing = false;
  let ownEdit = false;
  let flushTimer = 0;

  function viewNow(): ObjectView | null {
    return session === null ? null : (store.scene.objects.get(session.id) ?? null);
  }

  /** Size edits that keep a free text's box around its lines. */
  function sizeEdits(view: ObjectView, text: string, grows: boolean): readonly Edit[] {
    if (view.kind !== Kind.TEXT) return [];
    const rect = store.scene.rectOf(view);
    const room = grows ? { ...rect, w: GROW_MAX } : rect;
    const { layout } = port.textBox(view, room, text === "" ? " " : text);
    const w = grows ? Math.max(24, layout.width + CARET_ROOM) : rect.w;
    const size = [neat(w), neat(layout.height)];
    if (size[0] === rect.w && size[1] === rect.h) return [];
    return [{ do: "set", id: view.id, field: Field.SIZE, value: size }];
  }

  function flush(): boolean {
    clearTimeout(flushTimer);
    flushTimer = 0;
    const view = viewNow();
    if (session === null || view === null) return true;
    if (composing) return false;
    const typed = spliceBetween(base, area.value, area.selectionEnd);
    const now = textOf(view);
    const remote = spliceBetween(base, now, null);
    if (typed !== null) {
      const { at, remove, text } = rebase(typed, remote);
      const { id, gesture, grows } = session;
      const edits: Edit[] = [{ do: "text", id, field: Field.TEXT, at, remove, text }];
      const result = now.slice(0, at) + text + now.slice(at + remove);
      ownEdit = true;
      store.edit([...edits, ...sizeEdits(view, result, grows)], gesture);
      ownEdit = false;
    }
    show(remote);
    return true;
  }

  /** Puts the engine's text into the textarea, keeping caret and selection where they belong. */
  function show(remote: ReturnType<typeof spliceBetween>): void {
    const view = viewNow();
    if (view === null) return;
    base = textOf(view);
    if (area.value !== base) {
      const { selectionStart, selectionEnd, selectionDirection, scrollTop } = area;
      area.value = base;
      const start = mapPosition(selectionStart, remote, true);
      const end = Math.max(start, mapPosition(selectionEnd, remote, selectionStart === selectionEnd));
      area.setSelectionRange(start, end, selectionDirection);
      area.scrollTop = scrollTop;
    }
    layout();
  }

  function layout(): void {
    const view = viewNow();
    if (session === null || view === null) return;
    const rect = store.scene.rectOf(view);
    const camera = store.camera.peek();
    if (view.kind === Kind.FRAME) layoutTitle(view);
    else {
      const grown = session.grows ? { ...rect, w: GROW_MAX } : rect;
      const box = port.textBox(view, grown, area.value);
      const { size } = box.layout;
      // Broken at the width the layout broke at (a hair more), lines fall the same in both.
      const inner = box.layout.room + 0.5;
      const width = session.grows ? Math.max(4, box.layout.width + size) : inner;
      const inset = box.align === "center" ? (box.area.w - inner) / 2 : 0;
      style(width, size, box.weight);
      area.style.textAlign = box.align;
      area.style.color = box.color;
      const tall = Math.max(box.layout.lineHeight, area.scrollHeight);
      area.style.height = `${tall}px`;
      const free = box.vertical === "middle" ? Math.max(0, (box.area.h - tall) / 2) : 0;
      moveTo(boardToScreen(camera, { x: box.area.x + inset, y: box.area.y + free }), camera.zoom);
    }
  }

  function style(width: number, size: number, weight: number): void {
    area.style.width = `${width}px`;
    area.style.fontSize = `${size}px`;
    area.style.fontWeight = String(weight);
    area.style.height = "0";
  }

  function moveTo(at: { readonly x: number; readonly y: number }, zoom: number): void {
    area.style.transform = `translate(${at.x}px, ${at.y}px) scale(${zoom})`;
  }

  /** A frame's title is set in screen pixels above its corner. */
  function layoutTitle(view: ObjectView): void {
    const camera = store.camera.peek();
    const strip = port.frameTitleRect(view);
    const at = boardToScreen(camera, strip);
    const height = strip.h * camera.zoom - 10;
    style(Math.max(160, strip.w * camera.zoom), height / 1.3, 600);
    area.style.textAlign = "start";
    area.style.color = "";
    area.style.height = `${height + 2}px`;
    moveTo({ x: at.x + 2, y: at.y + 3 }, 1);
  }

  function open(id: ObjectId): void {
    const view = store.scene.objects.get(id);
    if (view === undefined || !store.canEdit.peek()) {
      store.editing.value = null;
      return;
    }
    const fresh = bench.fresh?.id === id ? bench.fresh : null;
    bench.fresh = null;
    session = {
      id,
      gesture: fresh?.gesture ?? store.newGesture(),
      grows: view.kind === Kind.TEXT && growsWithText(port, view, store.scene.rectOf(view).w),
      fresh: fresh !== null,
    };
    base = textOf(view);
    area.value = base;
    area.classList.toggle("board-editor-title", view.kind === Kind.FRAME);
    area.setAttribute("aria-label", t("bar.edit"));
    area.hidden = false;
    store.setPresence({ typing: id });
    layout();
    area.focus({ preventScroll: true });
    if (view.kind === Kind.FRAME) area.select();
    else area.setSelectionRange(base.length, base.length);
  }

  /** A phone's keyboard covers the lower half: what is being written moves up into sight. */
  function keepInSight(): void {
    const view = viewNow();
    const seen = window.visualViewport?.height;
    if (view === null || seen === undefined) return;
    const camera = store.camera.peek();
    const rect = store.scene.rectOf(view);
    const top = boardToScreen(camera, rect).y;
    const below = top + rect.h * camera.zoom - (seen - SIGHT_PX);
    const up = Math.min(below, top - SIGHT_TOP_PX);
    if (up > 0) store.camera.value = { ...camera, y: camera.y + up / camera.zoom };
  }

  function leave(): void {
    if (session === null) return;
    composing = false;
    flush();
    const ended = session;
    const view = viewNow();
    session = null;
    area.hidden = true;
    store.setPresence({ typing: null });
    if (view?.kind === Kind.TEXT && textOf(view).trim() === "") {
      store.edit([{ do: "delete", id: ended.id }], ended.fresh ? ended.gesture : store.newGesture());
    }
  }

  function finish(): void {
    if (session === null) return;
    store.editing.value = null;
    host.focus({ preventScroll: true });
  }

  function onKey(event: KeyboardEvent): void {
    event.stopPropagation();
    if (event.isComposing || event.keyCode === 229) return;
    const view = viewNow();
    const modEnter = event.key === "Enter" && (event.ctrlKey || event.metaKey);
    const titleEnter = event.key === "Enter" && view?.kind === Kind.FRAME;
    if (event.key === "Escape" || modEnter || titleEnter) {
      event.preventDefault();
      finish();
    } else if (event.key === "Tab" && !event.shiftKey) {
      event.preventDefault();
      const id = session?.id;
      finish();
      if (id !== undefined && view?.kind === Kind.STICKY) onTab(id);
    }
  }

  function soon(): void {
    if (flushTimer === 0) flushTimer = window.setTimeout(flush, FLUSH_MS);
  }

  area.addEventListener("input", () => {
    layout();
    if (!composing) soon();
  });
  area.addEventListener("compositionstart", () => (composing = true));
  area.addEventListener("compositionend", () => {
    composing = false;
    layout();
    soon();
  });
  area.addEventListener("keydown", onKey);
  area.addEventListener("pointerdown", (event) => event.stopPropagation());
  area.addEventListener("blur", () => {
    // A blur because the window lost focus keeps the session; the text leaves either way.
    if (session === null) return;
    composing = false;
    flush();
    if (document.hasFocus()) finish();
  });
  const onHide = (): void => void flush();
  document.addEventListener("visibilitychange", onHide);
  window.addEventListener("pagehide", onHide);
  window.visualViewport?.addEventListener("resize", keepInSight);

  const stops = [
    effect(() => {
      const id = store.editing.value;
      untracked(() => {
        if (session?.id === id) return;
        leave();
        if (id !== null) open(id);
      });
    }),
    effect(() => {
      void store.camera.value;
      untracked(layout);
    }),
    store.scene.subscribe((changes) => {
      if (session === null || ownEdit) return;
      const { id } = session;
      if (!store.scene.objects.has(id)) {
        if (changes.reset || changes.removed.includes(id)) store.editing.value = null;
      } else if (!composing && (changes.reset || changes.changed.some((view) => view.id === id))) {
        // The engine is in the middle of telling everybody: edit again only after that.
        queueMicrotask(flush);
      }
    }),
  ];

  return {
    flush,
    finish,
    close() {
      leave();
      for (const stop of stops) stop();
      document.removeEventListener("visibilitychange", onHide);
      window.removeEventListener("pagehide", onHide);
      window.visualViewport?.removeEventListener("resize", keepInSight);
      area.remove();
    },
  };
}
