// Pointers, wheel and fingers become tool interactions, panning and zooming. Owns which pointer does what from press to
// release: one interaction at a time; a second finger cancels it and pinches. A drag begins once the pointer has left
// the click's tolerance. Tools decide what a press means; keys are keyboard.ts's.

import { effect, untracked } from "@preact/signals";
import type { BoardPoint, ScreenPoint } from "../geom/types.ts";
import { panned, screenToBoard, zoomedAt } from "../state/camera.ts";
import { stopGlide } from "../state/glide.ts";
import { STILL } from "../state/tooling.ts";
import type { Tooling } from "../state/tooling.ts";
import type { BoardStore } from "../state/types.ts";
import { hitAt } from "./hit.ts";
import { isTyping, onBoard } from "./keyboard.ts";
import { pinched, wheelFactor } from "./pinch.ts";
import type { Bench, Interaction, PointerAt, Tool } from "./tool.ts";

const TOLERANCE_PX = { mouse: 3, pen: 5, touch: 9 } as const;
const DOUBLE_MS = 380;
const DOUBLE_PX = { mouse: 6, pen: 12, touch: 28 } as const;
const LONG_PRESS_MS = 480;
const LINE_PX = 18;

type Doing =
  | { readonly is: "nothing" }
  | { readonly is: "tool"; readonly pointer: number; readonly from: PointerAt; dragged: boolean; readonly act: Interaction }
  | { readonly is: "pan"; readonly pointer: number; last: ScreenPoint; readonly start: ScreenPoint; moved: boolean }
  | { readonly is: "pinch"; readonly pointers: readonly [number, number] };

export interface Input {
  /** Gives up the gesture in progress; false when there is none. */
  cancel(): boolean;
  pointer(): BoardPoint | null;
  close(): void;
}

