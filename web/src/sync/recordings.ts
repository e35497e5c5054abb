// Takes on this device, in IndexedDB (state/takes.ts says what they are). A take's row and its chunks change in one
// transaction, in the order the calls were made. A page holds a take by a Web Lock of its name, which a crash lets go;
// only who holds a take changes it.
//
// When the device is full, or fails, what it does not take stays in this page's memory, and is written as soon as it can be:
// every few seconds it is tried again, and what the server has makes room by itself.

import { signal } from "@preact/signals";
import type { Ms } from "../engine/types.ts";
import type { Take, TakeSegment, TakeStore } from "../state/takes.ts";
import type { Stream } from "../state/tracks.ts";
import { keysOf, TAKE_LOCK, type ChunkRow, type Database } from "./database.ts";

type ChunkKey = readonly [segment: number, stream: Stream, chunk: number];

/** Of a take that the device has no room for: the chunks that are nowhere else. Its row waits with them. */
interface Spill {
  readonly chunks: ReadonlyMap<string, ChunkRow>;
  readonly triedAt: number;
}

const PART_CHUNKS = 64;
const TRY_AGAIN_MS = 5000;
const EMPTY_SEGMENT: Omit<TakeSegment, "type"> = {
  number: null,
  lengthMs: 0 as Ms,
  over: false,
  sent: false,
  chunks: { media: 0, timeline: 0 },
  freed: 0,
  bytes: 0,
};

