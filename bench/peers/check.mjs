// Joins a server that was killed and started again, and counts the moves that had come back to their author and are not
// there any more: a document's state vector tells how far each writer's clocks go in it.
//
//   node check.mjs --peer y-websocket|hocuspocus --port N --acks FILE
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import * as Y from "yjs";
import { dialects } from "./dialect.mjs";
import { openSocket } from "./socket.mjs";

const QUIET_MS = 2000; // a server may send what it loads after its first answer

const { values } = parseArgs({
  options: { peer: { type: "string" }, port: { type: "string" }, acks: { type: "string" } },
});
const dialect = dialects[values.peer]("board");
const doc = new Y.Doc();

function judge() {
  const writers = JSON.parse(readFileSync(values.acks, "utf8"));
  const acknowledged = writers.reduce((sum, { echoed }) => sum + echoed, 0);
  const lost = writers.reduce((sum, { client, firstClock, echoed }) => {
    const there = Math.max(0, Y.getState(doc.store, client) - firstClock);
    return sum + Math.max(0, echoed - there);
  }, 0);
  console.log(JSON.stringify({ acknowledged, lost }));
  process.exit(0);
}

let quiet = setTimeout(judge, 10 * QUIET_MS);
openSocket(Number(values.port), dialect.path, {
  opened: (send) => dialect.hello().forEach(send),
  message(bytes, start, end) {
    const found = dialect.read(bytes, start);
    if (found === undefined) return;
    Y.applyUpdate(doc, bytes.subarray(found.from, end));
    clearTimeout(quiet);
    quiet = setTimeout(judge, QUIET_MS);
  },
  closed(reason) {
    console.error(reason);
    process.exit(2);
  },
});
