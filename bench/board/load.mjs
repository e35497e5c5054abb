// Loads a board's snapshot by the engine as WebAssembly, as a tab does that joins: the reply, all views of all objects
// as MessagePack, is part of it. node load.mjs PROTO_WASM SNAPSHOT; prints one line of JSON.
import { readFileSync } from "node:fs";

const METHOD_LOAD = 1;
const REPEAT = 15;

const [wasmPath, snapshotPath] = process.argv.slice(2);
const module = new WebAssembly.Module(readFileSync(wasmPath));
const snapshot = readFileSync(snapshotPath);

const load_ms = [];
let reply_bytes = 0;
let linear_bytes = 0;
for (let i = 0; i < REPEAT; i++) {
  const { exports } = new WebAssembly.Instance(module, {});
  exports._initialize();
  const handle = exports.pl_wasm_new();
  const began = performance.now();
  const at = exports.pl_wasm_input(handle, snapshot.length);
  new Uint8Array(exports.memory.buffer, at, snapshot.length).set(snapshot);
  const status = exports.pl_wasm_call(handle, METHOD_LOAD, snapshot.length);
  load_ms.push(performance.now() - began);
  if (status !== 0) throw new Error(`status ${status}`);
  reply_bytes = exports.pl_wasm_output_len(handle);
  linear_bytes = exports.memory.buffer.byteLength;
}
console.log(JSON.stringify({ load_ms, reply_bytes, linear_bytes }));
