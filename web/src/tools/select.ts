// The select tool (V): click and shift-click, marquee, moving, resizing, double-click to edit or to start a text.
// It decides which of these a press is; move.ts and resize.ts own those drags.

import { Kind } from "../engine/generated.ts";
import type { ObjectId } from "../engine/types.ts";
import { rectHas, rectOfPoints, rectsTouch } from "../geom/rect.ts";
import type { Handle } from "../geom/resize.ts";
import { onPlaySign } from "../geom/track_card.ts";
import { hasText, isLocked } from "../state/read.ts";
import { STILL } from "../state/tooling.ts";
import type { HoveredBadge } from "../state/tooling.ts";
import { badgeAt, pressBadge } from "./badge.ts";
import { frameTitleAt, handleAt, hitAt } from "./hit.ts";
import type { Hit } from "./hit.ts";
import { TEXT_SIZE, makeText } from "./make.ts";
import { startMove } from "./move.ts";
import { startResize } from "./resize.ts";
import { beginEditing, beginWatching } from "./tool.ts";
import type { Bench, Interaction, PointerAt, Tool } from "./tool.ts";

const HANDLE_CURSORS: Readonly<Record<Handle, string>> = {
  nw: "nwse-resize",
  n: "ns-resize",
  ne: "nesw-resize",
  e: "ew-resize",
  se: "nwse-resize",
  s: "ns-resize",
  sw: "nesw-resize",
  w: "ew-resize",
};

export function createSelect(bench: Bench): Tool {
  const { store, tooling } = bench;

  function setHover(id: ObjectId | null): void {
    const live = tooling.live.peek();
    if (live.hover !== id) tooling.live.value = id === null ? STILL : { ...STILL, hover: id };
  }

  function setBadge(badge: HoveredBadge | null): void {
    const now = tooling.badge.peek();
    if (now?.id !== badge?.id || now?.reaction !== badge?.reaction) tooling.badge.value = badge;
  }

  function toggle(id: ObjectId): void {
    const next = new Set(store.selection.peek());
    if (!next.delete(id)) next.add(id);
    store.selection.value = next;
  }

  function pressObject(at: PointerAt, hit: Hit): Interaction | null {
    const { view } = hit;
    const was = store.selection.peek().has(view.id);
    const movable = store.canEdit.peek() && !isLocked(view);
    let drag: Interaction | null = null;
    let begun = false;
    let chosen = false;

    function choose(): void {
      if (chosen) return;
      chosen = true;
      if (at.shift && !was) toggle(view.id);
      if (!at.shift && !was) store.selection.value = new Set([view.id]);
    }
    // A resting finger adds to the selection (input's long press), so a touch chooses only when it drags or lifts.
    if (at.pointer !== "touch") choose();

    return {
      move(to) {
        if (!begun) {
          begun = true;
          choose();
          drag = movable ? startMove(bench, at) : null;
        }
        drag?.move(to);
      },
      end(to, dragged) {
        drag?.end(to, dragged);
        if (dragged) return;
        if (view.kind === Kind.TRACK && !at.shift && onPlaySign(store.scene.rectOf(view), to.board)) {
          beginWatching(bench, view.id);
          return;
        }
        if (at.shift && was) toggle(view.id);
        else if (at.shift) choose();
        else store.selection.value = new Set([view.id]);
      },
      cancel: () => drag?.cancel(),
    };
  }

  /** A finger on the empty board pans (input does that). */
  function pressBoard(at: PointerAt, sheet: ObjectId | null): Interaction | null {
    return at.pointer === "touch" && at.clicks < 2 ? null : marquee(at, sheet);
  }

  function marquee(at: PointerAt, sheet: ObjectId | null): Interaction {
    const before = at.shift ? store.selection.peek() : new Set<ObjectId>();
    if (!at.shift && store.selection.peek().size > 0) store.selection.value = before;
    return {
      move(to) {
        const rect = rectOfPoints(at.board, to.board);
        const caught = new Set(before);
        for (const view of store.scene.inOrder(rect)) {
          const own = store.scene.rectOf(view);
          // A frame is caught whole or not at all: marquees are mostly drawn inside one.
          if (view.kind === Kind.FRAME ? rectHas(rect, own) : rectsTouch(rect, own)) caught.add(view.id);
        }
        store.selection.value = caught;
        tooling.live.value = { ...STILL, marquee: rect };
      },
      end(_to, dragged) {
        tooling.live.value = STILL;
        if (!dragged && sheet !== null) store.selection.value = new Set([...before, sheet]);
      },
      cancel() {
        tooling.live.value = STILL;
        store.selection.value = before;
      },
    };
  }

  /** True when the double click meant something. */
  function doubleClick(at: PointerAt, hit: Hit | null): boolean {
    if (!store.canEdit.peek()) return false;
    const title = frameTitleAt(bench, at.board);
    const named = title ?? (hit !== null && !hit.sheet && hit.view.kind !== Kind.FRAME ? hit.view : null);
    if (named !== null) {
      if (!hasText(named.kind) || isLocked(named)) return false;
      beginEditing(bench, named.id);
      return true;
    }
    const { x, y } = at.board;
    const id = makeText(bench, { x, y: y - TEXT_SIZE.h / 2, ...TEXT_SIZE });
    if (id !== null) beginEditing(bench, id);
    return id !== null;
  }

  return {
    cursor: "default",
    hover(at) {
      const handle = store.canEdit.peek() ? handleAt(bench, at) : null;
      if (handle !== null) {
        setHover(null);
        setBadge(null);
        return HANDLE_CURSORS[handle];
      }
      const badge = badgeAt(bench, at.board);
      setBadge(badge);
      if (badge !== null) return store.canComment.peek() ? "pointer" : "default";
      const hit = hitAt(bench, at.board);
      setHover(hit === null || hit.sheet ? null : hit.view.id);
      return hit === null || hit.sheet ? "default" : at.alt ? "copy" : "move";
    },
    press(at) {
      setHover(null);
      setBadge(null);
      // A handle at the corner comes before the badge it lies over, as its cursor says.
      const handle = store.canEdit.peek() ? handleAt(bench, at) : null;
      const badge = handle === null && store.canComment.peek() ? badgeAt(bench, at.board) : null;
      if (badge !== null) return pressBadge(bench, badge);
      const hit = hitAt(bench, at.board);
      if (at.clicks === 2 && doubleClick(at, hit)) return null;
      if (handle !== null) return startResize(bench, handle, at);
      if (hit === null || hit.sheet) return pressBoard(at, hit?.view.id ?? null);
      return pressObject(at, hit);
    },
    /** A finger that did not pan selects the frame under it, or nothing. */
    tap(at) {
      if (at.pointer !== "touch") return;
      const hit = hitAt(bench, at.board);
      store.selection.value = new Set(hit === null ? [] : [hit.view.id]);
    },
    leave() {
      setHover(null);
      setBadge(null);
    },
  };
}
