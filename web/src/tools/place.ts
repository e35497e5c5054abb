// Containment and order: which frame an object belongs to by where it lies, and where in the drawing order a person
// expects it. Membership is set on drop, create and resize by the object's centre (DESIGN section 3). Order keys are the
// engine's to choose (SPEC R8).

import { Field, Kind } from "../engine/generated.ts";
import type { Arranged, Edit, FieldValue, ObjectId, ObjectView } from "../engine/types.ts";
import { centreOf, rectHas, rectHasPoint } from "../geom/rect.ts";
import type { BoardRect } from "../geom/types.ts";
import { compareBytes } from "../state/order.ts";
import { placeOf } from "../state/read.ts";
import { withContent } from "./hit.ts";
import type { Bench } from "./tool.ts";

/** The topmost frame that takes in an object of this kind at `rect`. A frame must lie in another one whole. */
export function frameFor(
  bench: Bench,
  kind: number,
  rect: BoardRect,
  except: ReadonlySet<ObjectId>,
): ObjectView | null {
  const centre = centreOf(rect);
  const { scene } = bench.store;
  const found = scene.inOrder({ x: centre.x, y: centre.y, w: 0, h: 0 }).findLast((view) => {
    if (view.kind !== Kind.FRAME || except.has(view.id)) return false;
    const sheet = scene.rectOf(view);
    return kind === Kind.FRAME ? rectHas(sheet, rect) : rectHasPoint(sheet, centre);
  });
  return found ?? null;
}

/** The PLACE a new object is made with: above everything, in a frame (made by that edit, if a number) or on the board. */
export function onTop(parent: ObjectId | number | null): readonly [number, FieldValue] {
  return [Field.PLACE, [parent, null]];
}

/** What a new frame goes right below: it stands above the frame it lies in, and what that stands on, alone. */
export function aboveFrame(bench: Bench, outer: ObjectView | null): ObjectId | null {
  const all = bench.store.scene.inOrder();
  return all[outer === null ? 0 : all.indexOf(outer) + 1]?.id ?? null;
}

/** The PLACE edits that new rectangles ask for. Whoever comes to lie in a frame that would hide them goes above everything,
 *  with all that lies on them. */
export function placeEdits(
  bench: Bench,
  moved: Iterable<readonly [ObjectView, BoardRect]>,
  except: ReadonlySet<ObjectId>,
): readonly Edit[] {
  const edits: Edit[] = [];
  const hidden = new Map<ObjectId, ObjectId | null>(); // and what they shall lie in
  for (const [view, rect] of moved) {
    const { parent, order } = placeOf(view);
    const frame = frameFor(bench, view.kind, rect, except);
    const next = frame?.id ?? null;
    if (next === parent && order !== null) continue;
    const below = frame === null ? null : placeOf(frame).order;
    if (order === null || (below !== null && compareBytes(order, below) <= 0)) {
      hidden.set(view.id, next);
    } else edits.push({ do: "set", id: view.id, field: Field.PLACE, value: [next, order] });
  }
  if (hidden.size === 0) return edits;
  const raised = new Set(withContent(bench, hidden.keys()));
  const objects = bench.store.scene
    .inOrder()
    .filter(({ id }) => raised.has(id))
    .map(({ id }): Arranged => (hidden.has(id) ? [id, hidden.get(id)!] : id));
  return [...edits, { do: "arrange", objects, before: null }];
}

/** PLACE edits that take into a new frame what lies on it. */
export function adoptEdits(
  bench: Bench,
  frame: ObjectId | number,
  rect: BoardRect,
  except: ReadonlySet<ObjectId>,
): readonly Edit[] {
  const { scene } = bench.store;
  const edits: Edit[] = [];
  for (const view of scene.inOrder(rect)) {
    const { parent, order } = placeOf(view);
    if (except.has(view.id) || order === null) continue;
    const own = scene.rectOf(view);
    const inside = view.kind === Kind.FRAME ? rectHas(rect, own) : rectHasPoint(rect, centreOf(own));
    if (!inside || parent === frame) continue;
    const holder = parent === null ? undefined : scene.objects.get(parent);
    // What lies on a smaller frame inside the new one stays there.
    if (holder !== undefined && rectHas(rect, scene.rectOf(holder))) continue;
    edits.push({ do: "set", id: view.id, field: Field.PLACE, value: [frame, order] });
  }
  return edits;
}
