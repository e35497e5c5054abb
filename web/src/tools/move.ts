// Dragging the selection: a frame's content comes along, neighbours' edges snap, shift keeps to one axis, alt at the
// press drags copies and later suspends snapping. While dragging only presence goes out; one batch on release.

import { Field, Kind } from "../engine/generated.ts";
import type { Edit, ObjectId, ObjectView } from "../engine/types.ts";
import { boundsOf, moveRect } from "../geom/rect.ts";
import { snapMove } from "../geom/snap.ts";
import type { GuideLine } from "../geom/snap.ts";
import type { BoardRect } from "../geom/types.ts";
import { visibleRect } from "../state/camera.ts";
import { isLocked, placeOf } from "../state/read.ts";
import { STILL } from "../state/tooling.ts";
import { copiesOf, pasteCopies } from "./copies.ts";
import { withContent } from "./hit.ts";
import { neat } from "./make.ts";
import { frameFor, placeEdits } from "./place.ts";
import type { Bench, Interaction, PointerAt } from "./tool.ts";

const SNAP_PX = 6;
const NEIGHBOURS_MAX = 300;
const PRESENCE_IDS_MAX = 200;

interface Carry {
  readonly ids: readonly ObjectId[];
  readonly set: ReadonlySet<ObjectId>;
  readonly base: ReadonlyMap<ObjectId, BoardRect>;
  /** Those whose frame is not moving with them: their membership may change. */
  readonly roots: readonly ObjectView[];
  readonly bounds: BoardRect;
  readonly neighbours: readonly BoardRect[];
}

/** What a gesture may snap to: objects in view, those outside frames and those of the same frame alike. */
export function neighboursOf(bench: Bench, except: ReadonlySet<ObjectId>): readonly BoardRect[] {
  const { store } = bench;
  const seen = visibleRect(store.camera.peek(), store.viewport.peek());
  const views = store.scene.inOrder(seen).filter((view) => !except.has(view.id));
  return views.slice(-NEIGHBOURS_MAX).map((view) => store.scene.rectOf(view));
}

function carryOf(bench: Bench): Carry | null {
  const { scene, selection } = bench.store;
  const chosen = [...selection.peek()].filter((id) => {
    const view = scene.objects.get(id);
    return view !== undefined && !isLocked(view);
  });
  const ids = withContent(bench, chosen);
  const set = new Set(ids);
  const base = new Map<ObjectId, BoardRect>();
  const roots: ObjectView[] = [];
  for (const id of ids) {
    const view = scene.objects.get(id);
    if (view === undefined) continue;
    base.set(id, scene.rectOf(view));
    const { parent } = placeOf(view);
    if (parent === null || !set.has(parent)) roots.push(view);
  }
  const bounds = boundsOf(base.values());
  if (bounds === null) return null;
  return { ids, set, base, roots, bounds, neighbours: neighboursOf(bench, set) };
}

function shifted(carry: Carry, dx: number, dy: number): Map<ObjectId, BoardRect> {
  const rects = new Map<ObjectId, BoardRect>();
  for (const [id, rect] of carry.base) rects.set(id, moveRect(rect, dx, dy));
  return rects;
}

/** The batch that a drop, or a nudge, becomes. */
export function moveEdits(bench: Bench, dx: number, dy: number): readonly Edit[] {
  const carry = carryOf(bench);
  return carry === null ? [] : editsFor(bench, carry, dx, dy);
}

function editsFor(bench: Bench, carry: Carry, dx: number, dy: number): readonly Edit[] {
  const edits: Edit[] = [];
  for (const [id, rect] of carry.base) {
    const value = [neat(rect.x + dx), neat(rect.y + dy)];
    edits.push({ do: "set", id, field: Field.POS, value });
  }
  const moved = carry.roots.map((view) => [view, moveRect(carry.base.get(view.id)!, dx, dy)] as const);
  return [...edits, ...placeEdits(bench, moved, carry.set)];
}

export function startMove(bench: Bench, from: PointerAt): Interaction | null {
  const { store, tooling } = bench;
  const carry = carryOf(bench);
  if (carry === null) return null;
  const copying = from.alt;
  let dx = 0;
  let dy = 0;

  function shift(at: PointerAt): readonly GuideLine[] {
    dx = at.board.x - from.board.x;
    dy = at.board.y - from.board.y;
    const along = at.shift ? (Math.abs(dx) > Math.abs(dy) ? "x" : "y") : null;
    if (along === "x") dy = 0;
    if (along === "y") dx = 0;
    if (carry === null || at.mod || (at.alt && !copying)) return [];
    const reach = SNAP_PX / store.camera.peek().zoom;
    const snap = snapMove(moveRect(carry.bounds, dx, dy), carry.neighbours, reach);
    if (along !== "y") dx += snap.dx;
    if (along !== "x") dy += snap.dy;
    return along === null ? snap.guides : snap.guides.filter((guide) => guide.axis === along);
  }

  function targetOf(): ObjectId | null {
    const root = carry?.roots[0];
    const rect = root === undefined ? undefined : carry?.base.get(root.id);
    if (carry === null || root === undefined || rect === undefined) return null;
    const frame = frameFor(bench, root.kind, moveRect(rect, dx, dy), carry.set);
    const same = frame === null || frame.id === placeOf(root).parent || root.kind === Kind.FRAME;
    return same ? null : frame.id;
  }

  function stop(): void {
    tooling.live.value = STILL;
    store.setPresence({ gesture: null });
  }

  return {
    move(at) {
      const guides = shift(at);
      const rects = shifted(carry, dx, dy);
      tooling.live.value = { ...STILL, rects, copying, guides, target: targetOf() };
      if (!copying) {
        store.setPresence({ gesture: { ids: carry.ids.slice(0, PRESENCE_IDS_MAX), dx, dy } });
      }
    },
    end(at, dragged) {
      if (dragged) {
        shift(at);
        if (copying) pasteCopies(bench, copiesOf(bench, carry.ids), dx, dy);
        else store.edit(editsFor(bench, carry, dx, dy), store.newGesture());
      }
      stop();
    },
    cancel: stop,
  };
}
