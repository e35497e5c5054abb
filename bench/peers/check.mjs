// Joins a server that was killed and started again, and counts the moves that had come back to their author and are not
// there any more.
//
//   node check.mjs --peer NAME --port N --acks FILE
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { dialects } from "./dialects.mjs";
import { openSocket } from "./socket.mjs";

const QUIET_MS = 2000; // a server may send what it loads after its first answer

const { values } = parseArgs({
  options: { peer: { type: "string" }, port: { type: "string" }, acks: { type: "string" } },
});
const dialect = dialects[values.peer]("board");
const board = dialect.newBoard();
const ignore = () => {};
const hear = { writer: 0, state: ignore, created: ignore, moved: ignore, filled: ignore, say: undefined };

function judge() {
  const echoed = JSON.parse(readFileSync(values.acks, "utf8"));
  const sum = (counts) => counts.reduce((all, count) => all + count, 0);
  const lost = sum(echoed.map((count, writer) => Math.max(0, count - board.movesOf(writer))));
  console.log(JSON.stringify({ acknowledged: sum(echoed), lost }));
  process.exit(0);
}

let quiet = setTimeout(judge, 10 * QUIET_MS);
openSocket(Number(values.port), dialect.path(), {
  opened(send) {
    hear.say = send;
    dialect.greetings.forEach(send);
  },
  message(bytes, start, end) {
    dialect.read(bytes, start, end, hear);
    if (!board.take(bytes, start, end)) return;
    clearTimeout(quiet);
    quiet = setTimeout(judge, QUIET_MS);
  },
  closed(reason) {
    console.error(reason);
    process.exit(2);
  },
});
