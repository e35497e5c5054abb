// The list of things to tell the person. Repeats of an unkept notice replace each other instead of piling up.

import type { Signal } from "@preact/signals";
import type { Notice } from "./types.ts";

const NOTICES_MAX = 8;
let nextId = 1;

type Words = Partial<Pick<Notice, "values" | "kept" | "offer">>;

export function tell(notices: Signal<readonly Notice[]>, tone: Notice["tone"], key: string, words: Words = {}): void {
  const { values = {}, kept = null, offer = null } = words;
  const others = notices.peek().filter((notice) => notice.kept !== null || notice.key !== key);
  notices.value = [...others, { id: nextId++, tone, key, values, kept, offer }].slice(-NOTICES_MAX);
}
