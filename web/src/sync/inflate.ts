// Raw deflate back to bytes, by the browser. The announced size is the limit: a snapshot that would grow beyond it is
// cut off and refused.

export async function inflate(chunks: readonly Uint8Array[], bytes: number): Promise<Uint8Array> {
  const source = new Blob(chunks as Uint8Array<ArrayBuffer>[]).stream();
  const reader = source.pipeThrough(new DecompressionStream("deflate-raw")).getReader();
  const whole = new Uint8Array(bytes);
  let used = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    if (used + value.length > bytes) {
      await reader.cancel();
      throw new Error("snapshot larger than announced");
    }
    whole.set(value, used);
    used += value.length;
  }
  if (used !== bytes) throw new Error("snapshot smaller than announced");
  return whole;
}
