// What this device keeps, in IndexedDB: boards seen, unsent batches, replica counters, board states. Only the layout
// and the opening stand here; who reads and writes what is said in outbox.ts, snapshots.ts and boards.ts.

import { openDB, type DBSchema, type IDBPDatabase } from "idb";
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

interface Layout extends DBSchema {
  boards: { key: string; value: BoardRow };
  outbox: { key: [string, number, number]; value: OutboxRow };
  replicas: { key: [string, number]; value: ReplicaRow };
  snapshots: { key: string; value: SnapshotRow };
}

export type Database = IDBPDatabase<Layout>;

/** Every key of one board, in a store whose keys begin with it. */
export function keysOf(board: string): IDBKeyRange {
  return IDBKeyRange.bound([board], [board, []]);
}

export function openDatabase(): Promise<Database> {
  return openDB<Layout>("plenum", 1, {
    upgrade(db) {
      db.createObjectStore("boards", { keyPath: "board" });
      db.createObjectStore("outbox", { keyPath: ["board", "replica", "ctr0"] });
      db.createObjectStore("replicas", { keyPath: ["board", "replica"] });
      db.createObjectStore("snapshots", { keyPath: "board" });
    },
  });
}
