// Beginning and ending a presentation. It begins in a press: only then does a browser give the whole screen. Where it does
// not, the board's page is the stage.

import type { ObjectId } from "../engine/types.ts";
import type { Talk } from "./talk.ts";

export function startPresenting(talk: Talk, slide: ObjectId): void {
  const { store, tooling } = talk;
  store.editing.value = null;
  store.selection.value = new Set();
  tooling.tool.value = "select";
  tooling.following.value = null;
  tooling.thread.value = null;
  tooling.pinning.value = null;
  tooling.slide.value = slide;
  if (document.fullscreenElement === null) document.documentElement.requestFullscreen?.().catch(() => undefined);
}

export function stopPresenting(talk: Talk): void {
  talk.tooling.slide.value = null;
  talk.tooling.tool.value = "select";
  if (document.fullscreenElement !== null) void document.exitFullscreen();
  talk.port.host.focus({ preventScroll: true });
}
