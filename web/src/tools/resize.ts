// Resizing the selection by a handle. Stickies and several objects at once keep their proportions unless shift says
// otherwise; shift keeps them for the rest. A free text changes its width from the side and its type size from a
// corner. A frame's content stays where it is; membership follows when the drag ends.

import { Field, Kind } from "../engine/generated.ts";
import type { Edit, ObjectId, ObjectView } from "../engine/types.ts";
import { boundsOf, centreOf, rectHasPoint } from "../geom/rect.ts";
import { CORNERS, handlePoint, resizeRect, scaleWithin } from "../geom/resize.ts";
import type { Handle } from "../geom/resize.ts";
import { snapEdge } from "../geom/snap.ts";
import type { BoardRect } from "../geom/types.ts";
import { fontOf, isLocked, textOf } from "../state/read.ts";
import { STILL } from "../state/tooling.ts";
import { selectedViews } from "./hit.ts";
import { neat, neatRect } from "./make.ts";
import { neighboursOf } from "./move.ts";
import { adoptEdits, placeEdits } from "./place.ts";
import type { Bench, Interaction, PointerAt } from "./tool.ts";

const SNAP_PX = 6;
const SIDE_MIN = 16;
const TEXT_FONT = 20;

export function startResize(bench: Bench, handle: Handle, from: PointerAt): Interaction | null {
  const { store, tooling } = bench;
  const views = selectedViews(bench).filter((view) => !isLocked(view));
  const rects = views.map((view) => store.scene.rectOf(view));
  const bounds = boundsOf(rects);
  if (bounds === null) return null;
  const start = bounds;
  const neighbours = neighboursOf(bench, new Set(views.map((view) => view.id)));
  const grabbed = handlePoint(start, handle);
  let next: ReadonlyMap<ObjectId, BoardRect> = new Map();

  function keepsRatio(at: PointerAt): boolean {
    const corner = CORNERS.includes(handle);
    const single = views.length === 1 ? views[0] : undefined;
    if (single === undefined) return true;
    if (single.kind === Kind.TEXT) return corner;
    return corner && (single.kind === Kind.STICKY) !== at.shift;
  }

  function boundsAt(at: PointerAt): BoardRect {
    let dx = at.board.x - from.board.x;
    let dy = at.board.y - from.board.y;
    const ratio = keepsRatio(at);
    if (!at.mod && !ratio) {
      const reach = SNAP_PX / store.camera.peek().zoom;
      if (/[ew]/.test(handle)) dx += snapEdge("x", grabbed.x + dx, neighbours, reach);
      if (/[ns]/.test(handle)) dy += snapEdge("y", grabbed.y + dy, neighbours, reach);
    }
    return resizeRect(start, handle, dx, dy, { keepRatio: ratio, fromCentre: at.alt, min: SIDE_MIN });
  }

  function follow(at: PointerAt): void {
    const to = boundsAt(at);
    const scaled = new Map<ObjectId, BoardRect>();
    views.forEach((view, i) => {
      const rect = rects[i];
      if (rect === undefined) return;
      const target = scaleWithin(rect, start, to);
      scaled.set(view.id, fitLabel(bench, view, rect, target, handle));
    });
    next = scaled;
  }

  function stop(): void {
    tooling.live.value = STILL;
    store.setPresence({ gesture: null });
  }

  return {
    move(at) {
      follow(at);
      tooling.live.value = { ...STILL, rects: next };
      store.setPresence({ gesture: { ids: [...next.keys()].slice(0, 200), rects: [...next.values()] } });
    },
    end(at, dragged) {
      if (dragged) {
        follow(at);
        store.edit(resizeEdits(bench, views, next, handle), store.newGesture());
      }
      stop();
    },
    cancel: stop,
  };
}

/** A free text's height is its lines': pulled from the side it wraps anew. */
function fitLabel(
  bench: Bench,
  view: ObjectView,
  was: BoardRect,
  to: BoardRect,
  handle: Handle,
): BoardRect {
  if (view.kind !== Kind.TEXT) return to;
  if (CORNERS.includes(handle)) return to;
  if (handle === "n" || handle === "s") return was;
  const { layout } = bench.port.textBox(view, to, textOf(view));
  return { x: to.x, y: was.y, w: to.w, h: layout.height };
}

function resizeEdits(
  bench: Bench,
  views: readonly ObjectView[],
  next: ReadonlyMap<ObjectId, BoardRect>,
  handle: Handle,
): readonly Edit[] {
  const edits: Edit[] = [];
  const moved: (readonly [ObjectView, BoardRect])[] = [];
  const except = new Set(views.map((view) => view.id));
  for (const view of views) {
    const to = next.get(view.id);
    if (to === undefined) continue;
    const r = neatRect(to);
    edits.push({ do: "set", id: view.id, field: Field.POS, value: [r.x, r.y] });
    edits.push({ do: "set", id: view.id, field: Field.SIZE, value: [r.w, r.h] });
    if (view.kind === Kind.TEXT && CORNERS.includes(handle)) {
      const factor = to.w / Math.max(1, bench.store.scene.rectOf(view).w);
      const size = neat(Math.max(4, (fontOf(view) ?? TEXT_FONT) * factor));
      edits.push({ do: "set", id: view.id, field: Field.FONT, value: size });
    }
    moved.push([view, to]);
    if (view.kind === Kind.FRAME) edits.push(...membershipEdits(bench, view, to));
  }
  return [...edits, ...placeEdits(bench, moved, except)];
}

/** A resized frame takes in what now lies on it and lets go of what no longer does. */
function membershipEdits(bench: Bench, frame: ObjectView, to: BoardRect): readonly Edit[] {
  const left: (readonly [ObjectView, BoardRect])[] = [];
  for (const child of bench.store.scene.childrenOf(frame.id)) {
    const rect = bench.store.scene.rectOf(child);
    if (!rectHasPoint(to, centreOf(rect))) left.push([child, rect]);
  }
  const own = new Set([frame.id]);
  return [...adoptEdits(bench, frame.id, to, own), ...placeEdits(bench, left, own)];
}
