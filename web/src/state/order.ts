// The drawing order (SPEC V1): by order key compared as bytes, then by object id as numbers; objects without a place
// come first. The order is total: malformed or equal keys never fail.

import { idCompare } from "../engine/id.ts";
import type { ObjectId } from "../engine/types.ts";

export interface Ranked {
  readonly id: ObjectId;
  /** The order key, "" without a place. */
  readonly key: string;
}

const isSurrogate = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdfff;

/** Compares as UTF-8 bytes would: like UTF-16 units, but surrogates stand above all other units. */
export function compareBytes(a: string, b: string): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) {
    const unitA = a.charCodeAt(i);
    const unitB = b.charCodeAt(i);
    if (unitA === unitB) continue;
    const highA = isSurrogate(unitA);
    return highA === isSurrogate(unitB) ? unitA - unitB : highA ? 1 : -1;
  }
  return a.length - b.length;
}

export function compareRanked(a: Ranked, b: Ranked): number {
  return compareBytes(a.key, b.key) || idCompare(a.id, b.id);
}

/** Where `item` stands, or would be put, in a list sorted by compareRanked. */
export function rankIn(list: readonly Ranked[], item: Ranked): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareRanked(list[middle]!, item) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
