// What is written, encoded before the clock runs: each writer moves one object of a map of maps by setting its
// position, a transaction each, as `plenum-load --moves` moves a sticky. Nobody else touches the object, so no writer
// needs to have read what the others wrote, and a position's clock tells which of its writer's moves it was.
import * as Y from "yjs";

export const FIRST_CLIENT = 0x40000000; // as long on the wire as the random ones that yjs draws
export const FILLER_CLIENT = 0x7fff0000;
const BOARD_EXTENT = 4000;

const placeOf = (step) => [((step * 7) % BOARD_EXTENT) + 0.5, ((step * 3) % BOARD_EXTENT) + 0.25];

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
  return { client: doc.clientID, created, firstClock, moves };
}

const words = "idea plan risk next team done keep start stop why how user test ship care time cost goal".split(" ");

function stickyOf(number) {
  const length = 3 + (number % 10);
  const text = Array.from({ length }, (_, at) => words[(number * 7 + at * 3) % words.length]).join(" ");
  const fields = { kind: "sticky", pos: placeOf(number), size: [200, 200], colour: number % 8, order: `a${number}` };
  return new Y.Map([...Object.entries(fields), ["text", new Y.Text(text)]]);
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
