// Sending our own lossy state: at most 20 times a second, the latest only, nothing while it has not changed.

import { Limits } from "../engine/generated.ts";
import { NO_PRESENCE, presenceToWire } from "../state/presence.ts";
import type { OwnPresence } from "../state/types.ts";
import { presenceFrame } from "./wire.ts";

const TICK_MS = 50;
const HEAD_BYTES = 2; // the message's array and type
/** Somebody new must hear of us, but not from everybody in the same instant. */
const GREET_MS_MAX = 1_000;

export interface PresenceSender {
  set(next: OwnPresence): void;
  /** Says it again soon, for somebody who just came or after reconnecting. */
  again(): void;
  stop(): void;
}

export function createPresenceSender(send: (frame: Uint8Array) => boolean): PresenceSender {
  let state = NO_PRESENCE;
  let dirty = false;
  let timer: ReturnType<typeof setTimeout> | null = null;
  let greeting: ReturnType<typeof setTimeout> | null = null;
  let sentAt = 0;

  function frame(): Uint8Array {
    const whole = presenceFrame(presenceToWire(state));
    if (whole.length - HEAD_BYTES <= Limits.PRESENCE_BYTES_MAX) return whole;
    return presenceFrame(presenceToWire({ ...state, selected: [], gesture: null }));
  }

  function flush(): void {
    timer = null;
    if (!dirty) return;
    if (!send(frame())) return; // not live: `again` comes with the next connection
    dirty = false;
    sentAt = performance.now();
  }

  function soon(): void {
    dirty = true;
    timer ??= setTimeout(flush, Math.max(0, sentAt + TICK_MS - performance.now()));
  }

  return {
    set(next) {
      state = next;
      soon();
    },
    again() {
      greeting ??= setTimeout(() => {
        greeting = null;
        soon();
      }, Math.random() * GREET_MS_MAX);
    },
    stop() {
      if (timer !== null) clearTimeout(timer);
      if (greeting !== null) clearTimeout(greeting);
    },
  };
}
