// What others see of us (cursor, view, selection), and seeing the board as somebody else does: following. Following ends
// as soon as the person moves the view themselves, which the tools say by clearing `following`.

import { effect, untracked } from "@preact/signals";
import type { BoardPoint } from "../geom/types.ts";
import { fitted, visibleRect } from "../state/camera.ts";
import { glideTo } from "../state/glide.ts";
import type { Tooling } from "../state/tooling.ts";
import type { BoardStore } from "../state/types.ts";

const SELECTED_MAX = 100;

export interface ShareView {
  cursor(at: BoardPoint | null): void;
  close(): void;
}

export function mountShareView(store: BoardStore, tooling: Tooling): ShareView {
  let followedView = "";
  const stops = [
    effect(() => {
      const view = visibleRect(store.camera.value, store.viewport.value);
      untracked(() => store.setPresence({ view }));
    }),
    effect(() => {
      const selected = [...store.selection.value].slice(0, SELECTED_MAX);
      untracked(() => store.setPresence({ selected }));
    }),
    effect(() => {
      const session = tooling.following.value;
      void [store.presenceVersion.value, store.people.value];
      untracked(() => {
        if (session === null) {
          followedView = "";
          return;
        }
        if (!store.people.peek().some((person) => person.session === session)) {
          tooling.following.value = null;
          return;
        }
        const view = store.presence.get(session)?.view ?? null;
        const key = view === null ? "" : `${session} ${view.x} ${view.y} ${view.w} ${view.h}`;
        if (view === null || key === followedView) return;
        followedView = key;
        glideTo(store.camera, fitted(view, store.viewport.peek(), 0, 8));
      });
    }),
  ];
  return {
    cursor: (at) => store.setPresence({ cursor: at }),
    close() {
      for (const stop of stops) stop();
      store.setPresence({ cursor: null, selected: [], gesture: null, typing: null, laser: null });
    },
  };
}
