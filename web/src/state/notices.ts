// The list of things to tell the person. Repeats of an unkept notice replace each other instead of piling up.

import { signal, type Signal } from "@preact/signals";
import type { Notice } from "./types.ts";

const NOTICES_MAX = 8;

export interface Notices {
  readonly list: Signal<readonly Notice[]>;
  add(tone: Notice["tone"], key: string, values?: Notice["values"], kept?: string | null): void;
}

export function createNotices(): Notices {
  const list = signal<readonly Notice[]>([]);
  let nextId = 1;
  return {
    list,
    add(tone, key, values = {}, kept = null) {
      const others = list.value.filter((notice) => notice.kept !== null || notice.key !== key);
      list.value = [...others, { id: nextId++, tone, key, values, kept }].slice(-NOTICES_MAX);
    },
  };
}
