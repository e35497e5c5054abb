// The reaction badges under the pointer: a press on one gives that reaction, or takes it back.

import type { ObjectView } from "../engine/types.ts";
import { BADGE_ZOOM_MIN, badgeRow } from "../geom/badges.ts";
import { growRect, rectHasPoint } from "../geom/rect.ts";
import type { BoardPoint } from "../geom/types.ts";
import { reactionsOf, toggleReaction } from "../state/reactions.ts";
import type { HoveredBadge } from "../state/tooling.ts";
import { hitAt } from "./hit.ts";
import type { Bench, Interaction } from "./tool.ts";

/** How far badges reach beyond their object. */
const REACH = 12;

function badgeOf(bench: Bench, view: ObjectView, at: BoardPoint): HoveredBadge | null {
  const reactions = reactionsOf(view);
  if (reactions.length === 0) return null;
  const row = badgeRow(bench.store.scene.rectOf(view), reactions.map(({ users }) => users.length));
  const i = row.findIndex((rect) => rectHasPoint(rect, at));
  return i < 0 ? null : { id: view.id, reaction: reactions[i]!.reaction, rect: row[i]! };
}

/** The topmost badge here, unless an object that is drawn later covers it. */
export function badgeAt(bench: Bench, at: BoardPoint): HoveredBadge | null {
  const { scene, camera } = bench.store;
  if (camera.peek().zoom < BADGE_ZOOM_MIN) return null;
  const near = scene.inOrder(growRect({ ...at, w: 0, h: 0 }, REACH));
  const covered = hitAt(bench, at);
  for (let i = near.length - 1; i >= 0; i--) {
    const view = near[i]!;
    const badge = badgeOf(bench, view, at);
    if (badge !== null) return badge;
    if (covered !== null && !covered.sheet && covered.view.id === view.id) return null;
  }
  return null;
}

export function pressBadge(bench: Bench, badge: HoveredBadge): Interaction {
  const { store } = bench;
  return {
    move: () => undefined,
    end(_to, dragged) {
      const view = store.scene.objects.get(badge.id);
      if (dragged || view === undefined) return;
      store.edit([toggleReaction(view, badge.reaction, store.me.peek())], store.newGesture());
    },
    cancel: () => undefined,
  };
}
