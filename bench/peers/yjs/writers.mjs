// What is written, as updates: each writer moves one object of a map of maps by setting its position, a transaction
// each, as `plenum-load --moves` moves a sticky. A position's clock tells which of its writer's moves it was.
import * as Y from "yjs";
import { placeOf, textOf } from "../content.mjs";

export const FIRST_CLIENT = 0x40000000; // as long on the wire as the random ones that yjs draws
export const FILLER_CLIENT = 0x7fff0000;

function newDoc(client) {
  const doc = new Y.Doc();
  doc.clientID = client;
  const updates = [];
  doc.on("update", (update) => updates.push(update));
  return { doc, objects: doc.getMap("objects"), updates };
}

/** `created` makes the object; `moves` are updates of it, of which the n-th has the clock `firstClock + n`. */
export function newWriter(index, moveCount) {
  const { doc, objects, updates } = newDoc(FIRST_CLIENT + index);
  const object = new Y.Map([["pos", placeOf(index)]]);
  objects.set(`object-${index}`, object);
  const firstClock = Y.getState(doc.store, doc.clientID);
  for (let n = 0; n < moveCount; n++) object.set("pos", placeOf(n));
  const [created, ...moves] = updates;
  return { created, firstClock, moves };
}

function stickyOf(number) {
  const fields = { kind: "sticky", pos: placeOf(number), size: [200, 200], colour: number % 8, order: `a${number}` };
  return new Y.Map([...Object.entries(fields), ["text", new Y.Text(textOf(number))]]);
}

/** Updates that fill a board with stickies of 3 to 12 words, so many in a transaction. The last one's clock besides. */
export function fill(count, perTransaction) {
  const { doc, objects, updates } = newDoc(FILLER_CLIENT);
  let lastClock = 0;
  for (let made = 0; made < count; ) {
    lastClock = Y.getState(doc.store, doc.clientID);
    doc.transact(() => {
      for (let n = 0; n < perTransaction && made < count; n++, made++) objects.set(`sticky-${made}`, stickyOf(made));
    });
  }
  return { updates, lastClock };
}
