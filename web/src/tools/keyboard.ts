// The keyboard on the board: binds the table of state/shortcuts.ts to commands. Nothing fires while text or an input
// method's composition is being entered, nor on a control that uses the key itself.

import { tinykeys } from "tinykeys";
import { SHORTCUTS } from "../state/shortcuts.ts";
import type { ShortcutId } from "../state/shortcuts.ts";
import { ShapeForm } from "../geom/outline.ts";
import type { Commands } from "../state/tooling.ts";
import type { Bench } from "./tool.ts";

const NUDGE = 1;
const NUDGE_MORE = 10;

export function isTyping(event: KeyboardEvent | ClipboardEvent): boolean {
  if (event instanceof KeyboardEvent && (event.isComposing || event.keyCode === 229)) return true;
  const { target } = event;
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable) return true;
  if (target instanceof HTMLInputElement) return !["button", "checkbox", "radio"].includes(target.type);
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;
}

/** Enter, space and arrows belong to a focused button, menu or list before they belong to the board. */
export function onBoard(event: KeyboardEvent, host: HTMLElement): boolean {
  const { target } = event;
  return target === document.body || target === host || target === document.documentElement;
}

export function mountKeyboard(
  bench: Bench,
  commands: Commands,
  cancelGesture: () => boolean,
): () => void {
  const { store, tooling, port } = bench;
  const boardOnly: ReadonlySet<ShortcutId> = new Set(["edit"]);

  function escape(): void {
    if (tooling.helpOpen.peek()) tooling.helpOpen.value = false;
    else if (cancelGesture()) return;
    else if (tooling.pinning.peek() !== null) tooling.pinning.value = null;
    else if (tooling.thread.peek() !== null) tooling.thread.value = null;
    else if (tooling.tool.peek() !== "select") tooling.tool.value = "select";
    else if (tooling.following.peek() !== null) tooling.following.value = null;
    else store.selection.value = new Set();
  }

  function enter(): void {
    const tool = tooling.tool.peek();
    if (tool === "select" || tool === "hand") commands.editText();
    else commands.createHere(tool);
  }

  function shape(form: number): void {
    tooling.shapeForm.value = form;
    commands.pick("shape");
  }

  function editing(run: () => void): () => void {
    return () => {
      if (store.canEdit.peek()) run();
    };
  }

  const actions: Readonly<Partial<Record<ShortcutId, () => void>>> = {
    select: () => commands.pick("select"),
    hand: () => commands.pick("hand"),
    sticky: () => commands.pick("sticky"),
    text: () => commands.pick("text"),
    frame: () => commands.pick("frame"),
    comment: () => commands.pick("comment"),
    laser: () => commands.pick("laser"),
    rectangle: () => shape(ShapeForm.ROUNDED),
    ellipse: () => shape(ShapeForm.ELLIPSE),
    edit: enter,
    escape,
    delete: editing(commands.remove),
    duplicate: editing(commands.duplicate),
    select_all: commands.selectAll,
    backward: editing(() => commands.order("backward")),
    forward: editing(() => commands.order("forward")),
    back: editing(() => commands.order("back")),
    front: editing(() => commands.order("front")),
    undo: () => store.undo(),
    redo: () => store.redo(),
    zoom_fit: commands.zoomToFit,
    zoom_selection: commands.zoomToSelection,
    zoom_100: () => commands.zoomTo(1),
    zoom_in: () => commands.zoomBy(1),
    zoom_out: () => commands.zoomBy(-1),
    help: () => void (tooling.helpOpen.value = !tooling.helpOpen.peek()),
  };

  const bindings: Record<string, (event: KeyboardEvent) => void> = {};
  for (const { id, keys } of SHORTCUTS) {
    const action = actions[id];
    if (action === undefined) continue;
    for (const key of keys) {
      bindings[key] = (event) => {
        if (isTyping(event) || event.defaultPrevented) return;
        if (boardOnly.has(id) && !onBoard(event, port.host)) return;
        if (tooling.helpOpen.peek() && id !== "escape" && id !== "help") return;
        event.preventDefault();
        action();
      };
    }
  }

  const arrows: Readonly<Record<string, readonly [number, number]>> = {
    ArrowLeft: [-1, 0],
    ArrowRight: [1, 0],
    ArrowUp: [0, -1],
    ArrowDown: [0, 1],
  };

  function onArrow(event: KeyboardEvent): void {
    const arrow = arrows[event.key];
    if (arrow === undefined || isTyping(event) || event.defaultPrevented) return;
    if (!onBoard(event, port.host) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const step = event.shiftKey ? NUDGE_MORE : NUDGE;
    if (store.selection.peek().size > 0) commands.nudge(arrow[0] * step, arrow[1] * step);
    else panByKey(arrow, event.shiftKey);
  }

  function panByKey(arrow: readonly [number, number], far: boolean): void {
    const { x, y, zoom } = store.camera.peek();
    const step = (far ? 320 : 64) / zoom;
    tooling.following.value = null;
    store.camera.value = { x: x + arrow[0] * step, y: y + arrow[1] * step, zoom };
  }

  const unbind = tinykeys(window, bindings);
  window.addEventListener("keydown", onArrow);
  return () => {
    unbind();
    window.removeEventListener("keydown", onArrow);
  };
}
