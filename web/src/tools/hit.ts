// What lies under the pointer: the topmost object, counting a frame only by its border and title unless it is already
// selected (its inside belongs to marquees and to what lies on it), and the resize handle of the selection.

import { Kind } from "../engine/generated.ts";
import type { ObjectId, ObjectView } from "../engine/types.ts";
import { formHasPoint } from "../geom/outline.ts";
import { boundsOf, growRect, rectHasPoint } from "../geom/rect.ts";
import type { Handle } from "../geom/resize.ts";
import type { BoardPoint, BoardRect } from "../geom/types.ts";
import { formOf } from "../state/read.ts";
import type { Scene } from "../state/types.ts";
import type { Bench, PointerAt } from "./tool.ts";

const EDGE_PX = 6;
const HANDLE_PX = { mouse: 7, pen: 12, touch: 20 } as const;
const SELECTION_GAP_PX = 4;

export interface Hit {
  readonly view: ObjectView;
  /** On an unselected frame's sheet: a click selects it, a drag belongs to the board. */
  readonly sheet: boolean;
}

function onBorder(rect: BoardRect, p: BoardPoint, reach: number): boolean {
  return rectHasPoint(growRect(rect, reach), p) && !rectHasPoint(growRect(rect, -reach), p);
}

/** On its words, not beside them: there one pans, and selects. */
function onTitle({ port }: Bench, view: ObjectView, p: BoardPoint): boolean {
  const area = port.frameTitleArea(view);
  return area !== null && rectHasPoint(area, p);
}

/** Of the living board, or of another scene that is shown. */
export function hitAt(bench: Bench, p: BoardPoint, scene: Scene = bench.store.scene): Hit | null {
  const { store } = bench;
  const reach = EDGE_PX / store.camera.peek().zoom;
  const around = growRect({ x: p.x, y: p.y, w: 0, h: 0 }, 60 / store.camera.peek().zoom);
  const views = scene.inOrder(around);
  let sheet: Hit | null = null;
  for (let i = views.length - 1; i >= 0; i--) {
    const view = views[i];
    if (view === undefined) continue;
    const rect = scene.rectOf(view);
    if (view.kind === Kind.FRAME) {
      const grabbed = onBorder(rect, p, reach) || onTitle(bench, view, p);
      const selected = store.selection.peek().has(view.id);
      if (grabbed || (selected && rectHasPoint(rect, p))) return sheet ?? { view, sheet: false };
      if (rectHasPoint(rect, p)) sheet ??= { view, sheet: true };
      continue;
    }
    const inside =
      view.kind === Kind.SHAPE
        ? formHasPoint(formOf(view), growRect(rect, reach / 2), p)
        : rectHasPoint(growRect(rect, view.kind === Kind.TEXT ? reach : 0), p);
    if (inside) return sheet === null ? { view, sheet: false } : sheet;
  }
  return sheet;
}

/** The frame whose title is at this point. */
export function frameTitleAt(bench: Bench, p: BoardPoint): ObjectView | null {
  const zoom = bench.store.camera.peek().zoom;
  const around = growRect({ x: p.x, y: p.y, w: 0, h: 0 }, 60 / zoom);
  const found = bench.store.scene
    .inOrder(around)
    .findLast((v) => v.kind === Kind.FRAME && onTitle(bench, v, p));
  return found ?? null;
}

export function selectedViews(bench: Bench): readonly ObjectView[] {
  const views: ObjectView[] = [];
  for (const id of bench.store.selection.peek()) {
    const view = bench.store.scene.objects.get(id);
    if (view !== undefined) views.push(view);
  }
  return views;
}

export function selectionBounds(bench: Bench): BoardRect | null {
  return boundsOf(selectedViews(bench).map((view) => bench.store.scene.rectOf(view)));
}

/** The handle of the selection's frame under the pointer: corners first, then whole edges. */
export function handleAt(bench: Bench, at: PointerAt): Handle | null {
  const bounds = selectionBounds(bench);
  if (bounds === null || bench.store.editing.peek() !== null) return null;
  const zoom = bench.store.camera.peek().zoom;
  const reach = HANDLE_PX[at.pointer] / zoom;
  const r = growRect(bounds, SELECTION_GAP_PX / zoom);
  const { x, y } = at.board;
  if (!rectHasPoint(growRect(r, reach), at.board)) return null;
  const west = Math.abs(x - r.x) <= reach;
  const east = Math.abs(x - r.x - r.w) <= reach;
  const north = Math.abs(y - r.y) <= reach;
  const south = Math.abs(y - r.y - r.h) <= reach;
  if (north && west) return "nw";
  if (north && east) return "ne";
  if (south && west) return "sw";
  if (south && east) return "se";
  // Edges are thinner than corners, and too small an object has none: it could no longer be moved.
  const slim = Math.min(reach, 6 / zoom);
  if (bounds.w * zoom < 36 || bounds.h * zoom < 36 || at.pointer === "touch") return null;
  if (Math.abs(y - r.y) <= slim) return "n";
  if (Math.abs(y - r.y - r.h) <= slim) return "s";
  if (Math.abs(x - r.x) <= slim) return "w";
  if (Math.abs(x - r.x - r.w) <= slim) return "e";
  return null;
}

/** The ids and everything on the frames among them, each once, parents before children. */
export function withContent(bench: Bench, ids: Iterable<ObjectId>): readonly ObjectId[] {
  const all = new Set<ObjectId>();
  const add = (id: ObjectId): void => {
    if (all.has(id)) return;
    all.add(id);
    for (const child of bench.store.scene.childrenOf(id)) add(child.id);
  };
  for (const id of ids) add(id);
  return [...all];
}
