// What y-websocket and Hocuspocus say on the wire: both carry y-protocols' sync messages, Hocuspocus with the
// document's name before each, after a token. See ../dialects.mjs for what a dialect is. Not here: what an update
// holds.
import * as decoding from "lib0/decoding";
import * as encoding from "lib0/encoding";
import * as sync from "y-protocols/sync";
import * as Y from "yjs";
import { frameOf } from "../socket.mjs";
import { newUpdateReader } from "./updates.mjs";
import { FILLER_CLIENT, FIRST_CLIENT, fill, newWriter } from "./writers.mjs";

const MESSAGE_SYNC = 0;
const MESSAGE_AUTH = 2;
const MESSAGE_SYNC_REPLY = 4;
const AUTH_TOKEN = 0;

function made(write) {
  const encoder = encoding.createEncoder();
  write(encoder);
  return encoding.toUint8Array(encoder);
}

/** The clock of a writer's first move: making the object takes as many in all of them. */
const { firstClock } = newWriter(0, 0);

/** Tells what so many of a client's structs are: a writer's object is made first, and each move is one. */
function tell(hear, client, clock, length) {
  if (client === FILLER_CLIENT) return hear.filled(clock + length - 1);
  const writer = client - FIRST_CLIENT;
  if (clock === 0) hear.created(writer);
  const first = Math.max(clock, firstClock);
  if (clock + length > first) hear.moved(writer, first - firstClock, clock + length - first);
}

function newDialect(path, prefix, greetings) {
  const syncFrame = (write) =>
    frameOf(
      made((encoder) => {
        encoding.writeUint8Array(encoder, prefix);
        encoding.writeVarUint(encoder, MESSAGE_SYNC);
        write(encoder);
      }),
    );
  const updateFrame = (update) => syncFrame((encoder) => sync.writeUpdate(encoder, update));
  const readUpdate = newUpdateReader();

  /**
   * Whether it is the whole state, and where its bytes begin; undefined for what else servers say. Types are numbers
   * below 128 and so one byte each.
   */
  function updateAt(bytes, start) {
    const at = start + prefix.length;
    const type = bytes[at];
    if (type !== MESSAGE_SYNC && type !== MESSAGE_SYNC_REPLY) return undefined;
    if (bytes[at + 1] === sync.messageYjsSyncStep1) return undefined;
    let length = at + 2;
    while (bytes[length] >= 0x80) length++;
    return { isState: bytes[at + 1] === sync.messageYjsSyncStep2, from: length + 1 };
  }

  return {
    path: () => path,
    greetings: [...greetings, syncFrame((encoder) => sync.writeSyncStep1(encoder, new Y.Doc()))],
    keepAlive: undefined, // awareness is in none of this, and both servers ping sockets
    writer(index, count) {
      const { created, moves } = newWriter(index, count);
      return { created: updateFrame(created), moves: moves.map(updateFrame) };
    },
    fill(count, perMessage) {
      const { updates, lastClock } = fill(count, perMessage);
      return { frames: updates.map(updateFrame), last: lastClock };
    },
    read(bytes, start, end, hear) {
      const found = updateAt(bytes, start);
      if (found === undefined) return;
      if (found.isState) hear.state();
      else readUpdate(bytes, found.from, end, (client, clock, length) => tell(hear, client, clock, length));
    },
    newBoard() {
      const doc = new Y.Doc();
      return {
        take(bytes, start, end) {
          const found = updateAt(bytes, start);
          if (found === undefined) return false;
          Y.applyUpdate(doc, bytes.subarray(found.from, end));
          return true;
        },
        movesOf: (index) => Math.max(0, Y.getState(doc.store, FIRST_CLIENT + index) - firstClock),
      };
    },
  };
}

export const yWebsocket = (document) => newDialect(`/${document}`, new Uint8Array(0), []);

export function hocuspocus(document) {
  const prefix = made((encoder) => encoding.writeVarString(encoder, document));
  const token = made((encoder) => {
    encoding.writeUint8Array(encoder, prefix);
    encoding.writeVarUint(encoder, MESSAGE_AUTH);
    encoding.writeVarUint(encoder, AUTH_TOKEN);
    encoding.writeVarString(encoder, "token");
  });
  return newDialect("/", prefix, [frameOf(token)]);
}
