// What messages were decoded to, kept for a while: a server sends the same bytes to everybody, and decoding them 300
// times would measure the load. Messages are known by their heads and tails, and compared whole.
const KEPT_MAX = 512;
const KEY_BYTES = 32;

/** decode(bytes), or what it gave for the same bytes. They are borrowed. */
export function newKept(decode) {
  const kept = new Map();
  return function decoded(bytes) {
    const tailAt = Math.max(0, bytes.length - KEY_BYTES);
    const key = bytes.latin1Slice(0, KEY_BYTES) + bytes.latin1Slice(tailAt, bytes.length);
    const found = kept.get(key);
    if (found !== undefined && found.bytes.equals(bytes)) return found.value;
    const value = decode(bytes);
    kept.delete(key);
    kept.set(key, { bytes: Buffer.from(bytes), value });
    if (kept.size > KEPT_MAX) kept.delete(kept.keys().next().value);
    return value;
  };
}