function newName(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

const nameOf = (...[segment, stream, chunk]: ChunkKey): string => `${segment}.${stream}.${chunk}`;

function isFull(error: unknown): boolean {
  return error instanceof DOMException && error.name === "QuotaExceededError";
}

export function openTakes(db: Database, board: string): TakeStore {
  /** Held here: what ends the lock. */
  const held = new Map<string, () => void>();
  const lockOf = (take: string): string => `${TAKE_LOCK}${board}.${take}`;
  /** Changes of a take that are under way; the next waits for them. */
  const tails = new Map<string, Promise<unknown>>();
  /** Rows of takes that are held here, as they are now. */
  const rows = new Map<string, Take>();
  const spills = new Map<string, Spill>();
  const spilled = signal<number | null>(null);

  function setSpill(take: string, spill: Spill | null): void {
    if (spill === null) spills.delete(take);
    else spills.set(take, spill);
    const waiting = [...spills.values()].flatMap(({ chunks }) => [...chunks.values()]);
    spilled.value = spills.size === 0 ? null : waiting.reduce((sum, { bytes }) => sum + bytes.length, 0);
  }

  function inOrder<T>(take: string, work: () => Promise<T>): Promise<T> {
    const done = (tails.get(take) ?? Promise.resolve()).then(work, work);
    tails.set(take, done);
    return done;
  }

  async function rowOf(take: string): Promise<Take | null> {
    return rows.get(take) ?? (await db.get("takes", [board, take])) ?? null;
  }

  async function write(row: Take, chunks: readonly ChunkRow[]): Promise<void> {
    // Strict: what is told as kept is on the disk, also when the computer goes down.
    const tx = db.transaction(["takes", "chunks"], "readwrite", { durability: "strict" });
    const puts = chunks.map((chunk) => tx.objectStore("chunks").put(chunk));
    await Promise.all([...puts, tx.objectStore("takes").put(row), tx.done]);
  }

  function change(take: string, next: (row: Take) => readonly [row: Take, chunks: readonly ChunkRow[]]): Promise<Take> {
    return inOrder(take, async () => {
      const row = await rowOf(take);
      if (row === null) throw new Error("this take is gone");
      const [changed, fresh] = next(row);
      rows.set(take, changed);
      const before = spills.get(take);
      const chunks = new Map(before?.chunks);
      for (const chunk of fresh) chunks.set(nameOf(chunk.segment, chunk.stream, chunk.chunk), chunk);
      const now = performance.now();
      if (before !== undefined && now - before.triedAt < TRY_AGAIN_MS) {
        setSpill(take, { ...before, chunks });
        return changed;
      }
      try {
        await write(changed, [...chunks.values()]);
        if (before !== undefined) setSpill(take, null);
      } catch (error) {
        if (!isFull(error)) console.error(error); // whatever it is, nothing is lost by it yet
        setSpill(take, { chunks, triedAt: now });
      }
      return changed;
    });
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

  function letGo(take: string): void {
    if (spills.has(take)) return; // nobody else could go on with it
    rows.delete(take);
    held.get(take)?.();
    held.delete(take);
  }

  async function part(take: string, index: number, stream: Stream, first: number): Promise<readonly ChunkRow[]> {
    const from = [board, take, index, stream, first];
    const to = [board, take, index, stream, first + PART_CHUNKS];
    const found = await db.getAll("chunks", IDBKeyRange.bound(from, to, false, true));
    const { chunks } = spills.get(take) ?? {};
    for (let i = first; chunks !== undefined && i < first + PART_CHUNKS; i++) {
      const chunk = chunks.get(nameOf(index, stream, i));
      if (chunk !== undefined) found.push(chunk); // behind all that was written: the first that did not fit was the last
    }
    return found;
  }

  return {
    spilled,
    async left() {
      const all = await db.getAll("takes", keysOf(board));
      if (all.length === 0 || !("locks" in navigator)) return [];
      const locks = await navigator.locks.query();
      const taken = new Set(locks.held?.map((lock) => lock.name));
      return all.filter((row) => !taken.has(lockOf(row.take))).sort((a, b) => b.madeMs - a.madeMs);
    },
    get: rowOf,
    async of(track) {
      const all = await db.getAll("takes", keysOf(board));
      return all.find((row) => row.track === track) ?? null;
    },
    hold: holdLock,
    letGo,
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
        drafted: null,
        aside: false,
      };
      await holdLock(take.take);
      rows.set(take.take, take);
      return change(take.take, (row) => [row, []]);
    },
    change: (take, changed) => change(take, (row) => [{ ...row, ...changed }, []]),
    addSegment(take, segment) {
      return change(take, (row) => [{ ...row, segments: [...row.segments, { ...EMPTY_SEGMENT, ...segment }] }, []]);
    },
    changeSegment(take, index, changed) {
      return change(take, (row) => [withSegment(row, index, (segment) => ({ ...segment, ...changed })), []]);
    },
    keep(take, stream, chunks, lengthMs) {
      return change(take, (row) => {
        const index = row.segments.length - 1;
        const first = row.segments[index]?.chunks[stream] ?? 0;
        const fresh = chunks.map((bytes, i): ChunkRow => ({ board, take, segment: index, stream, chunk: first + i, bytes }));
        const changed = withSegment(row, index, (segment) => ({
          ...segment,
          lengthMs: Math.max(segment.lengthMs, lengthMs) as Ms,
          chunks: { ...segment.chunks, [stream]: first + chunks.length },
          bytes: chunks.reduce((sum, bytes) => sum + bytes.length, segment.bytes),
        }));
        return [changed, fresh];
      });
    },
    async chunk(take, index, stream, chunk) {
      const waiting = spills.get(take)?.chunks.get(nameOf(index, stream, chunk));
      return (waiting ?? (await db.get("chunks", [board, take, index, stream, chunk])))?.bytes ?? null;
    },
    async stream(take, index, stream) {
      // A part at a time: an hour's camera is never in memory whole.
      const parts: Blob[] = [];
      for (let first = 0; ; first += PART_CHUNKS) {
        const found = await part(take, index, stream, first);
        if (found.length === 0) return new Blob(parts);
        parts.push(new Blob(found.map((row) => row.bytes)));
      }
    },
    async free(take, index, count) {
      await inOrder(take, async () => {
        const spill = spills.get(take);
        if (spill !== undefined) {
          const gone = ({ segment, stream, chunk }: ChunkRow): boolean =>
            segment === index && stream === "media" && chunk < count;
          setSpill(take, { ...spill, chunks: new Map([...spill.chunks].filter(([, row]) => !gone(row))) });
        }
        // Taking away needs no room; the row is written by itself.
        const from = [board, take, index, "media"];
        await db.delete("chunks", IDBKeyRange.bound(from, [...from, count], false, true));
      });
      await change(take, (row) => [withSegment(row, index, (segment) => ({ ...segment, freed: count })), []]);
    },
    drop(take) {
      return inOrder(take, async () => {
        setSpill(take, null);
        const tx = db.transaction(["takes", "chunks"], "readwrite");
        await Promise.all([
          tx.objectStore("takes").delete([board, take]),
          tx.objectStore("chunks").delete(IDBKeyRange.bound([board, take], [board, take, []])),
          tx.done,
        ]);
        letGo(take);
      });
    },
  };
}
