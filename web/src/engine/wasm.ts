// The C engine as a WebAssembly instance: loading, memory views that survive growth, one call at a time. What the
// bytes of a call mean is doc.ts' business. A trap poisons the instance: every later call throws EngineTrap, and the
// owner makes a new instance from the same module.

import { EngineError } from "./types.ts";
import { StatusName } from "./generated.ts";

/** The instance hit a bug or ran out of memory and must be replaced. */
export class EngineTrap extends EngineError {
  constructor(cause: unknown) {
    super("trap");
    this.cause = cause;
  }
}

interface Exports {
  readonly memory: WebAssembly.Memory;
  _initialize(): void;
  pl_wasm_new(): number;
  pl_wasm_input(handle: number, bytes: number): number;
  pl_wasm_call(handle: number, method: number, bytes: number): number;
  pl_wasm_output(handle: number): number;
  pl_wasm_output_len(handle: number): number;
}

export type EngineModule = WebAssembly.Module;

/** Fetches and compiles; the module is shared by every instance made from it. */
export async function loadEngineModule(url: string): Promise<EngineModule> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`engine: HTTP ${response.status}`);
  return WebAssembly.compileStreaming(Promise.resolve(response));
}

export class WasmInstance {
  private readonly exports: Exports;
  private readonly handle: number;
  private dead = false;

  constructor(module: EngineModule) {
    this.exports = new WebAssembly.Instance(module, {}).exports as unknown as Exports;
    this.exports._initialize();
    this.handle = this.exports.pl_wasm_new();
    if (this.handle === 0) throw new EngineTrap("no memory");
  }

  /** The reply is a copy and stays valid. Throws EngineError with the status' name. */
  call(method: number, request: Uint8Array): Uint8Array {
    if (this.dead) throw new EngineTrap("used after a trap");
    try {
      const at = this.exports.pl_wasm_input(this.handle, request.length);
      if (at === 0) throw new EngineError("no_memory");
      // Memory may have grown, so every view is made anew.
      new Uint8Array(this.exports.memory.buffer).set(request, at);
      const status = this.exports.pl_wasm_call(this.handle, method, request.length);
      if (status !== 0) throw new EngineError(StatusName[status] ?? "unknown");
      const start = this.exports.pl_wasm_output(this.handle);
      const length = this.exports.pl_wasm_output_len(this.handle);
      return new Uint8Array(this.exports.memory.buffer).slice(start, start + length);
    } catch (error) {
      if (error instanceof EngineError) throw error;
      this.dead = true;
      throw new EngineTrap(error);
    }
  }
}
