// Feeds journals written by `plenum-sim --wasm-inputs DIR` to the WebAssembly engine and compares state hashes:
// node wasm.mjs PROTO_WASM DIR. Ends with "N journals, N differ"; exit status 1 when one does.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

const METHOD_OPS = 4;
const METHOD_HASHES = 12;

function engine(bytes) {
  const { exports: x } = new WebAssembly.Instance(new WebAssembly.Module(bytes), {});
  x._initialize();
  const handle = x.pl_wasm_new();
  const call = (method, request) => {
    const at = x.pl_wasm_input(handle, request.length);
    new Uint8Array(x.memory.buffer, at, request.length).set(request);
    const status = x.pl_wasm_call(handle, method, request.length);
    if (status !== 0) throw new Error(`method ${method}: status ${status}`);
    return new Uint8Array(x.memory.buffer, x.pl_wasm_output(handle), x.pl_wasm_output_len(handle)).slice();
  };
  return { call };
}

/** HASHES replies [bin8 of 8 bytes, bin8 of 8 bytes]: the first is the state hash. */
function stateHash(reply) {
  return Buffer.from(reply.subarray(3, 11)).toString("hex");
}

const [wasmPath, dir] = process.argv.slice(2);
const wasm = readFileSync(wasmPath);
let journals = 0;
let differ = 0;
for (const name of readdirSync(dir).filter((file) => file.endsWith(".ops"))) {
  journals++;
  const want = readFileSync(join(dir, name.replace(/\.ops$/, ".hash")), "utf8");
  let got;
  try {
    const { call } = engine(wasm);
    call(METHOD_OPS, readFileSync(join(dir, name)));
    got = stateHash(call(METHOD_HASHES, new Uint8Array(0)));
  } catch (error) {
    got = String(error);
  }
  if (got !== want) {
    differ++;
    console.log(`${name}: native ${want}, wasm ${got}`);
  }
}
console.log(`${journals} journals, ${differ} differ`);
process.exitCode = journals > 0 && differ === 0 ? 0 : 1;