export function mountInput(
  bench: Bench,
  toolNow: () => Tool,
  onCursor: (at: BoardPoint | null) => void,
): Input {
  const { store, tooling, port } = bench;
  const { host } = port;
  const down = new Map<number, ScreenPoint>();
  let doing: Doing = { is: "nothing" };
  let space = false;
  let last: PointerAt | null = null;
  let lastUp = { at: -Infinity, x: 0, y: 0 };
  let longPress = 0;

  function screenOf(event: MouseEvent): ScreenPoint {
    const box = host.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  }

  function kindOf(event: PointerEvent): PointerAt["pointer"] {
    return event.pointerType === "touch" || event.pointerType === "pen" ? event.pointerType : "mouse";
  }

  function read(event: PointerEvent, clicks = 1): PointerAt {
    const screen = screenOf(event);
    return {
      screen,
      board: screenToBoard(store.camera.peek(), screen),
      shift: event.shiftKey,
      alt: event.altKey,
      mod: event.ctrlKey || event.metaKey,
      pointer: kindOf(event),
      clicks,
    };
  }

  function setBusy(busy: boolean): void {
    if (tooling.busy.peek() !== busy) tooling.busy.value = busy;
  }

  function cursor(name: string): void {
    if (host.style.cursor !== name) host.style.cursor = name;
  }

  function beginPan(pointer: number, at: ScreenPoint): void {
    tooling.following.value = null;
    stopGlide(store.camera);
    doing = { is: "pan", pointer, last: at, start: at, moved: false };
    cursor("grabbing");
  }

  function beginPinch(): void {
    const [a, b] = [...down.keys()];
    if (a === undefined || b === undefined) return;
    cancel();
    tooling.following.value = null;
    stopGlide(store.camera);
    doing = { is: "pinch", pointers: [a, b] };
    setBusy(true);
  }

  function cancel(): boolean {
    clearTimeout(longPress);
    if (doing.is === "nothing") return false;
    if (doing.is === "tool") doing.act.cancel();
    doing = { is: "nothing" };
    setBusy(false);
    return true;
  }

  function clicksOf(event: PointerEvent, at: ScreenPoint): number {
    const near = Math.hypot(at.x - lastUp.x, at.y - lastUp.y) < DOUBLE_PX[kindOf(event)];
    return near && event.timeStamp - lastUp.at < DOUBLE_MS ? 2 : 1;
  }

  function onDown(event: PointerEvent): void {
    if (event.target instanceof HTMLTextAreaElement) return;
    const screen = screenOf(event);
    down.set(event.pointerId, screen);
    if (host.setPointerCapture !== undefined) host.setPointerCapture(event.pointerId);
    event.preventDefault(); // no text selection, no emulated mouse events
    host.focus({ preventScroll: true }); // ends typing elsewhere
    store.editing.value = null;
    if (down.size === 2 && event.pointerType === "touch") return beginPinch();
    if (doing.is !== "nothing") return;
    if (event.button === 1 || (space && event.button === 0)) return beginPan(event.pointerId, screen);
    if (event.button !== 0) return;
    const at = read(event, clicksOf(event, screen));
    if (at.clicks === 2) lastUp = { ...lastUp, at: -Infinity };
    const act = toolNow().press(at);
    if (act === null) {
      // A double click that began typing has nothing left to hold.
      if (store.editing.peek() === null) beginPan(event.pointerId, screen);
      return;
    }
    doing = { is: "tool", pointer: event.pointerId, from: at, dragged: false, act };
    if (at.pointer === "touch") longPress = window.setTimeout(() => pressLong(at), LONG_PRESS_MS);
  }

  /** A finger resting on an object adds it to the selection. */
  function pressLong(at: PointerAt): void {
    if (doing.is !== "tool" || doing.dragged || tooling.tool.peek() !== "select") return;
    const hit = hitAt(bench, at.board);
    cancel();
    if (hit === null) return;
    store.selection.value = new Set([...store.selection.peek(), hit.view.id]);
    navigator.vibrate?.(10);
  }

  function onMove(event: PointerEvent): void {
    const at = read(event);
    if (at.pointer !== "touch") {
      last = at;
      onCursor(at.board);
    }
    if (down.has(event.pointerId)) movePinch(event.pointerId, at.screen);
    switch (doing.is) {
      case "nothing":
        if (event.buttons === 0) cursor(space ? "grab" : toolNow().hover(at));
        return;
      case "pan":
        if (doing.pointer === event.pointerId) pan(doing, at.screen, at.pointer);
        return;
      case "tool":
        if (doing.pointer === event.pointerId) drag(doing, at);
        return;
      case "pinch":
        return;
    }
  }

  function pan(state: Extract<Doing, { is: "pan" }>, at: ScreenPoint, kind: PointerAt["pointer"]): void {
    const far = Math.hypot(at.x - state.start.x, at.y - state.start.y);
    if (!state.moved && far < TOLERANCE_PX[kind]) return;
    state.moved = true;
    setBusy(true);
    store.camera.value = panned(store.camera.peek(), at.x - state.last.x, at.y - state.last.y);
    state.last = at;
  }

  function drag(state: Extract<Doing, { is: "tool" }>, at: PointerAt): void {
    const far = Math.hypot(at.screen.x - state.from.screen.x, at.screen.y - state.from.screen.y);
    if (!state.dragged && far < TOLERANCE_PX[at.pointer]) return;
    clearTimeout(longPress);
    state.dragged = true;
    setBusy(true);
    onCursor(at.board);
    state.act.move(at);
  }

  function movePinch(pointer: number, at: ScreenPoint): void {
    const before = down.get(pointer);
    down.set(pointer, at);
    if (doing.is !== "pinch" || before === undefined || !doing.pointers.includes(pointer)) return;
    const other = down.get(doing.pointers[0] === pointer ? doing.pointers[1] : doing.pointers[0]);
    if (other === undefined) return;
    const now = { a: at, b: other };
    store.camera.value = pinched(store.camera.peek(), { a: before, b: other }, now);
  }

  function onUp(event: PointerEvent): void {
    const held = down.delete(event.pointerId);
    clearTimeout(longPress);
    if (!held) return;
    const at = read(event);
    if (doing.is === "tool" && doing.pointer === event.pointerId) {
      const { act, dragged } = doing;
      doing = { is: "nothing" };
      act.end(at, dragged);
      if (!dragged) lastUp = { at: event.timeStamp, ...at.screen };
    } else if (doing.is === "pan" && doing.pointer === event.pointerId) {
      const { moved } = doing;
      doing = { is: "nothing" };
      if (!moved) {
        lastUp = { at: event.timeStamp, ...at.screen };
        toolNow().tap?.(at);
      }
    } else if (doing.is === "pinch" && doing.pointers.includes(event.pointerId)) {
      doing = { is: "nothing" };
    }
    if (doing.is === "nothing") {
      setBusy(false);
      if (at.pointer !== "touch") cursor(space ? "grab" : toolNow().hover(at));
      else onCursor(null);
    }
  }

  function onCancel(event: PointerEvent): void {
    down.delete(event.pointerId);
    cancel();
  }

  function onLeave(event: PointerEvent): void {
    if (event.pointerType === "touch" || doing.is !== "nothing") return;
    last = null;
    onCursor(null);
    toolNow().leave();
  }

  function onWheel(event: WheelEvent): void {
    event.preventDefault();
    stopGlide(store.camera);
    tooling.following.value = null;
    const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? LINE_PX : 1;
    const camera = store.camera.peek();
    if (event.ctrlKey || event.metaKey) {
      const zoom = camera.zoom * wheelFactor(event.deltaY * unit);
      store.camera.value = zoomedAt(camera, screenOf(event), zoom);
      return;
    }
    const sideways = event.shiftKey && event.deltaX === 0;
    const dx = (sideways ? event.deltaY : event.deltaX) * unit;
    const dy = (sideways ? 0 : event.deltaY) * unit;
    store.camera.value = panned(camera, -dx, -dy);
  }

  function onKey(event: KeyboardEvent): void {
    if (event.key !== " " || isTyping(event) || !onBoard(event, host)) return;
    event.preventDefault();
    space = event.type === "keydown";
    if (doing.is === "nothing") cursor(space ? "grab" : toolNow().cursor);
  }

  function onBlur(): void {
    space = false;
    cancel();
    down.clear();
  }

  host.addEventListener("pointerdown", onDown);
  host.addEventListener("pointermove", onMove);
  host.addEventListener("pointerup", onUp);
  host.addEventListener("pointercancel", onCancel);
  host.addEventListener("pointerleave", onLeave);
  host.addEventListener("wheel", onWheel, { passive: false });
  host.addEventListener("contextmenu", preventDefault);
  window.addEventListener("keydown", onKey);
  window.addEventListener("keyup", onKey);
  window.addEventListener("blur", onBlur);
  const stopTool = effect(() => {
    void tooling.tool.value;
    untracked(() => {
      tooling.live.value = STILL;
      cursor(toolNow().cursor);
      if (last !== null && doing.is === "nothing") cursor(toolNow().hover(last));
    });
  });
  const stopCare = keepSelectionAlive(store, tooling);

  return {
    cancel,
    pointer: () => last?.board ?? null,
    close() {
      stopTool();
      stopCare();
      cancel();
      host.removeEventListener("pointerdown", onDown);
      host.removeEventListener("pointermove", onMove);
      host.removeEventListener("pointerup", onUp);
      host.removeEventListener("pointercancel", onCancel);
      host.removeEventListener("pointerleave", onLeave);
      host.removeEventListener("wheel", onWheel);
      host.removeEventListener("contextmenu", preventDefault);
      window.removeEventListener("keydown", onKey);
      window.removeEventListener("keyup", onKey);
      window.removeEventListener("blur", onBlur);
    },
  };
}

function preventDefault(event: Event): void {
  event.preventDefault();
}

/** What somebody else deleted is no longer selected or hovered here. */
function keepSelectionAlive(store: BoardStore, tooling: Tooling): () => void {
  return store.scene.subscribe((changes) => {
    if (!changes.reset && changes.removed.length === 0) return;
    const { hover } = tooling.live.peek();
    if (hover !== null && !store.scene.objects.has(hover)) tooling.live.value = STILL;
    const chosen = store.selection.peek();
    const alive = [...chosen].filter((id) => store.scene.objects.has(id));
    if (alive.length < chosen.size) store.selection.value = new Set(alive);
  });
}
