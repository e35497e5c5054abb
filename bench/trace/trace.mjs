// Carries out a plan (bench/trace/plan.h) by the WebAssembly engine: node trace.mjs PROTO_WASM <PLAN. What the plan
// looks like, and what answers it, stands in bench/trace/node.c. One call of the engine per edit, encoded by hand into
// its memory; text is a JavaScript string until then, as it would be in a browser.
import { readFileSync, writeSync } from "node:fs";

const Method = { LOAD: 1, IDENTIFY: 3, OPS: 4, EDIT: 6, PENDING: 9, SNAPSHOT: 11, TEXT_MAX: 13 };
const Step = { OPEN: 0, CREATE: 1, EDIT: 2, SETTLE: 3, TAKE: 4, PARK: 5, WAKE: 6, AGREE: 7 };
const KIND_TEXT = 4;
const FIELD_TEXT = 5;
const MESSAGE_OPS = 7;
const nobody = 0x7ffffffe; // a replica that wrote nothing

// ---- the plan ----

function readPlan(bytes) {
  const aligned = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  const words = new Uint32Array(aligned, 0, aligned.byteLength >>> 2);
  const [repeat, peers, setup, stepCount, patchCount] = words;
  const steps = words.subarray(6, 6 + 4 * stepCount);
  const rows = words.subarray(6 + 4 * stepCount, 6 + 4 * (stepCount + patchCount));
  const text = Buffer.from(aligned, 4 * (6 + 4 * (stepCount + patchCount)));
  const patches = Array.from({ length: patchCount }, (_, i) => {
    const [at, removed, from, length] = rows.subarray(4 * i, 4 * i + 4);
    return { at, removed, inserted: text.toString("utf8", from, from + length) };
  });
  return { repeat, peers, setup, steps, patches };
}

// ---- MessagePack, as much of it as goes to and fro ----

/** Writes at `at` of a view on the engine's memory. Numbers are always five bytes: the engine reads any form. */
class Writer {
  view = new Uint8Array(0);
  at = 0;

  byte(value) {
    this.view[this.at++] = value;
  }
  word(tag, value) {
    const { view, at } = this;
    view[at] = tag;
    view[at + 1] = value >>> 24;
    view[at + 2] = value >>> 16;
    view[at + 3] = value >>> 8;
    view[at + 4] = value;
    this.at = at + 5;
  }
  uint(value) {
    this.word(0xce, value);
  }
  array(count) {
    this.word(0xdd, count);
  }
  raw(bytes) {
    this.view.set(bytes, this.at);
    this.at += bytes.length;
  }
  string(text) {
    const start = this.at;
    this.at += 5;
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      if (unit > 0x7f) {
        this.at += encoder.encodeInto(text.slice(i), this.view.subarray(this.at)).written;
        break;
      }
      this.view[this.at++] = unit;
    }
    const end = this.at;
    this.at = start;
    this.word(0xdb, end - start - 5);
    this.at = end;
  }
}
const encoder = new TextEncoder();

class Reader {
  constructor(bytes) {
    this.bytes = bytes;
    this.at = 0;
  }
  sized(width) {
    let value = 0;
    for (let i = 0; i < width; i++) value = value * 256 + this.bytes[this.at++];
    return value;
  }
  uint() {
    const tag = this.bytes[this.at++];
    return tag < 0x80 ? tag : this.sized(1 << (tag & 3)); // cc, cd, ce, cf
  }
  array() {
    const tag = this.bytes[this.at++];
    return tag < 0xa0 ? tag & 15 : this.sized(tag === 0xdc ? 2 : 4);
  }
  /** A copy: the engine's output lasts until its next call. */
  bin() {
    const length = this.sized(1 << (this.bytes[this.at++] - 0xc4)); // c4, c5, c6
    this.at += length;
    return this.bytes.slice(this.at - length, this.at);
  }
}

// ---- one replica ----

