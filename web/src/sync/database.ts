// What this device keeps, in IndexedDB: boards seen, unsent batches, replica counters, board states. Only the layout
// and the opening stand here; who reads and writes what is said in outbox.ts, snapshots.ts, boards.ts and recordings.ts.

import { openDB, type DBSchema, type IDBPDatabase } from "idb";
import type { Take } from "../state/takes.ts";
import type { Stream } from "../state/tracks.ts";
import type { Role } from "../state/types.ts";

export interface BoardRow {
  readonly board: string;
  readonly token: string;
  readonly title: string;
  readonly role: Role | null;
  /** Links this device knows, by role, absolute. */
  readonly links: Readonly<Partial<Record<Role, string>>>;
  readonly visitedAt: number;
  readonly thumbnail: Blob | null;
}

/** A batch that is not known to be durable on the server. */
export interface OutboxRow {
  readonly board: string;
  readonly replica: number;
  readonly ctr0: number;
  readonly n: number;
  readonly body: Uint8Array;
}

/** An issued replica: `next` is the first counter it has not used yet. Written in one transaction with its batches. */
export interface ReplicaRow {
  readonly board: string;
  readonly replica: number;
  readonly next: number;
  readonly user: number;
  /** The tab that owns it where there are no locks; see locks.ts. */
  readonly tab: string;
}

export interface SnapshotRow {
  readonly board: string;
  readonly lineage: string;
  readonly seq: number;
  readonly bytes: Uint8Array;
}

/** A piece of a take's media or timeline. */
export interface ChunkRow {
  readonly board: string;
  readonly take: string;
  readonly segment: number; // its place in the take
  readonly stream: Stream;
  readonly chunk: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

export interface Layout extends DBSchema {
  boards: { key: string; value: BoardRow };
  outbox: { key: [string, number, number]; value: OutboxRow };
  replicas: { key: [string, number]; value: ReplicaRow };
  snapshots: { key: string; value: SnapshotRow };
  takes: { key: [string, string]; value: Take };
  chunks: { key: [string, string, number, Stream, number]; value: ChunkRow };
}

export type Database = IDBPDatabase<Layout>;

/** Every key of one board, in a store whose keys begin with it. */
export function keysOf(board: string): IDBKeyRange {
  return IDBKeyRange.bound([board], [board, []]);
}

/** What the lock of a recording begins with (recordings.ts). */
export const TAKE_LOCK = "plenum.take.";
const LOOK_AGAIN_MS = 1000;

/** Nobody in this browser records, or has a recording open. */
async function recordingsRest(): Promise<void> {
  if (!("locks" in navigator)) return;
  for (;;) {
    const { held } = await navigator.locks.query();
    if (held?.some(({ name }) => name?.startsWith(TAKE_LOCK)) !== true) return;
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  }
}

export interface OpeningEvents {
  /** A tab with an earlier version has it open; it is opened as soon as that lets go. */
  waits(): void;
  /** A tab with a later version wanted it: it is closed, and this page keeps nothing any more. */
  gone(): void;
}

export function openDatabase(events: OpeningEvents): Promise<Database> {
  return openDB<Layout>("plenum", 2, {
    upgrade(db, before) {
      if (before < 1) {
        db.createObjectStore("boards", { keyPath: "board" });
        db.createObjectStore("outbox", { keyPath: ["board", "replica", "ctr0"] });
        db.createObjectStore("replicas", { keyPath: ["board", "replica"] });
        db.createObjectStore("snapshots", { keyPath: "board" });
      }
      db.createObjectStore("takes", { keyPath: ["board", "take"] });
      db.createObjectStore("chunks", { keyPath: ["board", "take", "segment", "stream", "chunk"] });
    },
    blocked: () => events.waits(),
    // A page of a later version wants to open it: this one lets go. A recording comes first: that page waits, and says so.
    blocking(_before, _wanted, event) {
      void recordingsRest().then(() => {
        (event.target as IDBDatabase).close();
        events.gone();
      });
    },
  });
}
