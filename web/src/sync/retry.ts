// When to try again: 0.5 to 2 s at first, the ceiling doubling to 30 s, always with jitter, longer while the page is
// hidden. A browser's `online` only shortens the wait: it is a hint, never believed about being connected.

const FIRST_MS_MIN = 500;
const FIRST_MS_MAX = 2_000;
const WAIT_MS_MAX = 30_000;
const HIDDEN_FACTOR = 4;

export interface Retry {
  /** Calls `again` after the next wait, at least `leastMs`. Replaces an earlier wait. */
  schedule(again: () => void, leastMs?: number): void;
  /** The connection works: the next wait is a short one again. */
  succeeded(): void;
  /** There is hope: tries at once if a wait is running, and waits are short again. */
  hurry(): void;
  stop(): void;
}

export function waitMs(attempt: number, random: number, hidden: boolean): number {
  const ceiling = Math.min(WAIT_MS_MAX, FIRST_MS_MAX * 2 ** attempt);
  const wait = FIRST_MS_MIN + random * (ceiling - FIRST_MS_MIN);
  return hidden ? wait * HIDDEN_FACTOR : wait;
}

export function createRetry(): Retry {
  let attempt = 0;
  let timer: ReturnType<typeof setTimeout> | null = null;
  let waiting: (() => void) | null = null;

  function fire(): void {
    const again = waiting;
    if (timer !== null) clearTimeout(timer);
    timer = null;
    waiting = null;
    again?.();
  }

  return {
    schedule(again, leastMs = 0) {
      if (timer !== null) clearTimeout(timer);
      waiting = again;
      timer = setTimeout(fire, leastMs + waitMs(attempt, Math.random(), document.hidden));
      attempt += 1;
    },
    succeeded() {
      attempt = 0;
    },
    hurry() {
      // An attempt under way may have begun too early: then the next one comes soon.
      attempt = 0;
      if (waiting) fire();
    },
    stop() {
      if (timer !== null) clearTimeout(timer);
      timer = null;
      waiting = null;
    },
  };
}
