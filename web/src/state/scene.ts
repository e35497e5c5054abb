// The scene: a mirror of the engine's views with a spatial index, the drawing order and the children of each frame.
// It changes only by `apply`, with what the engine reports. Drawing, hit testing and tools read it; nothing here does.
// Invariant: `objects`, `items`, `drawn`, `index` and `children` speak of the same living objects after every apply.

import { signal } from "@preact/signals";
import RBush from "rbush";
import { Field, Kind } from "../engine/generated.ts";
import { patchedView } from "../engine/patch.ts";
import type { Changes, ObjectId, ObjectView } from "../engine/types.ts";
import type { BoardRect } from "../geom/types.ts";
import { compareRanked, rankIn } from "./order.ts";
import type { Scene, SceneChanges } from "./types.ts";

interface Item {
  readonly id: ObjectId;
  readonly key: string;
  readonly parent: ObjectId | null;
  view: ObjectView;
  readonly minX: number;
  readonly minY: number;
  readonly maxX: number;
  readonly maxY: number;
}

export interface MutableScene extends Scene {
  /** Says what became of the scene, as the listeners are told. */
  apply(changes: Changes): SceneChanges;
}

// Above this many changes at once, sorting and loading in bulk beats one insertion after the other.
const BULK_MIN = 256;
const DEFAULT_SIZE = { w: 160, h: 160 };

/** The finite pair a POINT or SIZE field holds, or null. */
function pairOf(view: ObjectView, field: number): readonly [number, number] | null {
  const value = view.fields.get(field);
  if (!Array.isArray(value)) return null;
  const [first, second] = value as readonly unknown[];
  return typeof first === "number" && typeof second === "number" ? [first, second] : null;
}

function rectOf(view: ObjectView): BoardRect {
  const pos = pairOf(view, Field.POS);
  const size = pairOf(view, Field.SIZE);
  return { x: pos?.[0] ?? 0, y: pos?.[1] ?? 0, w: size?.[0] ?? DEFAULT_SIZE.w, h: size?.[1] ?? DEFAULT_SIZE.h };
}

/** What has a place on the board: messages, votes, groups and the board itself have none. */
function isDrawn(view: ObjectView): boolean {
  switch (view.kind) {
    case Kind.STICKY:
    case Kind.TEXT:
    case Kind.SHAPE:
    case Kind.FRAME:
      return true;
    case Kind.BOARD:
    case Kind.PERSON:
      return false;
    default:
      return pairOf(view, Field.POS) !== null;
  }
}

function itemOf(view: ObjectView): Item {
  const place = view.fields.get(Field.PLACE);
  const [parent, key] = (Array.isArray(place) ? place : [null, ""]) as readonly unknown[];
  const rect = rectOf(view);
  return {
    id: view.id,
    key: typeof key === "string" ? key : "",
    parent: typeof parent === "string" ? (parent as ObjectId) : null,
    view,
    minX: rect.x,
    minY: rect.y,
    maxX: rect.x + rect.w,
    maxY: rect.y + rect.h,
  };
}

/** Whether only what the object looks like is different, not where it stands. */
function standsAs(a: Item, b: Item): boolean {
  return (
    a.key === b.key &&
    a.parent === b.parent &&
    a.minX === b.minX &&
    a.minY === b.minY &&
    a.maxX === b.maxX &&
    a.maxY === b.maxY
  );
}

export function createScene(): MutableScene {
  const objects = new Map<ObjectId, ObjectView>();
  const items = new Map<ObjectId, Item>();
  const children = new Map<ObjectId, Set<ObjectId>>();
  const index = new RBush<Item>(16);
  const listeners = new Set<(changes: SceneChanges) => void>();
  const version = signal(0);
  let drawn: Item[] = []; // in drawing order

  function adopt(item: Item): void {
    items.set(item.id, item);
    if (item.parent === null) return;
    const set = children.get(item.parent);
    if (set) set.add(item.id);
    else children.set(item.parent, new Set([item.id]));
  }

  function orphan(item: Item): void {
    items.delete(item.id);
    if (item.parent === null) return;
    const set = children.get(item.parent);
    set?.delete(item.id);
    if (set?.size === 0) children.delete(item.parent);
  }

  function removeOne(id: ObjectId): void {
    objects.delete(id);
    const item = items.get(id);
    if (!item) return;
    orphan(item);
    index.remove(item);
    drawn.splice(rankIn(drawn, item), 1);
  }

  function putOne(view: ObjectView): void {
    objects.set(view.id, view);
    if (!isDrawn(view)) return;
    const old = items.get(view.id);
    const item = itemOf(view);
    if (old && standsAs(old, item)) {
      old.view = view;
      return;
    }
    if (old && old.key === item.key) drawn[rankIn(drawn, old)] = item;
    else {
      if (old) drawn.splice(rankIn(drawn, old), 1);
      drawn.splice(rankIn(drawn, item), 0, item);
    }
    if (old) orphan(old);
    // rbush finds an item to remove by its box, so the index always holds the newest item itself.
    if (old) index.remove(old);
    index.insert(item);
    adopt(item);
  }

  function applyInBulk(changes: SceneChanges): void {
    for (const id of changes.removed) {
      objects.delete(id);
      const item = items.get(id);
      if (item) orphan(item);
    }
    for (const view of changes.changed) {
      objects.set(view.id, view);
      if (!isDrawn(view)) continue;
      const old = items.get(view.id);
      if (old) orphan(old);
      adopt(itemOf(view));
    }
    drawn = [...items.values()].sort(compareRanked);
    index.clear();
    index.load(drawn);
  }

  /** Patches become the views they give; what they speak of is known, or the engine would have sent it whole. */
  function resolved({ reset, changed, patches, removed }: Changes): SceneChanges {
    if (patches.length === 0) return { reset, changed, removed };
    const views = [...changed];
    for (const patch of patches) {
      const view = objects.get(patch.id);
      if (view) views.push(patchedView(view, patch));
    }
    return { reset, changed: views, removed };
  }

  function apply(reported: Changes): SceneChanges {
    const changes = resolved(reported);
    if (changes.reset) {
      objects.clear();
      items.clear();
      children.clear();
      index.clear();
      drawn = [];
    }
    if (changes.changed.length + changes.removed.length >= BULK_MIN) applyInBulk(changes);
    else {
      for (const id of changes.removed) removeOne(id);
      for (const view of changes.changed) putOne(view);
    }
    version.value += 1;
    for (const listener of listeners) listener(changes);
    return changes;
  }

  function inOrder(rect?: BoardRect): readonly ObjectView[] {
    if (!rect) return drawn.map((item) => item.view);
    const box = { minX: rect.x, minY: rect.y, maxX: rect.x + rect.w, maxY: rect.y + rect.h };
    return index
      .search(box)
      .sort(compareRanked)
      .map((item) => item.view);
  }

  function childrenOf(id: ObjectId): readonly ObjectView[] {
    return [...(children.get(id) ?? [])]
      .map((child) => items.get(child)!)
      .sort(compareRanked)
      .map((item) => item.view);
  }

  return {
    objects,
    version,
    apply,
    inOrder,
    childrenOf,
    rectOf,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
