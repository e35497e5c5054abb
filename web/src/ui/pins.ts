// The pins of comments, above the canvas: real buttons, so that pointers, focus and names are the browser's own. They are
// placed with each frame the canvas draws and never between, so they keep to their objects while those are dragged.
// The panel and the outline are the ways of the keyboard to a thread: pins are no tab stops.

import { effect, untracked } from "@preact/signals";
import type { ObjectId } from "../engine/types.ts";
import { t } from "../i18n/i18n.ts";
import { boardToScreen } from "../state/camera.ts";
import { anchorPoint } from "../state/comments.ts";
import type { Anchor, Thread } from "../state/comments.ts";
import { authorOf } from "./talk.ts";
import type { Talk } from "./talk.ts";

const SIDE_PX = 30;
const EDGE_PX = 40;
/** Zoomed out further, a pin is a dot: what it is about is small, too. */
const DOT_ZOOM = 0.22;

interface Pin {
  readonly element: HTMLButtonElement;
  anchor: Anchor;
  placed: string;
}

export function pinName(talk: Talk, thread: Thread): string {
  const [first] = thread.messages;
  const { name } = authorOf(talk.store, first?.user ?? 0);
  const said = t("comment.pin", { name, text: first?.text.slice(0, 120) ?? "", n: thread.messages.length });
  return talk.marks.unread(thread).length > 0 ? `${said}, ${t("comment.unread")}` : said;
}

export function mountPins(talk: Talk): () => void {
  const { store, tooling, port } = talk;
  const layer = document.createElement("div");
  layer.className = "pins";
  port.host.append(layer);
  const pins = new Map<ObjectId, Pin>();
  const draft: Pin = { element: makePin("pin-draft"), anchor: { object: null, dx: 0, dy: 0 }, placed: "" };
  draft.element.disabled = true;
  draft.element.textContent = "+";

  function makePin(testid: string): HTMLButtonElement {
    const element = document.createElement("button");
    element.type = "button";
    element.className = "pin";
    element.tabIndex = -1;
    element.dataset["testid"] = testid;
    // A press on a pin is no press on the board below it.
    element.addEventListener("pointerdown", (event) => event.stopPropagation());
    element.addEventListener("pointermove", (event) => event.stopPropagation());
    element.addEventListener("dblclick", (event) => event.stopPropagation());
    return element;
  }

  function pinOf(thread: Thread): Pin {
    const known = pins.get(thread.id);
    if (known !== undefined) return known;
    const element = makePin("pin");
    element.dataset["thread"] = thread.id;
    element.addEventListener("click", () => {
      if (tooling.thread.peek() === thread.id) tooling.thread.value = null;
      else talk.commands.openThread(thread.id);
    });
    layer.append(element);
    const pin: Pin = { element, anchor: thread.anchor, placed: "" };
    pins.set(thread.id, pin);
    return pin;
  }

  function dress(thread: Thread): void {
    const pin = pinOf(thread);
    const { element } = pin;
    pin.anchor = thread.anchor;
    const unread = talk.marks.unread(thread).at(-1);
    element.textContent = String(thread.messages.length);
    element.setAttribute("aria-label", pinName(talk, thread));
    element.setAttribute("aria-expanded", String(tooling.thread.value === thread.id));
    element.toggleAttribute("data-unread", unread !== undefined);
    element.toggleAttribute("data-resolved", thread.resolved);
    const color = unread === undefined ? "" : `var(--person${authorOf(store, unread.user).hue % 12})`;
    element.style.setProperty("--pin", color);
  }

  function place(pin: Pin): void {
    const at = anchorPoint(pin.anchor, port.rectShown);
    const { w, h } = store.viewport.peek();
    const screen = at && boardToScreen(store.camera.peek(), at);
    const seen =
      screen !== null && screen.x > -EDGE_PX && screen.y > -EDGE_PX && screen.x < w + EDGE_PX && screen.y < h + EDGE_PX;
    const placed = seen ? `translate(${Math.round(screen.x)}px, ${Math.round(screen.y - SIDE_PX)}px)` : "";
    if (placed === pin.placed) return;
    pin.placed = placed;
    pin.element.style.visibility = seen ? "visible" : "";
    if (seen) pin.element.style.transform = placed;
  }

  function placeAll(): void {
    layer.toggleAttribute("data-far", store.camera.peek().zoom < DOT_ZOOM);
    for (const pin of pins.values()) place(pin);
    if (tooling.pinning.peek() !== null) place(draft);
  }

  const stops = [
    effect(() => {
      // A resolved thread is shown while its card is open.
      const shown = talk.threads.value.filter(({ id, resolved }) => !resolved || id === tooling.thread.value);
      const ids = new Set(shown.map(({ id }) => id));
      for (const thread of shown) dress(thread);
      for (const [id, pin] of pins) {
        if (ids.has(id)) continue;
        pin.element.remove();
        pins.delete(id);
      }
      untracked(placeAll);
    }),
    effect(() => {
      const anchor = store.canComment.value ? tooling.pinning.value : null;
      if (anchor === null) draft.element.remove();
      else {
        draft.anchor = anchor;
        draft.placed = "";
        layer.append(draft.element);
      }
      untracked(placeAll);
    }),
    port.onFrame(placeAll),
  ];
  return () => {
    for (const stop of stops) stop();
    layer.remove();
  };
}
