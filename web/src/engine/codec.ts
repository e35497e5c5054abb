// MessagePack as the engine and the wire speak it. Reading is @msgpack/msgpack's; writing is our own, because the
// library cannot write maps with integer keys, nor splice a value that is already encoded (a batch body).
// Invariant: integers are written as integers, everything else as doubles; nothing else than SPEC E1-E4 comes out.

import { Decoder } from "@msgpack/msgpack";

/** Already encoded MessagePack, written as it is. */
export class Raw {
  constructor(readonly bytes: Uint8Array) {}
}

export type Encodable =
  | null
  | boolean
  | number
  | string
  | Uint8Array
  | Raw
  | readonly Encodable[]
  | ReadonlyMap<number, Encodable>
  | { readonly [key: string]: Encodable };

const utf8 = new TextEncoder();
const decoder = new Decoder();

/** Throws on bytes that are not exactly one value. Maps become objects, whatever their keys. */
export function decode(bytes: Uint8Array): unknown {
  return decoder.decode(bytes);
}

/** Broken surrogates are not text: they become U+FFFD before anybody counts or stores them. */
export function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, "\ufffd");
}

class Writer {
  private bytes = new Uint8Array(256);
  private view = new DataView(this.bytes.buffer);
  private used = 0;

  done(): Uint8Array {
    return this.bytes.slice(0, this.used);
  }

  private room(count: number): number {
    const at = this.used;
    this.used += count;
    if (this.used > this.bytes.length) {
      const grown = new Uint8Array(Math.max(this.used, this.bytes.length * 2));
      grown.set(this.bytes.subarray(0, at));
      this.bytes = grown;
      this.view = new DataView(grown.buffer);
    }
    return at;
  }

  byte(value: number): void {
    const at = this.room(1);
    this.view.setUint8(at, value);
  }

  raw(bytes: Uint8Array): void {
    const at = this.room(bytes.length);
    this.bytes.set(bytes, at);
  }

  uint(value: number): void {
    if (value < 0x80) return this.byte(value);
    if (value < 0x100) return this.tagged(0xcc, 1, value);
    if (value < 0x1_0000) return this.tagged(0xcd, 2, value);
    if (value < 0x1_0000_0000) return this.tagged(0xce, 4, value);
    this.tagged(0xcf, 4, Math.floor(value / 0x1_0000_0000));
    const at = this.room(4);
    this.view.setUint32(at, value % 0x1_0000_0000);
  }

  double(value: number): void {
    this.byte(0xcb);
    const at = this.room(8);
    this.view.setFloat64(at, value);
  }

  private tagged(tag: number, width: 1 | 2 | 4, value: number): void {
    const at = this.room(1 + width);
    this.view.setUint8(at, tag);
    if (width === 1) this.view.setUint8(at + 1, value);
    else if (width === 2) this.view.setUint16(at + 1, value);
    else this.view.setUint32(at + 1, value);
  }

  string(text: string): void {
    const bytes = utf8.encode(wellFormed(text));
    if (bytes.length < 32) this.byte(0xa0 | bytes.length);
    else if (bytes.length < 0x100) this.tagged(0xd9, 1, bytes.length);
    else if (bytes.length < 0x1_0000) this.tagged(0xda, 2, bytes.length);
    else this.tagged(0xdb, 4, bytes.length);
    this.raw(bytes);
  }

  binary(bytes: Uint8Array): void {
    if (bytes.length < 0x100) this.tagged(0xc4, 1, bytes.length);
    else if (bytes.length < 0x1_0000) this.tagged(0xc5, 2, bytes.length);
    else this.tagged(0xc6, 4, bytes.length);
    this.raw(bytes);
  }

  /** `fix` is the short form's tag, `wide` the 16-bit one; the 32-bit one follows it. */
  head(count: number, fix: number, wide: number): void {
    if (count < 16) this.byte(fix | count);
    else if (count < 0x1_0000) this.tagged(wide, 2, count);
    else this.tagged(wide + 1, 4, count);
  }
}

function write(out: Writer, value: Encodable): void {
  if (value === null) out.byte(0xc0);
  else if (typeof value === "boolean") out.byte(value ? 0xc3 : 0xc2);
  else if (typeof value === "number") {
    if (Number.isSafeInteger(value) && value >= 0) out.uint(value);
    else out.double(value);
  } else if (typeof value === "string") out.string(value);
  else if (value instanceof Uint8Array) out.binary(value);
  else if (value instanceof Raw) out.raw(value.bytes);
  else if (Array.isArray(value)) {
    out.head(value.length, 0x90, 0xdc);
    for (const part of value as readonly Encodable[]) write(out, part);
  } else if (value instanceof Map) {
    out.head(value.size, 0x80, 0xde);
    for (const [key, part] of value as ReadonlyMap<number, Encodable>) {
      out.uint(key);
      write(out, part);
    }
  } else writeRecord(out, value as { readonly [key: string]: Encodable });
}

function writeRecord(out: Writer, record: { readonly [key: string]: Encodable }): void {
  const entries = Object.entries(record);
  out.head(entries.length, 0x80, 0xde);
  for (const [key, part] of entries) {
    out.string(key);
    write(out, part);
  }
}

export function encode(value: Encodable): Uint8Array {
  const out = new Writer();
  write(out, value);
  return out.done();
}
