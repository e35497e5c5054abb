// Containment and order: which frame an object belongs to by where it lies, and which order keys put it where a person
// expects it. Membership is set on drop, create and resize by the object's centre (DESIGN section 3).

import { Field, Kind } from "../engine/generated.ts";
import type { Edit, ObjectId, ObjectView, OrderKey } from "../engine/types.ts";
import { centreOf, rectHas, rectHasPoint } from "../geom/rect.ts";
import type { BoardRect } from "../geom/types.ts";
import { compareBytes } from "../state/order.ts";
import { placeOf } from "../state/read.ts";
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

const KEYS_AT_ONCE = 2000; // the engine answers in one message

/** `n` keys in a row between two neighbours, however many. */
export function keysRow(
  bench: Bench,
  low: OrderKey | null,
  high: OrderKey | null,
  n: number,
): readonly OrderKey[] {
  const keys: OrderKey[] = [];
  while (keys.length < n) {
    const more = Math.min(KEYS_AT_ONCE, n - keys.length);
    keys.push(...bench.store.keysBetween(keys.at(-1) ?? low, high, more));
  }
  return keys;
}

/** `n` keys above everything. */
export function topKeys(bench: Bench, n: number): readonly OrderKey[] {
  const top = bench.store.scene.inOrder().at(-1);
  return keysRow(bench, top === undefined ? null : placeOf(top).order, null, n);
}

export function topKey(bench: Bench): OrderKey {
  return topKeys(bench, 1)[0] as OrderKey;
}

/** A new frame goes below everything but the frame it stands in and what that stands on. */
export function frameKey(bench: Bench, rect: BoardRect): OrderKey {
  const outer = frameFor(bench, Kind.FRAME, rect, new Set());
  const low = outer === null ? null : placeOf(outer).order;
  const all = bench.store.scene.inOrder();
  const next = outer === null ? all[0] : all[all.indexOf(outer) + 1];
  const high = next === undefined ? null : placeOf(next).order;
  const ordered = low === null || high === null || compareBytes(low, high) < 0;
  return bench.store.keysBetween(low, ordered ? high : null, 1)[0] as OrderKey;
}

/** The PLACE edit that a new rectangle asks for, or null when the object stays where it belongs. */
export function placeEdit(
  bench: Bench,
  view: ObjectView,
  rect: BoardRect,
  except: ReadonlySet<ObjectId>,
): Edit | null {
  const { parent, order } = placeOf(view);
  const frame = frameFor(bench, view.kind, rect, except);
  const next = frame?.id ?? null;
  if (next === parent && order !== null) return null;
  const below = frame === null ? null : placeOf(frame).order;
  const hidden = order === null || (below !== null && compareBytes(order, below) <= 0);
  const key = hidden ? topKey(bench) : order;
  return { do: "set", id: view.id, field: Field.PLACE, value: [next, key] };
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
