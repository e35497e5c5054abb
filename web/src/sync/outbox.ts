// One tab's unsent batches on this device. Every change of the pending list is written as one transaction together
// with the replica's next counter, so that a crash never lets a counter be used twice. Rows of replicas nobody owns any
// more are adopted: their batches are handed to the engine once, which makes them this tab's.
//
// Invariant: `rows` is what the database will hold for this tab when the writes under way are done.

import type { PendingBatch } from "../engine/types.ts";
import { keysOf, type Database, type OutboxRow, type ReplicaRow } from "./database.ts";
import type { Ownership } from "./locks.ts";

/** How many taken-back bodies to remember, so that a refusal that comes later can still show their text. */
const SETTLED_MAX = 256;

export interface Identity {
  readonly replica: number;
  readonly next: number;
  readonly user: number;
}

export interface Outbox {
  /** The replica this tab goes on with, if it owns one. */
  identity(): Identity | null;
  /** Bodies of this tab's own replica, oldest first: for the engine before it is identified. */
  own(): readonly Uint8Array[];
  /** Bodies of orphans, oldest first per replica; the next `keep` takes them out. */
  adopt(): readonly Uint8Array[];
  /** Writes the pending list as it now is. `next` is the replica's next counter. */
  keep(identity: Identity, pending: readonly PendingBatch[]): void;
  /** The body that is, or lately was, pending at `ctr0`. */
  bodyAt(ctr0: number): Uint8Array | null;
  /** Resolves when everything kept so far is written. */
  flushed(): Promise<void>;
}

interface Loaded {
  identity: ReplicaRow | null;
  readonly rows: OutboxRow[];
}

/** Finds what this tab may take over. Locks taken here stay held; rows are read under their lock. */
async function load(db: Database, board: string, ownership: Ownership): Promise<Loaded> {
  const loaded: Loaded = { identity: null, rows: [] };
  for (const key of await db.getAllKeys("replicas", keysOf(board))) {
    const replica = key[1];
    if (!(await ownership.take(replica))) continue;
    const row = await db.get("replicas", key);
    if (row?.tab !== ownership.tab) continue;
    const batches = await db.getAll("outbox", IDBKeyRange.bound([board, replica], [board, replica, []]));
    if (ownership.canReuse && loaded.identity === null) {
      loaded.identity = row;
      loaded.rows.push(...batches);
    } else if (batches.length > 0) loaded.rows.push(...batches);
    else {
      await db.delete("replicas", key);
      ownership.release(replica);
    }
  }
  return loaded;
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

export async function openOutbox(
  db: Database,
  board: string,
  ownership: Ownership,
  failed: () => void,
): Promise<Outbox> {
  const loaded = await load(db, board, ownership);
  let identity: Identity | null = loaded.identity;
  const rows = new Map<string, OutboxRow>();
  for (const row of loaded.rows) rows.set(keyOf(row), row);
  const adopted = new Set<string>();
  const settled = new Map<number, Uint8Array>();
  let writing: Promise<void> = Promise.resolve();

  function keyOf(row: { readonly replica: number; readonly ctr0: number }): string {
    return `${row.replica}.${row.ctr0}`;
  }

  function remember(row: OutboxRow): void {
    settled.set(row.ctr0, row.body);
    for (const oldest of settled.keys()) {
      if (settled.size <= SETTLED_MAX) break;
      settled.delete(oldest);
    }
  }

  function write(puts: readonly OutboxRow[], gone: readonly OutboxRow[], now: Identity): Promise<void> {
    const tx = db.transaction(["outbox", "replicas"], "readwrite");
    const outbox = tx.objectStore("outbox");
    const replicas = tx.objectStore("replicas");
    const left = new Set(gone.map((row) => row.replica).filter((replica) => replica !== now.replica));
    if (identity && identity.replica !== now.replica) left.add(identity.replica);
    const work: Promise<unknown>[] = gone.map((row) => outbox.delete([board, row.replica, row.ctr0]));
    for (const replica of left) work.push(replicas.delete([board, replica]));
    for (const row of puts) work.push(outbox.put(row));
    work.push(replicas.put({ board, tab: ownership.tab, ...now }));
    const written = Promise.all([...work, tx.done]);
    return written.then(() => left.forEach((replica) => ownership.release(replica))).catch(failed);
  }

  function keep(now: Identity, pending: readonly PendingBatch[]): void {
    const puts: OutboxRow[] = [];
    const live = new Set<string>();
    for (const batch of pending) {
      const row: OutboxRow = { board, replica: now.replica, ...batch };
      const key = keyOf(row);
      live.add(key);
      const old = rows.get(key);
      if (old && sameBytes(old.body, row.body)) continue;
      rows.set(key, row);
      puts.push(row);
    }
    // Orphans not handed out yet are nobody's pending batches, but must stay.
    const gone = [...rows.entries()]
      .filter(([key, row]) => !live.has(key) && (row.replica === identity?.replica || adopted.has(key)))
      .map(([, row]) => row);
    for (const row of gone) {
      rows.delete(keyOf(row));
      remember(row);
    }
    const same = identity?.replica === now.replica && identity.next === now.next && identity.user === now.user;
    if (puts.length === 0 && gone.length === 0 && same) return;
    // Transactions over the same stores run in the order they were opened.
    const written = write(puts, gone, now);
    identity = now;
    writing = writing.then(() => written);
  }

  function bodies(mine: boolean): readonly Uint8Array[] {
    return [...rows.values()]
      .filter((row) => (row.replica === identity?.replica) === mine)
      .sort((a, b) => a.replica - b.replica || a.ctr0 - b.ctr0)
      .map((row) => row.body);
  }

  return {
    identity: () => identity,
    own: () => bodies(true),
    adopt() {
      for (const [key, row] of rows) if (row.replica !== identity?.replica) adopted.add(key);
      return bodies(false);
    },
    keep,
    bodyAt(ctr0) {
      const row = identity && rows.get(`${identity.replica}.${ctr0}`);
      return row ? row.body : (settled.get(ctr0) ?? null);
    },
    flushed: () => writing,
  };
}
