// Bytes as a hostile client wants them: a socket over TCP or TLS, HTTP as text, WebSocket frames and MessagePack by
// hand. What it knows of the protocol it knows to break it; nothing here is the web client's.

import { connect } from "node:net";
import { connect as connectSecurely } from "node:tls";

/** Marks where pack() takes bytes as they are. */
export class Raw {
  constructor(bytes) {
    this.bytes = Buffer.from(bytes);
  }
}

/** MessagePack of numbers, texts, arrays, Buffers, null and Raw. Integers below 2^53. */
export function pack(value) {
  if (value === null) return Buffer.from([0xc0]);
  if (value instanceof Raw) return value.bytes;
  if (typeof value === "number") return packNumber(value);
  if (typeof value === "string") return packBytes(0xdb, Buffer.from(value));
  if (Buffer.isBuffer(value)) return packBytes(0xc6, value);
  const head = Buffer.from([0xdc, value.length >> 8, value.length & 255]);
  return Buffer.concat([head, ...value.map(pack)]);
}

function packNumber(value) {
  const bytes = Buffer.alloc(9);
  if (Number.isInteger(value) && value >= 0) {
    bytes[0] = 0xcf;
    bytes.writeBigUInt64BE(BigInt(value), 1);
  } else {
    bytes[0] = 0xcb;
    bytes.writeDoubleBE(value, 1);
  }
  return bytes;
}

function packBytes(type, bytes) {
  const head = Buffer.alloc(5);
  head[0] = type;
  head.writeUInt32BE(bytes.length, 1);
  return Buffer.concat([head, bytes]);
}

/** The first fields of a message, as far as they are numbers; bytes and texts are passed over, the rest ends it. */
export function leadingNumbers(bytes) {
  const numbers = [];
  let at = 1;
  while (at < bytes.length && numbers.length < 8) {
    const type = bytes[at];
    if (type < 0x80) numbers.push(type), (at += 1);
    else if (type === 0xcc) numbers.push(bytes[at + 1]), (at += 2);
    else if (type === 0xcd) numbers.push(bytes.readUInt16BE(at + 1)), (at += 3);
    else if (type === 0xce) numbers.push(bytes.readUInt32BE(at + 1)), (at += 5);
    else if (type === 0xcf) numbers.push(Number(bytes.readBigUInt64BE(at + 1))), (at += 9);
    else if (type === 0xc4) numbers.push(bytes.subarray(at + 2, at + 2 + bytes[at + 1])), (at += 2 + bytes[at + 1]);
    else break;
  }
  return numbers;
}

export const Op = { CONTINUE: 0, TEXT: 1, BINARY: 2, CLOSE: 8, PING: 9 };
export const FIN = 0x80;

/** A frame's header that announces `length` bytes, with a mask of zeros. */
export function frameHeader(first, length) {
  const bytes = Buffer.alloc(14);
  bytes[0] = first;
  if (length < 126) {
    bytes[1] = 0x80 | length;
    return bytes.subarray(0, 6);
  }
  bytes[1] = 0x80 | 127;
  bytes.writeBigUInt64BE(BigInt(length), 2);
  return bytes;
}

export function frame(first, payload) {
  return Buffer.concat([frameHeader(first, payload.length), payload]);
}

export const message = (...fields) => frame(FIN | Op.BINARY, pack(fields));

/** One hostile client's connection. How it ended: `http` status, or `code` of ERROR and `close` status; all 0 when the
 * server just hung up. */
export class Wire {
  http = 0;
  code = 0;
  close = 0;
  ended = false;
  helps = false; // the others in what they do: it is not to be refused
  welcome = null; // lineage, replica, hwm, head
  onMessage = () => {};
  #input = Buffer.alloc(0);
  #upgraded = false;
  #waiting = [];

