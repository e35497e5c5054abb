// The comment tool (C): a click says where the pin goes, on the object under it or on the board. The card that opens there
// is ui's; nothing is made before something is sent. Over the board as it was, the object that stood there is meant, and
// the comment goes where that is now.

import type { ObjectId } from "../engine/types.ts";
import { anchorAt } from "../state/comments.ts";
import type { Anchor } from "../state/comments.ts";
import { tell } from "../state/notices.ts";
import type { Scene } from "../state/types.ts";
import { STILL } from "../state/tooling.ts";
import { hitAt } from "./hit.ts";
import type { Bench, PointerAt, Tool } from "./tool.ts";

/** Where a pin stands on an object when no place was pointed at: over its right edge, at the bottom. */
const USUAL = { dx: 0.9, dy: 1 } as const;
/** How far the next one stands to the left of one that is there already. */
const ASIDE = 0.26;

export function anchorOn(id: ObjectId, taken: readonly Anchor[]): Anchor {
  const here = taken.filter(({ object, dy }) => object === id && dy === USUAL.dy);
  for (let { dx } = USUAL; dx > 0; dx -= ASIDE) {
    if (!here.some((other) => Math.abs(other.dx - dx) < ASIDE / 2)) return { object: id, dx, dy: USUAL.dy };
  }
  return { object: id, ...USUAL };
}

export function createComment(bench: Bench): Tool {
  const { store, tooling, playing } = bench;
  const sceneShown = (): Scene => playing.past.peek()?.scene ?? store.scene;

  function below(at: PointerAt): ObjectId | null {
    return hitAt(bench, at.board, sceneShown())?.view.id ?? null;
  }

  function show(hover: ObjectId | null): void {
    if (tooling.live.peek().hover !== hover) tooling.live.value = hover === null ? STILL : { ...STILL, hover };
  }

  return {
    cursor: "crosshair",
    hover(at) {
      show(below(at));
      return "crosshair";
    },
    press: () => ({
      move: (to) => show(below(to)),
      end(to) {
        const scene = sceneShown();
        const view = hitAt(bench, to.board, scene)?.view;
        const gone = view !== undefined && !store.scene.objects.has(view.id);
        tooling.live.value = STILL;
        tooling.tool.value = "select";
        const rect = view === undefined ? { ...to.board, w: 0, h: 0 } : scene.rectOf(view);
        tooling.thread.value = null;
        store.selection.value = new Set(); // its bar gives way to the card
        tooling.pinning.value = anchorAt(to.board, gone ? null : (view?.id ?? null), rect);
        if (gone) tell(store.notices, "info", "notice.comment_gone");
      },
      cancel: () => show(null),
    }),
    leave: () => show(null),
  };
}
