// Everything that can be done to the selection or the view by one click or key: the toolbar, the keyboard, the outline
// and the menus all call these. Each is one gesture. Edits ask the store; a viewer's store refuses them.

import { Field, Kind } from "../engine/generated.ts";
import type { Edit, ObjectId, ObjectView } from "../engine/types.ts";
import { boundsOf, centreOf } from "../geom/rect.ts";
import type { BoardPoint, BoardRect } from "../geom/types.ts";
import { ZOOM_MAX, ZOOM_MIN, fitted, screenToBoard, visibleRect, zoomedAt } from "../state/camera.ts";
import { glideTo } from "../state/glide.ts";
import { mayUse } from "../state/may.ts";
import { hasText, isLocked } from "../state/read.ts";
import type { Commands, OrderMove, ToolName } from "../state/tooling.ts";
import { copiesOf, pasteCopies } from "./copies.ts";
import { nextFrameTitle } from "./frame.ts";
import { selectedViews, selectionBounds, withContent } from "./hit.ts";
import * as make from "./make.ts";
import { moveEdits } from "./move.ts";
import { createTalkCommands } from "./talk_commands.ts";
import { beginEditing, beginWatching } from "./tool.ts";
import type { Bench } from "./tool.ts";

const STEPS = [0.05, 0.1, 0.15, 0.25, 0.33, 0.5, 0.67, 0.75, 1, 1.25, 1.5, 2, 3, 4, 6, 8];
const DUPLICATE_SHIFT = 24;
const FIT_MARGIN_PX = 88;

/** What a block that moves one step or all the way comes to stand between; null when it is there already. */
function blockNeighbours(
  all: readonly ObjectView[],
  block: ReadonlySet<ObjectId>,
  move: OrderMove,
): readonly [ObjectView | undefined, ObjectView | undefined] | null {
  const rest = all.filter((view) => !block.has(view.id));
  const first = all.findIndex((view) => block.has(view.id));
  const last = all.findLastIndex((view) => block.has(view.id));
  if (first < 0 || rest.length === 0) return null;
  const below = rest.filter((view) => all.indexOf(view) < first).length;
  const beneathLast = rest.filter((view) => all.indexOf(view) < last).length;
  let slot: number;
  switch (move) {
    case "front":
      slot = rest.length;
      break;
    case "back":
      slot = 0;
      break;
    case "forward":
      slot = Math.min(rest.length, beneathLast + 1);
      break;
    case "backward":
      slot = Math.max(0, below - 1);
      break;
  }
  const inPlace = slot === below && slot === beneathLast;
  return inPlace ? null : [rest[slot - 1], rest[slot]];
}

