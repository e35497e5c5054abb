// What the status chip may say. Pure: the same facts always give the same answer.

import type { Connection } from "../state/types.ts";
import type { Phase } from "./phase.ts";
import { BoardState } from "./wire.ts";

export interface Facts {
  readonly phase: Phase;
  readonly failures: number;
  /** Pending batches. */
  readonly kept: number;
  /** Edit or comment. */
  readonly mayWrite: boolean;
  readonly boardState: number;
  /** What the browser believes; only its "no" counts. */
  readonly online: boolean;
}

export function connectionOf({ phase, failures, kept, mayWrite, boardState, online }: Facts): Connection {
  if (phase.is === "ended") return { is: "ended", code: phase.code, text: phase.text };
  if (phase.is !== "live") {
    const away = failures > 0 || !online;
    return away ? { is: "offline", kept } : { is: "connecting", kept, attempt: failures + 1 };
  }
  if (boardState === BoardState.READ_ONLY) return { is: "readonly", why: "disk" };
  if (boardState === BoardState.DRAINING) return { is: "readonly", why: "draining" };
  if (!mayWrite) return { is: "readonly", why: "role" };
  return kept > 0 ? { is: "saving", kept } : { is: "saved" };
}
