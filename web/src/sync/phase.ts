// Where one connection stands, and the moves it may make. Every attempt walks the same way down; from anywhere it may
// fall back to resting (the connection is gone) or end (there is no use in trying again).

import type { Socket } from "./socket.ts";
import type { Hello, SnapshotBegin, Welcome } from "./wire.ts";

export type Phase =
  | { readonly is: "resting" }
  | { readonly is: "ticket" }
  | { readonly is: "opening"; readonly socket: Socket; readonly hello: Hello }
  | { readonly is: "greeting"; readonly socket: Socket; readonly hello: Hello }
  /** Waiting for a snapshot to begin, or within one. */
  | {
      readonly is: "snapshot";
      readonly socket: Socket;
      readonly welcome: Welcome;
      readonly begin: SnapshotBegin | null;
      readonly chunks: readonly Uint8Array[];
    }
  /** Folding entries up to WELCOME's head. */
  | { readonly is: "tail"; readonly socket: Socket; readonly welcome: Welcome }
  /** Caught up; taking the replica's lock. */
  | { readonly is: "joining"; readonly socket: Socket; readonly welcome: Welcome }
  | { readonly is: "live"; readonly socket: Socket; readonly welcome: Welcome }
  | { readonly is: "ended"; readonly code: string; readonly text: string };

type Name = Phase["is"];

const MOVES: Readonly<Record<Name, readonly Name[]>> = {
  resting: ["ticket", "ended"],
  ticket: ["opening", "resting", "ended"],
  opening: ["greeting", "resting", "ended"],
  greeting: ["snapshot", "tail", "resting", "ended"],
  snapshot: ["snapshot", "tail", "resting", "ended"],
  tail: ["snapshot", "joining", "resting", "ended"],
  joining: ["live", "resting", "ended"],
  live: ["resting", "ended"],
  ended: [],
};

export function mayMove(from: Phase, to: Phase): boolean {
  return MOVES[from.is].includes(to.is);
}

export function socketOf(phase: Phase): Socket | null {
  return "socket" in phase ? phase.socket : null;
}
