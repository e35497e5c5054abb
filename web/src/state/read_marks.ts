// What this person has read of a board's comments, and when this device heard of each: kept in localStorage, board by board.
// Only messages that still exist are kept, so what is stored stays as small as the comments are. A browser that refuses
// storage still has marks; they last as long as the page. Messages carry no time of their own: one that came while this
// tab was connected is as old as that, of the others it is not known.

import { effect, signal, untracked } from "@preact/signals";
import type { Ms, ObjectId } from "../engine/types.ts";
import type { Message, Thread } from "./comments.ts";
import type { BoardStore } from "./types.ts";

const SAVE_MS = 500;

export interface ReadMarks {
  /** Messages of others that were not seen yet. Subscribes whoever asks. */
  unread(thread: Thread): readonly Message[];
  read(thread: Thread): void;
  /** When it came (Unix time); null when that is not known. */
  heardAt(message: ObjectId): Ms | null;
  stop(): void;
}

/** What is asked of a store. */
export type Tracked = Pick<BoardStore, "board" | "me" | "loaded" | "connection">;

interface Kept {
  readonly read: readonly string[];
  readonly heard: Readonly<Record<string, number>>;
}

function load(key: string): Kept {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(key) ?? "{}");
    const { read, heard } = value as Partial<Kept>;
    return {
      read: Array.isArray(read) ? read.filter((id) => typeof id === "string") : [],
      heard: typeof heard === "object" && heard !== null ? heard : {},
    };
  } catch {
    return { read: [], heard: {} };
  }
}

export function keepReadMarks(store: Tracked, threads: () => readonly Thread[]): ReadMarks {
  const key = `plenum.comments.${store.board}`;
  const read = new Set<ObjectId>();
  const heard = new Map<ObjectId, Ms>();
  absorb(load(key));
  const version = signal(0);
  /** Messages known already; null before the board's first state. */
  let known: ReadonlySet<ObjectId> | null = null;
  let timer: ReturnType<typeof setTimeout> | null = null;

  function absorb({ read: ids, heard: times }: Kept): void {
    for (const id of ids) read.add(id as ObjectId);
    for (const [id, at] of Object.entries(times)) if (!heard.has(id as ObjectId)) heard.set(id as ObjectId, at as Ms);
  }

  function save(): void {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    const alive = known ?? new Set<ObjectId>();
    absorb(load(key)); // what was read in another tab of this browser stays read
    const value: Kept = {
      read: [...read].filter((id) => alive.has(id)),
      heard: Object.fromEntries([...heard].filter(([id]) => alive.has(id))),
    };
    try {
      if (value.read.length > 0 || Object.keys(value.heard).length > 0) localStorage.setItem(key, JSON.stringify(value));
      else localStorage.removeItem(key);
    } catch {
      // Storage is full or forbidden: the marks hold until the page closes.
    }
  }

  function soon(): void {
    timer ??= setTimeout(save, SAVE_MS);
  }

  function hear(list: readonly Thread[]): void {
    const { is } = store.connection.peek();
    const live = is === "saved" || is === "saving";
    const now = new Set<ObjectId>();
    for (const thread of list) {
      for (const { id } of thread.messages) {
        now.add(id);
        if (live && known !== null && !known.has(id) && !heard.has(id)) heard.set(id, Date.now() as Ms);
      }
    }
    known = now;
    soon();
  }

  const stop = effect(() => {
    const list = threads();
    if (store.loaded.value) untracked(() => hear(list));
  });

  return {
    unread(thread) {
      void version.value;
      const me = store.me.value;
      return thread.messages.filter(({ id, user }) => user !== me && !read.has(id));
    },
    read(thread) {
      const before = read.size;
      for (const { id } of thread.messages) read.add(id);
      if (read.size === before) return;
      version.value += 1;
      soon();
    },
    heardAt: (message) => heard.get(message) ?? null,
    stop() {
      stop();
      if (timer !== null) save();
    },
  };
}