class Peer {
  constructor(exports, id) {
    this.exports = exports;
    this.id = id;
    this.writer = new Writer();
    this.gesture = 1;
    this.seq = 0;
    this.parked = undefined;
    this.open();
    this.identify();
  }
  open() {
    this.handle = this.exports.pl_wasm_new();
    if (this.handle === 0) throw new Error("no memory for a replica");
    this.begin(8);
    this.writer.byte(0x91);
    this.writer.uint(0xffffffff);
    this.call(Method.TEXT_MAX);
  }
  identify() {
    this.begin(16);
    this.writer.byte(0x93);
    this.writer.uint(this.id);
    this.writer.uint(0);
    this.writer.uint(this.id);
    this.call(Method.IDENTIFY);
  }
  /** Room for a request of at most so many bytes. */
  begin(capacity) {
    const { exports, writer } = this;
    this.input = exports.pl_wasm_input(this.handle, capacity);
    if (writer.view.length === 0) writer.view = new Uint8Array(exports.memory.buffer); // it grew, the view fell off
    writer.at = this.input;
  }
  call(method) {
    const status = this.exports.pl_wasm_call(this.handle, method, this.writer.at - this.input);
    if (status !== 0) throw new Error(`method ${method}: status ${status}`);
  }
  reply() {
    const { exports, handle } = this;
    const at = exports.pl_wasm_output(handle);
    return new Reader(new Uint8Array(exports.memory.buffer, at, exports.pl_wasm_output_len(handle)));
  }

  /** An EDIT of one edit, which `write` writes, joined to what is not settled yet. */
  editOf(capacity, write) {
    this.begin(capacity + 16);
    this.writer.byte(0x93);
    this.writer.uint(this.gesture);
    this.writer.byte(0x91);
    write();
    this.writer.byte(0xc3);
    this.call(Method.EDIT);
  }
  create() {
    this.editOf(4, () => {
      for (const byte of [0x93, 1, KIND_TEXT, 0x80]) this.writer.byte(byte);
    });
  }
  edit({ at, removed, inserted }) {
    const { writer } = this;
    this.begin(64 + 3 * inserted.length);
    writer.byte(0x93);
    writer.uint(this.gesture);
    writer.byte(0x91);
    writer.byte(0x96);
    writer.byte(4);
    writer.byte(0xa3); // "1.1"
    writer.byte(0x31);
    writer.byte(0x2e);
    writer.byte(0x31);
    writer.byte(FIELD_TEXT);
    writer.uint(at);
    writer.uint(removed);
    writer.string(inserted);
    writer.byte(0xc3);
    this.call(Method.EDIT);
  }
  pending() {
    this.begin(0);
    this.call(Method.PENDING);
    const reader = this.reply();
    return Array.from({ length: reader.array() }, () => {
      reader.array();
      reader.uint();
      reader.uint();
      return { user: this.id, body: reader.bin() };
    });
  }
  /** Folds journal entries, numbered on in this peer's own journal. */
  take(entries) {
    if (entries.length === 0) return;
    const { writer } = this;
    this.begin(entries.reduce((sum, { body }) => sum + body.length + 16, 16));
    writer.byte(0x93);
    writer.byte(MESSAGE_OPS);
    writer.byte(0);
    writer.array(entries.length);
    for (const { user, body } of entries) {
      writer.byte(0x94);
      writer.uint(++this.seq);
      writer.uint(user);
      writer.byte(1);
      writer.raw(body);
    }
    this.call(Method.OPS);
  }
  settle() {
    const entries = this.pending();
    this.take(entries);
    this.gesture++;
    return entries;
  }
  load(encoded) {
    this.begin(encoded.length);
    this.writer.raw(encoded);
    this.call(Method.LOAD);
  }
  snapshot() {
    this.begin(0);
    this.call(Method.SNAPSHOT);
    const reader = this.reply();
    reader.array();
    reader.uint();
    return reader.bin();
  }
  park() {
    this.parked = this.snapshot();
    this.exports.pl_wasm_free(this.handle);
  }
  wake() {
    this.open();
    this.load(this.parked);
    this.identify();
    this.parked = undefined;
  }
}

