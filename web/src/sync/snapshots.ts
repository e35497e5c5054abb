// The board's committed state on this device, for opening without a network and for resuming. Written some time after
// a change and when the page hides; a lost write only means more to catch up.

import type { Engine } from "../engine/types.ts";
import type { Database, SnapshotRow } from "./database.ts";

const QUIET_MS = 2_000;
/** A board that never rests is still kept this often. */
const LATE_MS_MAX = 15_000;

export interface SnapshotKeeper {
  /** The committed state moved on, under this lineage. */
  changed(lineage: string): void;
  /** Writes at once what has not been written. */
  flush(): Promise<void>;
  stop(): void;
}

export function keepSnapshots(db: Database, board: string, engine: Engine): SnapshotKeeper {
  let timer: ReturnType<typeof setTimeout> | null = null;
  let dirtySince = 0;
  let lineage: string | null = null;
  let writtenSeq = -1;

  async function flush(): Promise<void> {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    if (lineage === null) return;
    dirtySince = 0;
    try {
      const { seq, bytes } = engine.snapshot();
      if (seq === writtenSeq) return;
      const row: SnapshotRow = { board, lineage, seq, bytes: bytes.slice() };
      await db.put("snapshots", row);
      writtenSeq = seq;
    } catch {
      // A full disk or a trapped engine: the next change tries again, the server still has it all.
    }
  }

  return {
    changed(now) {
      if (lineage !== now) writtenSeq = -1;
      lineage = now;
      dirtySince ||= performance.now();
      if (timer !== null) clearTimeout(timer);
      const late = dirtySince + LATE_MS_MAX - performance.now();
      timer = setTimeout(() => void flush(), Math.max(0, Math.min(QUIET_MS, late)));
    },
    flush,
    stop() {
      if (timer !== null) clearTimeout(timer);
      timer = null;
    },
  };
}