export function createCommands(bench: Bench): Commands {
  const { store, tooling } = bench;

  function setAll(field: number, value: number, kinds: readonly number[]): void {
    const views = selectedViews(bench).filter((view) => kinds.includes(view.kind) && !isLocked(view));
    const edits: Edit[] = views.map((view) => ({ do: "set", id: view.id, field, value }));
    if (edits.length > 0) store.edit(edits, store.newGesture());
  }

  function order(move: OrderMove): void {
    const { scene } = store;
    const block = new Set(withContent(bench, store.selection.peek()));
    const near = move === "forward" || move === "backward";
    const bounds = selectionBounds(bench);
    // One step means past the next object that overlaps, not past one far away.
    const all = near && bounds !== null ? withBlock(scene.inOrder(bounds), block) : scene.inOrder();
    const slot = blockNeighbours(all, block, move);
    if (slot === null) return;
    const [low, high] = slot;
    const drawn = scene.inOrder();
    const rest = drawn.filter((view) => !block.has(view.id));
    // Upwards it stands right above the one, downwards right below the other: between them may be what is far away.
    const up = move === "front" || move === "forward";
    const before = up ? rest[low === undefined ? 0 : rest.indexOf(low) + 1] : high;
    const objects = drawn.filter((view) => block.has(view.id)).map((view) => view.id);
    store.edit([{ do: "arrange", objects, before: before?.id ?? null }], store.newGesture());
  }

  function withBlock(
    found: readonly ObjectView[],
    block: ReadonlySet<ObjectId>,
  ): readonly ObjectView[] {
    const wanted = new Set(found.map((view) => view.id));
    return store.scene.inOrder().filter((view) => wanted.has(view.id) || block.has(view.id));
  }

  function remove(): void {
    const chosen = selectedViews(bench).filter((view) => !isLocked(view));
    if (chosen.length === 0) return;
    const edits: Edit[] = chosen.map((view) => ({ do: "delete", id: view.id }));
    store.edit(edits, store.newGesture());
    store.selection.value = new Set();
  }

  function viewCentre(): BoardPoint {
    return centreOf(visibleRect(store.camera.peek(), store.viewport.peek()));
  }

  /** The middle of the view, or a little off it while something already lies exactly there. */
  function freeSpot(size: { readonly w: number; readonly h: number }): BoardRect {
    const rect = make.neatRect(make.around(viewCentre(), size));
    for (let i = 0; i < 50; i++) {
      const shifted = { ...rect, x: rect.x + i * 24, y: rect.y + i * 24 };
      const taken = store.scene.inOrder(shifted).some((view) => {
        const r = store.scene.rectOf(view);
        return view.kind !== Kind.FRAME && Math.hypot(r.x - shifted.x, r.y - shifted.y) < 12;
      });
      if (!taken) return shifted;
    }
    return rect;
  }

  const talk = createTalkCommands(bench);

  function createHere(tool: ToolName): void {
    if (tool === "comment") return talk.comment();
    if (!store.canEdit.peek()) return;
    tooling.tool.value = "select";
    switch (tool) {
      case "sticky": {
        const side = make.STICKY_SIDE;
        const rect = freeSpot({ w: side, h: side });
        return open(make.makeSticky(bench, rect, tooling.stickyColor.peek()));
      }
      case "text":
        return open(make.makeText(bench, freeSpot(make.TEXT_SIZE)));
      case "frame":
        return open(make.makeFrame(bench, freeSpot(make.FRAME_SIZE), nextFrameTitle(bench)));
      case "shape": {
        const id = make.makeShape(bench, freeSpot(make.SHAPE_SIZE), tooling.shapeForm.peek());
        if (id !== null) store.selection.value = new Set([id]);
        return;
      }
      case "select":
      case "hand":
      case "laser":
        return;
    }
  }

  function open(id: ObjectId | null): void {
    if (id !== null) beginEditing(bench, id);
  }

  function lookAt(rect: BoardRect | null): void {
    if (rect === null) return;
    tooling.following.value = null;
    const screen = store.viewport.peek();
    const margin = Math.min(FIT_MARGIN_PX, screen.w / 8);
    glideTo(store.camera, fitted(rect, screen, margin, 1.5));
  }

  function zoomTo(zoom: number): void {
    tooling.following.value = null;
    const { w, h } = store.viewport.peek();
    const clamped = Math.min(ZOOM_MAX, Math.max(ZOOM_MIN, zoom));
    glideTo(store.camera, zoomedAt(store.camera.peek(), { x: w / 2, y: h / 2 }, clamped));
  }

  return {
    ...talk,
    remove,
    order,
    createHere,
    zoomTo,
    duplicate() {
      const ids = withContent(bench, store.selection.peek());
      pasteCopies(bench, copiesOf(bench, ids), DUPLICATE_SHIFT, DUPLICATE_SHIFT);
    },
    selectAll() {
      store.selection.value = new Set(store.scene.inOrder().map((view) => view.id));
    },
    setColor(color) {
      if (selectedViews(bench).some((view) => view.kind === Kind.STICKY)) {
        tooling.stickyColor.value = color;
      }
      setAll(Field.COLOR, color, [Kind.STICKY, Kind.TEXT, Kind.SHAPE, Kind.FRAME]);
    },
    setStroke: (color) => setAll(Field.STROKE, color, [Kind.SHAPE]),
    setAlign: (align) => setAll(Field.ALIGN, align, [Kind.STICKY, Kind.TEXT, Kind.SHAPE]),
    // Registers know no absence: a size of nought reads as fitted.
    setFont: (size) => setAll(Field.FONT, size ?? 0, [Kind.STICKY, Kind.TEXT, Kind.SHAPE]),
    setForm: (form) => setAll(Field.SHAPE, form, [Kind.SHAPE]),
    nudge(dx, dy) {
      if (!store.canEdit.peek()) return;
      const edits = moveEdits(bench, dx, dy);
      if (edits.length > 0) store.edit(edits, store.newGesture());
    },
    editText() {
      const views = selectedViews(bench);
      const only = views.length === 1 ? views[0] : undefined;
      if (only !== undefined && beginWatching(bench, only.id)) return;
      if (only === undefined || !store.canEdit.peek() || !hasText(only.kind) || isLocked(only)) return;
      beginEditing(bench, only.id);
    },
    pick(tool) {
      if (!mayUse(store, tool)) return;
      store.editing.value = null;
      tooling.tool.value = tool;
    },
    zoomBy(direction) {
      const { zoom } = store.camera.peek();
      const next =
        direction > 0
          ? STEPS.find((step) => step > zoom * 1.01)
          : STEPS.findLast((step) => step < zoom * 0.99);
      if (next !== undefined) zoomTo(next);
    },
    zoomToFit() {
      const { scene } = store;
      lookAt(boundsOf(scene.inOrder().map((view) => scene.rectOf(view))));
    },
    zoomToSelection: () => lookAt(selectionBounds(bench)),
    reveal(id) {
      const view = store.scene.objects.get(id);
      if (view === undefined) return;
      const rect = store.scene.rectOf(view);
      const camera = store.camera.peek();
      const screen = store.viewport.peek();
      const top = screenToBoard(camera, { x: 24, y: 80 });
      const end = screenToBoard(camera, { x: screen.w - 24, y: screen.h - 96 });
      const seen =
        rect.x >= top.x && rect.y >= top.y && rect.x + rect.w <= end.x && rect.y + rect.h <= end.y;
      if (!seen) glideTo(store.camera, fitted(rect, screen, FIT_MARGIN_PX, camera.zoom));
    },
    follow(session) {
      tooling.following.value = session;
    },
  };
}
