// The server's time, from the PONGs' round trips: of the last few answers the quickest is believed, since what it was
// delayed by bounds how wrong it can be. Watching together counts on it to some ten milliseconds.

import type { Ms } from "../engine/types.ts";
import type { ServerClock } from "../state/types.ts";

const KEPT = 8;
const ASKED = 4;
const ASK_MS = 120;

interface Sample {
  /** Server time minus performance.now(). */
  readonly ahead: number;
  readonly tripMs: number;
}

export class Clock implements ServerClock {
  private samples: readonly Sample[] = [];
  private ahead = Date.now() - performance.now();
  private asking: ReturnType<typeof setTimeout> | null = null;

  constructor(private readonly ping: () => void) {}

  now(): Ms {
    return (performance.now() + this.ahead) as Ms;
  }

  measure(): void {
    if (this.asking !== null) return;
    let left = ASKED;
    const ask = (): void => {
      this.ping();
      left -= 1;
      this.asking = left > 0 ? setTimeout(ask, ASK_MS) : null;
    };
    ask();
  }

  /** `echo`: performance.now() when the PING went out. */
  onPong(echo: number, srvMs: number): void {
    const now = performance.now();
    const tripMs = now - echo;
    if (tripMs < 0) return;
    this.samples = [...this.samples, { ahead: srvMs - (echo + tripMs / 2), tripMs }].slice(-KEPT);
    this.ahead = this.samples.reduce((best, sample) => (sample.tripMs < best.tripMs ? sample : best)).ahead;
  }

  /** A new connection, maybe to another server. */
  forget(): void {
    this.samples = [];
  }

  stop(): void {
    if (this.asking !== null) clearTimeout(this.asking);
  }
}
