// Tells which clocks an update brings. Servers may merge what came in one turn of theirs, and they send each update to
// everybody: the head tells of one struct, and anything longer is decoded once and after that compared to what was
// decoded, because reading the same bytes 300 times would measure the load.
import * as decoding from "lib0/decoding";
import * as Y from "yjs";

const KEPT_MAX = 512;
const KEY_BYTES = 32;

export function newUpdateReader() {
  const kept = new Map();

  /** [client, first clock, how many]... of an update that was seen before, or is decoded now. */
  function remembered(bytes) {
    const key = bytes.latin1Slice(0, KEY_BYTES);
    const found = kept.get(key);
    if (found !== undefined && found.bytes.equals(bytes)) return found.ranges;
    const ranges = Y.decodeUpdate(bytes).structs.map(({ id, length }) => [id.client, id.clock, length]);
    kept.delete(key);
    kept.set(key, { bytes: Buffer.from(bytes), ranges });
    if (kept.size > KEPT_MAX) kept.delete(kept.keys().next().value);
    return ranges;
  }

  /** Calls `each(client, clock, length)` for what `bytes` from `from` to `end` bring, in update format 1. */
  return function readUpdate(bytes, from, end, each) {
    const update = bytes.subarray(from, end);
    const decoder = decoding.createDecoder(update);
    const clients = decoding.readVarUint(decoder);
    if (clients === 0) return;
    const structs = decoding.readVarUint(decoder);
    if (clients === 1 && structs === 1) {
      const client = decoding.readVarUint(decoder);
      each(client, decoding.readVarUint(decoder), 1);
      return;
    }
    for (const [client, clock, length] of remembered(update)) each(client, clock, length);
  };
}