// ---- carrying it out ----

function instantiate(module) {
  const { exports } = new WebAssembly.Instance(module, {});
  exports._initialize();
  return exports;
}

class Replay {
  constructor(module, plan) {
    this.exports = instantiate(module);
    this.plan = plan;
    this.peers = new Array(plan.peers);
    this.chapters = [];
    this.encoded = undefined;
    this.asideMs = 0;
  }
  run(first, end) {
    const { peers, chapters, exports } = this;
    const { steps, patches } = this.plan;
    for (let i = 4 * first; i < 4 * end; i += 4) {
      const kind = steps[i];
      const index = steps[i + 1];
      const peer = peers[index];
      if (kind === Step.EDIT) peer.edit(patches[steps[i + 2]]);
      else if (kind === Step.SETTLE) chapters.push(peer.settle());
      else if (kind === Step.TAKE) peer.take(chapters.slice(steps[i + 2], steps[i + 2] + steps[i + 3]).flat());
      else if (kind === Step.OPEN) peers[index] = new Peer(exports, index + 1);
      else if (kind === Step.CREATE) peer.create();
      else if (kind === Step.PARK) peer.park();
      else if (kind === Step.WAKE) peer.wake();
      else this.agree(peer, index);
    }
  }
  agree(peer, index) {
    const began = performance.now();
    const state = peer.snapshot();
    this.encoded ??= state;
    if (Buffer.compare(this.encoded, state) !== 0) throw new Error(`replica ${index + 1} has another state`);
    this.asideMs += performance.now() - began;
  }
}

function timed(work) {
  const began = performance.now();
  work();
  return performance.now() - began;
}

/** Resident bytes when nothing is left to collect. */
function resident() {
  globalThis.gc();
  return process.memoryUsage().rss;
}

function replay(module, plan) {
  const it = new Replay(module, plan);
  it.run(0, plan.setup);
  const ms = timed(() => it.run(plan.setup, plan.steps.length / 4)) - it.asideMs;
  return { it, ms };
}

/** An empty replica that comes to the whole history in one call, and whether that went well. */
function measure(exports, encoded, come) {
  const peer = new Peer(exports, nobody);
  const ms = timed(() => come(peer));
  if (Buffer.compare(encoded, peer.snapshot()) !== 0) throw new Error("loading or merging gives another state");
  exports.pl_wasm_free(peer.handle);
  return ms;
}

function main(wasmPath) {
  const module = new WebAssembly.Module(readFileSync(wasmPath));
  const plan = readPlan(readFileSync(0));
  const answer = { replay_ms: [], load_ms: [], merge_ms: [] };
  let encoded = new Uint8Array(0);
  try {
    const rssBefore = resident();
    for (let i = 0; i < plan.repeat; i++) {
      const { it, ms } = replay(module, plan);
      answer.replay_ms.push(ms);
      answer.rss_bytes ??= resident() - rssBefore;
      answer.linear_bytes = it.exports.memory.buffer.byteLength;
      encoded = it.encoded;
      const entries = it.chapters.flat();
      answer.batches = entries.length;
      answer.journal_bytes = entries.reduce((sum, { body }) => sum + body.length, 0);
      const empty = instantiate(module);
      answer.load_ms.push(measure(empty, encoded, (peer) => peer.load(encoded)));
      answer.merge_ms.push(measure(empty, encoded, (peer) => peer.take(entries)));
    }
  } catch (error) {
    answer.wrong = error instanceof Error ? error.message : String(error);
  }
  answer.rss_bytes ??= 0;
  writeWhole(Buffer.from(`${JSON.stringify(answer)}`));
  writeWhole(encoded);
}

function writeWhole(bytes) {
  for (let at = 0; at < bytes.length; ) at += writeSync(1, bytes, at);
}

main(process.argv[2]);
