// Tells which clocks an update brings. Servers may merge what came in one turn of theirs: the head tells of one struct,
// and anything longer is decoded.
import * as decoding from "lib0/decoding";
import * as Y from "yjs";
import { newKept } from "../kept.mjs";

/** [client, first clock, how many]... */
const rangesOf = (update) => Y.decodeUpdate(update).structs.map(({ id, length }) => [id.client, id.clock, length]);

export function newUpdateReader() {
  const decoded = newKept(rangesOf);

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
    for (const [client, clock, length] of decoded(update)) each(client, clock, length);
  };
}