  constructor(server) {
    const options = { host: "127.0.0.1", port: server.port, rejectUnauthorized: false };
    this.server = server;
    this.socket = server.secure ? connectSecurely(options) : connect(options);
    this.socket.setNoDelay(true);
    this.socket.on("data", (bytes) => this.#take(bytes));
    this.socket.on("error", () => {});
    this.gone = new Promise((resolve) =>
      this.socket.once("close", () => {
        this.ended = true;
        this.#wake();
        resolve();
      }),
    );
  }

  write(bytes) {
    if (!this.ended) this.socket.write(bytes);
  }

  /** Whether more should be written: the kernel has taken what was. */
  takes() {
    return this.socket.writableLength < 100_000;
  }

  drop() {
    this.socket.destroy();
  }

  upgrade(origin) {
    this.write(
      `GET /ws/${this.server.board} HTTP/1.1\r\nHost: board.example\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n" +
        `Sec-WebSocket-Protocol: plenum.1\r\n${origin === undefined ? "" : `Origin: ${origin}\r\n`}\r\n`,
    );
    return this.until(() => this.http !== 0);
  }

  /** As far as WELCOME. */
  async join(ticket, lineage = null, replica = null) {
    await this.upgrade();
    this.write(message(1, this.server.schema, ticket, lineage, replica, null));
    return this.until(() => this.welcome !== null);
  }

  /** Resolves when it is so, or the socket has ended: whether it is so. */
  until(test) {
    if (test() || this.ended) return Promise.resolve(test());
    return new Promise((resolve) => this.#waiting.push({ test, resolve }));
  }

  #wake() {
    this.#waiting = this.#waiting.filter(({ test, resolve }) => {
      const so = test();
      if (so || this.ended) resolve(so);
      return !so && !this.ended;
    });
  }

  #take(bytes) {
    this.#input = this.#input.length === 0 ? bytes : Buffer.concat([this.#input, bytes]);
    if (!this.#upgraded) this.#takeHead();
    while (this.#upgraded && this.#takeFrame());
    this.#wake();
  }

  #takeHead() {
    const end = this.#input.indexOf("\r\n\r\n");
    if (end < 0) return;
    this.http = Number(this.#input.toString("latin1", 9, 12));
    this.#upgraded = this.http === 101;
    this.#input = this.#upgraded ? this.#input.subarray(end + 4) : Buffer.alloc(0);
  }

  #takeFrame() {
    const input = this.#input;
    if (input.length < 2) return false;
    const wide = input[1] === 127 ? 8 : input[1] === 126 ? 2 : 0;
    if (input.length < 2 + wide) return false;
    const length = wide === 8 ? Number(input.readBigUInt64BE(2)) : wide === 2 ? input.readUInt16BE(2) : input[1];
    if (input.length < 2 + wide + length) return false;
    this.#frame(input[0] & 15, input.subarray(2 + wide, 2 + wide + length));
    this.#input = input.subarray(2 + wide + length);
    return true;
  }

  #frame(op, payload) {
    if (op === Op.CLOSE) this.close = payload.length >= 2 ? payload.readUInt16BE(0) : 1005;
    if (op !== Op.BINARY) return;
    const [type, ...numbers] = leadingNumbers(payload);
    this.onMessage(type);
    if (type === 16) this.code = numbers[0];
    if (type === 2) this.welcome = { lineage: numbers[0], replica: numbers[1], hwm: numbers[2], head: numbers[3] };
  }
}

/** A request over a socket of its own: status, body, and the cookie it was given. */
export function request(server, method, path, body = "", cookie = "") {
  return new Promise((resolve) => {
    const wire = new Wire(server);
    let text = "";
    wire.socket.on("data", (bytes) => (text += bytes));
    wire.write(
      `${method} ${path} HTTP/1.1\r\nHost: board.example\r\nConnection: close\r\n` +
        (cookie === "" ? "" : `Cookie: ${cookie}\r\n`) +
        `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    );
    void wire.gone.then(() => {
      const [head, ...rest] = text.split("\r\n\r\n");
      const given = /\r\nSet-Cookie: ([^;\r]*)/i.exec(head);
      const status = Number(head.slice(9, 12));
      resolve({ status, body: rest.join("\r\n\r\n"), cookie: given === null ? cookie : given[1] });
    });
  });
}
