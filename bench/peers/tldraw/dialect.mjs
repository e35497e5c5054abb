// What tldraw's sync says on the wire: JSON in text messages. A push holds a diff of records; its author hears a
// push_result with the push's clock, everybody else a patch, and both come in arrays, as many as a sixtieth of a second
// brought. See ../dialects.mjs for what a dialect is.
import { getTlsyncProtocolVersion } from "@tldraw/sync-core";
import { createTLSchema, toRichText } from "@tldraw/tlschema";
import { getIndices } from "@tldraw/utils";
import { MADE_AT, moveAt, numberedPlaceOf, placeOf, textOf } from "../content.mjs";
import { newKept } from "../kept.mjs";
import { frameOfText } from "../socket.mjs";

const PING_MS = 5000; // as tldraw's client does; after 20 s of silence its server drops a session
const CREATED_CLOCK = 0; // of a writer's pushes, their moves following
const FILL_CLOCK = -1; // nobody waits for what came of these
const OBJECT = "shape:object-";
const STICKY = "shape:sticky-";
const TYPE_AT = '{"type":"'.length; // servers begin all messages so
const DATA = "d".charCodeAt(0);
const CONNECT = "c".charCodeAt(0);

const say = (message) => frameOfText(JSON.stringify(message));
const pushFrame = (clientClock, diff) => say({ type: "push", clientClock, diff });

const noteProps = {
  color: "yellow", labelColor: "black", size: "m", font: "draw", fontSizeAdjustment: null, align: "middle",
  verticalAlign: "middle", growY: 0, url: "", scale: 1, textLastEditedBy: null,
};

function noteOf(id, [x, y], index, text) {
  const shape = { typeName: "shape", type: "note", parentId: "page:page", rotation: 0, isLocked: false, opacity: 1 };
  return { id, x, y, index, ...shape, props: { ...noteProps, richText: toRichText(text) }, meta: {} };
}

function writer(index, count) {
  const id = OBJECT + index;
  const [order] = getIndices(0);
  const note = noteOf(id, numberedPlaceOf(MADE_AT), order, "");
  const moves = Array.from({ length: count }, (_, move) => {
    const [x, y] = numberedPlaceOf(move);
    return pushFrame(CREATED_CLOCK + 1 + move, { [id]: ["patch", { x: ["put", x], y: ["put", y] }] });
  });
  return { created: pushFrame(CREATED_CLOCK, { [id]: ["put", note] }), moves };
}

function fill(count, perMessage) {
  const orders = getIndices(count);
  const entryOf = (number) => {
    const id = STICKY + number;
    return [id, ["put", noteOf(id, placeOf(number), orders[number], textOf(number))]];
  };
  const frames = [];
  for (let made = 0; made < count; made += perMessage) {
    const length = Math.min(perMessage, count - made);
    frames.push(pushFrame(FILL_CLOCK, Object.fromEntries(Array.from({ length }, (_, at) => entryOf(made + at)))));
  }
  return { frames, last: count - 1 };
}

/** What a push came to: these clients touch nothing of each other's, so it was taken as it was. */
function echo({ clientClock, action }) {
  if (action !== "commit") throw new Error(`a push came to ${JSON.stringify(action)}`);
  if (clientClock === FILL_CLOCK) return [];
  if (clientClock === CREATED_CLOCK) return [(hear) => hear.created(hear.writer)];
  return [(hear) => hear.moved(hear.writer, clientClock - CREATED_CLOCK - 1, 1)];
}

function change([id, [kind, record]]) {
  if (id.startsWith(STICKY)) return [(hear) => hear.filled(Number(id.slice(STICKY.length)))];
  if (!id.startsWith(OBJECT)) return [];
  const index = Number(id.slice(OBJECT.length));
  if (kind === "put") return [(hear) => hear.created(index)];
  const move = moveAt(record.x[1]);
  return [(hear) => hear.moved(index, move, 1)];
}

function told(bytes) {
  return JSON.parse(bytes).data.flatMap((part) =>
    part.type === "push_result" ? echo(part) : Object.entries(part.diff).flatMap(change),
  );
}

function newBoard() {
  const moves = [];
  return {
    take(bytes, start, end) {
      if (bytes[start + TYPE_AT] !== CONNECT) return false;
      for (const [id, [, record]] of Object.entries(JSON.parse(bytes.subarray(start, end)).diff)) {
        if (id.startsWith(OBJECT)) moves[Number(id.slice(OBJECT.length))] = moveAt(record.x) + 1;
      }
      return true;
    },
    movesOf: (index) => moves[index] ?? 0,
  };
}

export function tldraw(document) {
  const connect = say({
    type: "connect", connectRequestId: "load", lastServerClock: -1, protocolVersion: getTlsyncProtocolVersion(),
    schema: createTLSchema().serialize(),
  });
  const decoded = newKept(told);
  let sessions = 0;
  return {
    path: () => `/${document}?sessionId=${process.pid}-${sessions++}`,
    greetings: [connect],
    keepAlive: { frame: say({ type: "ping" }), everyMs: PING_MS },
    writer,
    fill,
    read(bytes, start, end, hear) {
      const type = bytes[start + TYPE_AT];
      if (type === CONNECT) hear.state();
      else if (type === DATA) for (const tell of decoded(bytes.subarray(start, end))) tell(hear);
    },
    newBoard,
  };
}
