// What is in motion right now, by this tab's hand or by others': such objects leave the settled tiles and are drawn on
// the overlay where the gesture has them. Others' gestures come as presence a few times a second, so their motion is
// smoothed. A gesture counts from where its objects stood when it began; once the committed edit arrives, or shortly
// after the gesture has ended without one, an object belongs to the settled scene again.

import type { ObjectId } from "../engine/types.ts";
import { moveRect } from "../geom/rect.ts";
import type { BoardRect } from "../geom/types.ts";
import { reducedMotion } from "../state/glide.ts";
import type { Tooling } from "../state/tooling.ts";
import type { CanvasStore, Presence, SceneChanges } from "../state/types.ts";

const SMOOTH_MS = 60; // time constant of the approach
const LINGER_MS = 500; // how long an ended gesture waits for its edit

type Gesture = NonNullable<Presence["gesture"]>;

interface Carried {
  readonly base: BoardRect;
  shown: BoardRect;
  goal: BoardRect;
}

interface Carrier {
  key: string;
  readonly items: Map<ObjectId, Carried>;
  readonly settled: Set<ObjectId>;
  endedAt: number | null;
}

export interface Lift {
  /** Follows live gestures and presence; returns true while something still glides. */
  update(now: number): boolean;
  sceneChanged(changes: SceneChanges): void;
  has(id: ObjectId): boolean;
  /** Where lifted objects are shown now. */
  rects(): ReadonlyMap<ObjectId, BoardRect>;
}

function approach(from: BoardRect, to: BoardRect, share: number): BoardRect {
  return {
    x: from.x + (to.x - from.x) * share,
    y: from.y + (to.y - from.y) * share,
    w: from.w + (to.w - from.w) * share,
    h: from.h + (to.h - from.h) * share,
  };
}

function near(a: BoardRect, b: BoardRect): boolean {
  return (
    Math.abs(a.x - b.x) < 0.2 &&
    Math.abs(a.y - b.y) < 0.2 &&
    Math.abs(a.w - b.w) < 0.2 &&
    Math.abs(a.h - b.h) < 0.2
  );
}

export function createLift(
  store: CanvasStore,
  tooling: Tooling,
  onChange: (rect: BoardRect) => void,
): Lift {
  const carriers = new Map<number, Carrier>();
  let rects: ReadonlyMap<ObjectId, BoardRect> = new Map();
  let lastAt = 0;

  function goalOf(gesture: Gesture, i: number, base: BoardRect): BoardRect {
    return "rects" in gesture ? (gesture.rects[i] ?? base) : moveRect(base, gesture.dx, gesture.dy);
  }

  function follow(session: number, gesture: Gesture): void {
    const key = `${"rects" in gesture ? "r" : "d"} ${gesture.ids.length} ${gesture.ids[0] ?? ""}`;
    let carrier = carriers.get(session);
    if (carrier === undefined || carrier.key !== key || carrier.endedAt !== null) {
      carrier = { key, items: new Map(), settled: new Set(), endedAt: null };
      carriers.set(session, carrier);
    }
    gesture.ids.forEach((id, i) => {
      const view = store.scene.objects.get(id);
      if (view === undefined || carrier.settled.has(id)) return;
      const known = carrier.items.get(id);
      if (known !== undefined) {
        known.goal = goalOf(gesture, i, known.base);
        return;
      }
      const base = store.scene.rectOf(view);
      carrier.items.set(id, { base, shown: base, goal: goalOf(gesture, i, base) });
    });
  }

  function readPresence(now: number): void {
    for (const [session, presence] of store.presence) {
      if (presence.gesture !== null) follow(session, presence.gesture);
    }
    for (const [session, carrier] of carriers) {
      const gesture = store.presence.get(session)?.gesture ?? null;
      if (gesture === null) carrier.endedAt ??= now;
      const over = carrier.endedAt !== null && now - carrier.endedAt > LINGER_MS;
      if (over || !store.presence.has(session)) carriers.delete(session);
    }
  }

  function collect(share: number): { next: Map<ObjectId, BoardRect>; gliding: boolean } {
    const next = new Map<ObjectId, BoardRect>();
    let gliding = false;
    for (const carrier of carriers.values()) {
      if (carrier.endedAt !== null) gliding = true;
      for (const [id, item] of carrier.items) {
        item.shown = near(item.shown, item.goal) ? item.goal : approach(item.shown, item.goal, share);
        if (item.shown !== item.goal) gliding = true;
        next.set(id, item.shown);
      }
    }
    const live = tooling.live.peek();
    if (!live.copying) for (const [id, rect] of live.rects) next.set(id, rect);
    return { next, gliding };
  }

  function reportMembership(next: ReadonlyMap<ObjectId, BoardRect>): void {
    const settledRect = (id: ObjectId): void => {
      const view = store.scene.objects.get(id);
      if (view !== undefined) onChange(store.scene.rectOf(view));
    };
    for (const id of next.keys()) if (!rects.has(id)) settledRect(id);
    for (const id of rects.keys()) if (!next.has(id)) settledRect(id);
  }

  return {
    update(now) {
      const share = reducedMotion() ? 1 : 1 - Math.exp(-Math.min(100, now - lastAt) / SMOOTH_MS);
      lastAt = now;
      readPresence(now);
      const { next, gliding } = collect(share);
      reportMembership(next);
      rects = next;
      return gliding;
    },
    sceneChanged(changes) {
      if (carriers.size === 0) return;
      for (const carrier of carriers.values()) {
        const settle = (id: ObjectId): void => {
          if (carrier.items.delete(id)) carrier.settled.add(id);
        };
        for (const id of changes.removed) settle(id);
        for (const view of changes.changed) {
          const item = carrier.items.get(view.id);
          if (item !== undefined && !near(store.scene.rectOf(view), item.base)) settle(view.id);
        }
      }
    },
    has: (id) => rects.has(id),
    rects: () => rects,
  };
}
