// What y-websocket and Hocuspocus say on the wire: both carry y-protocols' sync messages, Hocuspocus with the
// document's name before each, after a token. Messages are made and read here; not here: sockets, and what an update
// holds.
import * as decoding from "lib0/decoding";
import * as encoding from "lib0/encoding";
import * as sync from "y-protocols/sync";
import * as Y from "yjs";
import { frameOf } from "./socket.mjs";

const MESSAGE_SYNC = 0;
const MESSAGE_AUTH = 2;
const MESSAGE_SYNC_REPLY = 4;
const AUTH_TOKEN = 0;

function made(write) {
  const encoder = encoding.createEncoder();
  write(encoder);
  return encoding.toUint8Array(encoder);
}

function dialect(path, prefix, greetings) {
  const syncFrame = (write) =>
    frameOf(
      made((encoder) => {
        encoding.writeUint8Array(encoder, prefix);
        encoding.writeVarUint(encoder, MESSAGE_SYNC);
        write(encoder);
      }),
    );
  return {
    path,
    /** What somebody who has nothing says when they come. */
    hello: () => [...greetings, syncFrame((encoder) => sync.writeSyncStep1(encoder, new Y.Doc()))],
    updateFrame: (update) => syncFrame((encoder) => sync.writeUpdate(encoder, update)),
    /**
     * "state" (the answer to hello) or "update" and where its bytes begin; undefined for what else servers say. Types
     * are numbers below 128 and so one byte each.
     */
    read(bytes, start) {
      const at = start + prefix.length;
      const type = bytes[at];
      if (type !== MESSAGE_SYNC && type !== MESSAGE_SYNC_REPLY) return undefined;
      if (bytes[at + 1] === sync.messageYjsSyncStep1) return undefined;
      let length = at + 2;
      while (bytes[length] >= 0x80) length++;
      return { kind: bytes[at + 1] === sync.messageYjsSyncStep2 ? "state" : "update", from: length + 1 };
    },
  };
}

export const dialects = {
  "y-websocket": (document) => dialect(`/${document}`, new Uint8Array(0), []),
  hocuspocus: (document) => {
    const prefix = made((encoder) => encoding.writeVarString(encoder, document));
    const token = made((encoder) => {
      encoding.writeUint8Array(encoder, prefix);
      encoding.writeVarUint(encoder, MESSAGE_AUTH);
      encoding.writeVarUint(encoder, AUTH_TOKEN);
      encoding.writeVarString(encoder, "token");
    });
    return dialect("/", prefix, [frameOf(token)]);
  },
};
