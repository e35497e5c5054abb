// A recorder's clock: ms of recording, pauses not counted (SPEC K2). Pure: the time of day comes in as a function.

import type { Ms } from "../engine/types.ts";

export class RunClock {
  private gone = 0;
  private runningSince: number | null = null;

  constructor(private readonly clock: () => number) {}

  get running(): boolean {
    return this.runningSince !== null;
  }

  run(): void {
    this.runningSince ??= this.clock();
  }

  hold(): void {
    this.gone = this.now();
    this.runningSince = null;
  }

  now(): Ms {
    return (this.gone + (this.runningSince === null ? 0 : this.clock() - this.runningSince)) as Ms;
  }
}
