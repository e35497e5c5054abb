// What becomes of a recording that does not come: a wait is said after a moment, media that broke off is fetched again,
// sooner when the network is back, and a track that is no longer there for this person is given up. Knows nothing of how
// media is played, beyond the reel's state and `again`.

import { effect, signal, untracked } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import type { Trouble } from "../state/playing.ts";
import { TrackError } from "../state/tracks.ts";
import type { BoardStore } from "../state/types.ts";
import type { ReelState } from "./player_reel.ts";

/** A shorter wait is nobody's business. */
const SAID_AFTER_MS = 700;
const AGAIN_MS = [400, 1_000, 2_000, 4_000, 8_000] as const;
/** The server has it, and still it does not play: so often in a row. */
const GIVES_UP = 3;

export interface MendDeps {
  readonly store: BoardStore;
  readonly track: string;
  readonly reel: { state(): ReelState; again(): void };
  /** It was deleted, or is not for this person any more. */
  readonly gone: () => void;
}

export interface Mend {
  readonly trouble: ReadonlySignal<Trouble>;
  /** The reel's state may be another. */
  look(): void;
  /** The person wants it tried at once. */
  retry(): void;
  /** Asks whether the track is still theirs to watch. */
  check(): Promise<boolean>;
  close(): void;
}

const isGone = (error: unknown): boolean =>
  error instanceof TrackError && ["not_found", "perm", "token", "revoked", "expired"].includes(error.code);

export function keepMended({ store, track, reel, gone }: MendDeps): Mend {
  const trouble = signal<Trouble>("none");
  let waitTimer: ReturnType<typeof setTimeout> | null = null;
  let againTimer: ReturnType<typeof setTimeout> | null = null;
  let tries = 0;
  let inVain = 0;
  let closed = false;
  let role = store.role.peek();

  const lost = (): boolean => !navigator.onLine || store.connection.peek().is === "offline";

  function stopWaiting(): void {
    if (waitTimer !== null) clearTimeout(waitTimer);
    waitTimer = null;
  }

  async function check(): Promise<boolean> {
    try {
      await store.tracks.get(track);
      return true;
    } catch (error) {
      if (!closed && isGone(error)) gone();
      return false;
    }
  }

  async function again(): Promise<void> {
    const there = await check();
    if (closed || reel.state() !== "failed") return;
    inVain = there ? inVain + 1 : 0;
    if (inVain > GIVES_UP) trouble.value = "failed";
    else if (there) reel.again();
    else soon();
  }

  function soon(): void {
    if (againTimer !== null || trouble.peek() === "failed") return;
    const wait = AGAIN_MS[Math.min(tries, AGAIN_MS.length - 1)]!;
    tries += 1;
    againTimer = setTimeout(() => {
      againTimer = null;
      void again();
    }, wait);
  }

  function now(): void {
    if (reel.state() !== "failed" || closed) return;
    if (againTimer !== null) clearTimeout(againTimer);
    againTimer = null;
    void again();
  }

  function look(): void {
    switch (reel.state()) {
      case "failed":
        stopWaiting();
        if (trouble.peek() !== "failed") trouble.value = "retrying";
        soon();
        return;
      case "waiting":
      case "loading":
        if (trouble.peek() !== "none") trouble.value = lost() ? "retrying" : "waiting";
        else waitTimer ??= setTimeout(() => (trouble.value = lost() ? "retrying" : "waiting"), SAID_AFTER_MS);
        return;
      default:
        stopWaiting();
        tries = inVain = 0;
        trouble.value = "none";
    }
  }

  addEventListener("online", now);
  const stops = [
    effect(() => {
      // Back on the board means back at the server.
      const { is } = store.connection.value;
      if (is === "saved" || is === "saving" || is === "readonly") untracked(now);
      if (is === "ended") queueMicrotask(() => closed || gone());
    }),
    effect(() => {
      const before = role;
      role = store.role.value;
      if (role !== before) void untracked(check);
    }),
  ];
  return {
    trouble,
    look,
    retry() {
      inVain = tries = 0;
      trouble.value = "retrying";
      now();
    },
    check,
    close() {
      closed = true;
      stopWaiting();
      if (againTimer !== null) clearTimeout(againTimer);
      removeEventListener("online", now);
      for (const stop of stops) stop();
    },
  };
}
