// The client's side of a WebSocket on a plain TCP socket, so that reading a frame costs the load as little as it can:
// no extension is offered, the mask is zero, and a message is told as a range of the bytes that came, without a copy.
// Not here: what a message means (dialect.mjs).
import { connect } from "node:net";

const OPCODE_TEXT = 1;
const OPCODE_CLOSE = 8;
const OPCODE_PING = 9;
const OPCODE_PONG = 10;

const NOTHING = Buffer.alloc(0);
const arrived = Buffer.alloc(256 * 1024); // of whichever socket is being read: what must stay is copied

/** A whole masked frame. A mask of zero is a mask: the payload stands in it as it is, and can be made beforehand. */
export function frameOf(payload, opcode = 2) {
  const extra = payload.length < 126 ? 0 : payload.length < 65536 ? 2 : 8;
  const frame = Buffer.alloc(2 + extra + 4 + payload.length);
  frame[0] = 0x80 | opcode;
  frame[1] = 0x80 | (extra === 0 ? payload.length : extra === 2 ? 126 : 127);
  if (extra === 2) frame.writeUInt16BE(payload.length, 2);
  if (extra === 8) frame.writeBigUInt64BE(BigInt(payload.length), 2);
  frame.set(payload, 6 + extra);
  return frame;
}

/** Where the payload of the frame at `at` begins and ends; undefined when its head or its end has not come yet. */
function extent(bytes, at) {
  if (bytes.length - at < 2) return undefined;
  const short = bytes[at + 1] & 0x7f;
  const head = short < 126 ? 2 : short === 126 ? 4 : 10;
  if (bytes.length - at < head) return undefined;
  let length = short;
  if (short === 126) length = bytes.readUInt16BE(at + 2);
  if (short === 127) length = Number(bytes.readBigUInt64BE(at + 2));
  const start = at + head;
  return bytes.length - start < length ? undefined : { start, end: start + length };
}

/**
 * Connects to 127.0.0.1. `opened(send)` comes when frames may be sent, `message(bytes, start, end, nowMs)` for each
 * binary message (the bytes are borrowed until it returns), `closed(reason)` once when it is over, however it ended.
 */
export function openSocket(port, path, { opened, message, closed }) {
  let rest = NOTHING;
  let upgraded = false;
  let reason = "the connection was closed";
  const onread = { buffer: arrived, callback: (count) => read(arrived.subarray(0, count)) };
  const socket = connect({ port, host: "127.0.0.1", noDelay: true, onread });

  socket.on("connect", () => {
    socket.write(
      `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n",
    );
  });

  /** How many bytes the answer to the handshake takes; 0 while it has not come whole. */
  function handshake(bytes) {
    const end = bytes.indexOf("\r\n\r\n");
    if (end < 0) return 0;
    if (!bytes.toString("latin1", 0, end).startsWith("HTTP/1.1 101")) {
      reason = "the upgrade was refused";
      socket.destroy();
      return 0;
    }
    upgraded = true;
    opened((frame) => socket.write(frame));
    return end + 4;
  }

  function take(bytes, opcode, { start, end }, nowMs) {
    if (opcode === OPCODE_PING) socket.write(frameOf(bytes.subarray(start, end), OPCODE_PONG));
    else if (opcode === OPCODE_CLOSE) socket.end();
    else if (opcode > OPCODE_TEXT && opcode < OPCODE_CLOSE) message(bytes, start, end, nowMs);
  }

  function read(chunk) {
    const nowMs = performance.now();
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let at = upgraded ? 0 : handshake(bytes);
    while (upgraded) {
      const range = extent(bytes, at);
      if (range === undefined) break;
      take(bytes, bytes[at] & 0x0f, range, nowMs);
      at = range.end;
    }
    rest = at === bytes.length ? NOTHING : Buffer.from(bytes.subarray(at));
    return true;
  }
  socket.on("error", (error) => {
    reason = error.message;
  });
  socket.on("close", () => closed(reason));
  return { close: () => socket.destroy() };
}
