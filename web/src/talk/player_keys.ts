// The player by keys and by the media keys of the computer. While the camera follows the speaker, and nothing is selected
// or written, Space, arrows (with Shift by chapters), J, K, L, < and > are the player's; otherwise they are the board's.
// Within the bar they always are.

import { effect } from "@preact/signals";
import type { Ms } from "../engine/types.ts";
import { RATES, type Player } from "../state/playing.ts";
import type { BoardStore } from "../state/types.ts";

const STEP_MS = 5_000 as Ms;
const LEAP_MS = 10_000 as Ms;

function isTyping(event: KeyboardEvent): boolean {
  const { target } = event;
  if (event.isComposing || !(target instanceof HTMLElement)) return event.isComposing;
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}

/** A focused button does what Space and Enter mean to it. */
function isControl(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest("button, a, [role=slider], [role=dialog]") !== null;
}

function stepRate(player: Player, by: 1 | -1): void {
  const at = RATES.findIndex((rate) => rate >= player.rate.peek());
  player.setRate(RATES[Math.max(0, Math.min(RATES.length - 1, at + by))] ?? 1);
}

export function actionFor(key: string, shift: boolean, player: Player): (() => void) | null {
  switch (key) {
    case " ":
    case "k":
    case "K":
      return () => player.toggle();
    case "j":
    case "J":
      return () => player.skip(-LEAP_MS as Ms);
    case "l":
    case "L":
      return () => player.skip(LEAP_MS);
    case "ArrowLeft":
      return () => (shift ? player.skipChapter(-1) : player.skip(-STEP_MS as Ms));
    case "ArrowRight":
      return () => (shift ? player.skipChapter(1) : player.skip(STEP_MS));
    case "<":
      return () => stepRate(player, -1);
    case ">":
      return () => stepRate(player, 1);
    default:
      return null;
  }
}

/** `board`: the canvas's host; `bar`: what the player is drawn in. */
export function bindPlayerKeys(store: BoardStore, player: Player, board: HTMLElement, bar: HTMLElement): () => void {
  const onKey = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event)) return;
    const { target } = event;
    const inBar = target instanceof Node && bar.contains(target);
    const onBoard = target === board || target === document.body;
    const free = onBoard && player.following.peek() && store.selection.peek().size === 0;
    if (!inBar && !free) return;
    if (inBar && isControl(target) && (event.key === " " || event.key.startsWith("Arrow"))) return;
    const action = actionFor(event.key, event.shiftKey, player);
    if (action === null) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    action();
  };
  window.addEventListener("keydown", onKey, true);
  const release = bindMediaKeys(player);
  return () => {
    window.removeEventListener("keydown", onKey, true);
    release();
  };
}

function bindMediaKeys(player: Player): () => void {
  const session = "mediaSession" in navigator ? navigator.mediaSession : null;
  if (session === null) return () => undefined;
  const handlers: readonly (readonly [MediaSessionAction, MediaSessionActionHandler])[] = [
    ["play", () => player.play()],
    ["pause", () => player.pause()],
    ["seekbackward", () => player.skip(-LEAP_MS as Ms)],
    ["seekforward", () => player.skip(LEAP_MS)],
    ["previoustrack", () => player.skipChapter(-1)],
    ["nexttrack", () => player.skipChapter(1)],
    ["seekto", ({ seekTime }) => seekTime !== undefined && player.seek((seekTime * 1000) as Ms)],
  ];
  const set = (action: MediaSessionAction, handler: MediaSessionActionHandler | null): void => {
    try {
      session.setActionHandler(action, handler);
    } catch {
      // This browser does not know the key.
    }
  };
  for (const [action, handler] of handlers) set(action, handler);
  if ("MediaMetadata" in window) {
    session.metadata = new MediaMetadata({ title: player.track.peek().title, artist: player.author.peek().name });
  }
  const stop = effect(() => {
    const status = player.status.value;
    const at = Math.floor(player.at.value / 1000); // as often as the computer shows it
    session.playbackState = status === "playing" || status === "waiting" ? "playing" : "paused";
    const duration = player.length / 1000;
    session.setPositionState({ duration, playbackRate: player.rate.value, position: Math.min(duration, at) });
  });
  return () => {
    stop();
    for (const [action] of handlers) set(action, null);
    session.metadata = null;
    session.playbackState = "none";
  };
}
