// Takes on this device, in IndexedDB (state/takes.ts says what they are). A take's row and its chunks change in one
// transaction, in the order the calls were made. A page holds a take by a Web Lock of its name, which a crash lets go.

import type { IDBPTransaction } from "idb";
import type { Ms } from "../engine/types.ts";
import type { Take, TakeSegment, TakeStore } from "../state/takes.ts";
import type { Stream } from "../state/tracks.ts";
import { keysOf, type ChunkRow, type Database, type Layout } from "./database.ts";

type Writing = IDBPTransaction<Layout, ["takes", "chunks"], "readwrite">;

const PART_CHUNKS = 64;
const EMPTY_SEGMENT: Omit<TakeSegment, "type"> = {
  number: null,
  lengthMs: 0 as Ms,
  over: false,
  sent: false,
  chunks: { media: 0, timeline: 0 },
  bytes: 0,
};

function newName(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function openTakes(db: Database, board: string): TakeStore {
  /** Held here: what ends the lock. */
  const held = new Map<string, () => void>();
  const lockOf = (take: string): string => `plenum.take.${board}.${take}`;

  async function change(take: string, next: (row: Take, tx: Writing) => Take): Promise<Take> {
    // Strict: what is told as kept is on the disk, also when the computer goes down.
    const tx = db.transaction(["takes", "chunks"], "readwrite", { durability: "strict" });
    const row = await tx.objectStore("takes").get([board, take]);
    if (row === undefined) {
      tx.abort();
      await tx.done.catch(() => undefined);
      throw new Error("this take is gone");
    }
    const changed = next(row, tx);
    await Promise.all([tx.objectStore("takes").put(changed), tx.done]);
    return changed;
  }

  function withSegment(row: Take, index: number, next: (segment: TakeSegment) => TakeSegment): Take {
    return { ...row, segments: row.segments.map((segment, i) => (i === index ? next(segment) : segment)) };
  }

  async function holdLock(take: string): Promise<boolean> {
    if (held.has(take)) return true;
    if (!("locks" in navigator)) return false;
    return new Promise((resolve) => {
      const asked = navigator.locks.request(lockOf(take), { ifAvailable: true }, (lock) => {
        resolve(lock !== null);
        return lock === null ? undefined : new Promise<void>((end) => held.set(take, end));
      });
      asked.catch(() => resolve(false));
    });
  }

  return {
    async left() {
      const rows = await db.getAll("takes", keysOf(board));
      if (rows.length === 0 || !("locks" in navigator)) return [];
      const locks = await navigator.locks.query();
      const taken = new Set(locks.held?.map((lock) => lock.name));
      return rows.filter((row) => !taken.has(lockOf(row.take))).sort((a, b) => b.madeMs - a.madeMs);
    },
    async get(take) {
      return (await db.get("takes", [board, take])) ?? null;
    },
    hold: holdLock,
    letGo(take) {
      held.get(take)?.();
      held.delete(take);
    },
    async make(first) {
      const take: Take = {
        ...first,
        board,
        take: newName(),
        track: null,
        madeMs: Date.now() as Ms,
        pauses: [],
        dropped: [],
        segments: [],
      };
      await holdLock(take.take);
      await db.put("takes", take);
      return take;
    },
    change: (take, changed) => change(take, (row) => ({ ...row, ...changed })),
    addSegment(take, segment) {
      return change(take, (row) => ({ ...row, segments: [...row.segments, { ...EMPTY_SEGMENT, ...segment }] }));
    },
    changeSegment(take, index, changed) {
      return change(take, (row) => withSegment(row, index, (segment) => ({ ...segment, ...changed })));
    },
    async keep(take, stream, chunks, lengthMs) {
      await change(take, (row, tx) => {
        const index = row.segments.length - 1;
        return withSegment(row, index, (segment) => {
          const first = segment.chunks[stream];
          for (const [i, bytes] of chunks.entries()) {
            const chunk: ChunkRow = { board, take, segment: index, stream, chunk: first + i, bytes };
            void tx.objectStore("chunks").put(chunk);
          }
          return {
            ...segment,
            lengthMs: Math.max(segment.lengthMs, lengthMs) as Ms,
            chunks: { ...segment.chunks, [stream]: first + chunks.length },
            bytes: chunks.reduce((sum, bytes) => sum + bytes.length, segment.bytes),
          };
        });
      });
    },
    async chunk(take, index, stream, chunk) {
      return (await db.get("chunks", [board, take, index, stream, chunk]))?.bytes ?? null;
    },
    async stream(take, index, stream: Stream) {
      // A part at a time: an hour's camera is never in memory whole.
      const parts: Blob[] = [];
      for (let first = 0; ; first += PART_CHUNKS) {
        const from = [board, take, index, stream, first];
        const to = [board, take, index, stream, first + PART_CHUNKS];
        const rows = await db.getAll("chunks", IDBKeyRange.bound(from, to, false, true));
        if (rows.length === 0) return new Blob(parts);
        parts.push(new Blob(rows.map((row) => row.bytes)));
      }
    },
    async drop(take) {
      const tx = db.transaction(["takes", "chunks"], "readwrite");
      await Promise.all([
        tx.objectStore("takes").delete([board, take]),
        tx.objectStore("chunks").delete(IDBKeyRange.bound([board, take], [board, take, []])),
        tx.done,
      ]);
      held.get(take)?.();
      held.delete(take);
    },
  };
}
