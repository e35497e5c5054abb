// The commands of talking over a board: beginning a comment, reacting, going to a thread.

import { Kind } from "../engine/generated.ts";
import type { ObjectId } from "../engine/types.ts";
import type { BoardPoint } from "../geom/types.ts";
import { centreOf } from "../geom/rect.ts";
import { boardToScreen, visibleRect } from "../state/camera.ts";
import { anchorAt, anchorOf, anchorPoint } from "../state/comments.ts";
import type { Anchor } from "../state/comments.ts";
import { glideTo } from "../state/glide.ts";
import { reactionEdit, reactionsOf } from "../state/reactions.ts";
import { PANEL_PX, PHONE_PX } from "../state/screen.ts";
import type { Commands } from "../state/tooling.ts";
import { anchorOn } from "./comment.ts";
import { selectedViews } from "./hit.ts";
import type { Bench } from "./tool.ts";

/** How much of the screen's edges a pin should stay clear of. */
const CLEAR_PX = { x: 60, top: 110, bottom: 130 } as const;

export function createTalkCommands(bench: Bench): Pick<Commands, "comment" | "react" | "openThread"> {
  const { store, tooling } = bench;

  function pins(): readonly Anchor[] {
    return [...store.scene.objects.values()].filter(({ kind }) => kind === Kind.THREAD).map(anchorOf);
  }

  function bringIntoView(at: BoardPoint): void {
    const camera = store.camera.peek();
    const { w, h } = store.viewport.peek();
    const { x, y } = boardToScreen(camera, at);
    const phone = w < PHONE_PX;
    // A phone's card covers its lower half.
    const beside = tooling.panel.peek() === null ? 0 : PANEL_PX;
    const room = phone ? { w, h: h * 0.45 } : { w: w - beside, h: h - CLEAR_PX.bottom };
    if (x > CLEAR_PX.x && x < room.w - CLEAR_PX.x && y > CLEAR_PX.top && y < room.h) return;
    tooling.following.value = null;
    const { zoom } = camera;
    const middle = phone ? room.h * 0.66 : h / 2;
    glideTo(store.camera, { x: at.x - room.w / 2 / zoom, y: at.y - middle / zoom, zoom });
  }

  return {
    comment() {
      if (!store.canComment.peek()) return;
      const [only, ...others] = selectedViews(bench);
      const middle = centreOf(visibleRect(store.camera.peek(), store.viewport.peek()));
      const onOne = only !== undefined && others.length === 0;
      tooling.tool.value = "select";
      tooling.thread.value = null;
      store.selection.value = new Set(); // its bar gives way to the card
      tooling.pinning.value = onOne ? anchorOn(only.id, pins()) : anchorAt(middle, null, { ...middle, w: 0, h: 0 });
    },
    react(reaction) {
      const me = store.me.peek();
      const views = selectedViews(bench);
      const missing = views.filter((view) => {
        return !reactionsOf(view).some((entry) => entry.reaction === reaction && entry.users.includes(me));
      });
      const give = missing.length > 0;
      const edits = (give ? missing : views).map(({ id }) => reactionEdit(id, reaction, give));
      if (edits.length > 0) store.edit(edits, store.newGesture());
    },
    openThread(id: ObjectId) {
      const view = store.scene.objects.get(id);
      if (view === undefined) return;
      const at = anchorPoint(anchorOf(view), bench.port.rectShown);
      if (at !== null) bringIntoView(at);
      tooling.pinning.value = null;
      store.selection.value = new Set();
      tooling.thread.value = id;
    },
  };
}
