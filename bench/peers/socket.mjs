// The client's side of a WebSocket on a plain TCP socket, so that reading a frame costs the load as little as it can:
// no extension is offered, the mask is zero, and a message is told as a range of the bytes that came; only a frame that
// came in parts is copied. Not here: what a message means (dialects.mjs).
import { connect } from "node:net";

const OPCODE_TEXT = 1;
const OPCODE_BINARY = 2;
const OPCODE_CLOSE = 8;
const OPCODE_PING = 9;
const OPCODE_PONG = 10;

const arrived = Buffer.alloc(256 * 1024); // of whichever socket is being read: what must stay is copied

/** A whole masked frame. A mask of zero is a mask: the payload stands in it as it is, and can be made beforehand. */
export function frameOf(payload, opcode = OPCODE_BINARY) {
  const extra = payload.length < 126 ? 0 : payload.length < 65536 ? 2 : 8;
  const frame = Buffer.alloc(2 + extra + 4 + payload.length);
  frame[0] = 0x80 | opcode;
  frame[1] = 0x80 | (extra === 0 ? payload.length : extra === 2 ? 126 : 127);
  if (extra === 2) frame.writeUInt16BE(payload.length, 2);
  if (extra === 8) frame.writeBigUInt64BE(BigInt(payload.length), 2);
  frame.set(payload, 6 + extra);
  return frame;
}

export const frameOfText = (text) => frameOf(Buffer.from(text), OPCODE_TEXT);

/** How long the head and the whole of the frame at `at` are; as much of either as is known before the head is whole. */
function frameAt(bytes, at) {
  const there = bytes.length - at;
  if (there < 2) return { head: 2, size: 2 };
  const short = bytes[at + 1] & 0x7f;
  const head = short < 126 ? 2 : short === 126 ? 4 : 10;
  if (there < head) return { head, size: head };
  let length = short;
  if (short === 126) length = bytes.readUInt16BE(at + 2);
  if (short === 127) length = Number(bytes.readBigUInt64BE(at + 2));
  return { head, size: head + length };
}

/**
 * Connects to 127.0.0.1. `opened(send)` comes when frames may be sent, `message(bytes, start, end, nowMs)` for each
 * message (the bytes are borrowed until it returns), `closed(reason)` once when it is over, however it ended.
 */
export function openSocket(port, path, { opened, message, closed }) {
  let part; // of what came in parts: a buffer for all of it, of which `held` bytes are there
  let held = 0;
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

  function take(bytes, opcode, start, end, nowMs) {
    if (opcode === OPCODE_PING) socket.write(frameOf(bytes.subarray(start, end), OPCODE_PONG));
    else if (opcode === OPCODE_CLOSE) socket.end();
    else if (opcode === OPCODE_TEXT || opcode === OPCODE_BINARY) message(bytes, start, end, nowMs);
  }

  function hold(bytes, size) {
    part = Buffer.allocUnsafe(size);
    held = bytes.copy(part);
  }

  function takeAll(bytes, nowMs) {
    let at = upgraded ? 0 : handshake(bytes);
    if (!upgraded) return hold(bytes, bytes.length + 1);
    while (at < bytes.length) {
      const { head, size } = frameAt(bytes, at);
      if (bytes.length - at < size) return hold(bytes.subarray(at), size);
      take(bytes, bytes[at] & 0x0f, at + head, at + size, nowMs);
      at += size;
    }
  }

  function read(chunk) {
    const nowMs = performance.now();
    let at = 0;
    while (held > 0 && at < chunk.length) {
      const taken = chunk.copy(part, held, at);
      at += taken;
      held += taken;
      if (held < part.length) return true;
      const whole = part;
      held = 0;
      takeAll(whole, nowMs);
    }
    if (at < chunk.length) takeAll(chunk.subarray(at), nowMs);
    return true;
  }
  socket.on("error", (error) => {
    reason = error.message;
  });
  socket.on("close", () => closed(reason));
  return { close: () => socket.destroy() };
}
