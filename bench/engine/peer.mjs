// Replays a sequential history by another engine, as often as asked, and prints one line of JSON with what it came to:
//
//   node --expose-gc peer.mjs yjs|loro FILE.json.gz REPEAT
//
// Both engines index text by UTF-16 units, so the history must not go beyond them. Reading it is not measured; every
// "merge" starts from bytes and an empty document and ends when the text has been read from it.
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";

const [engineName, path, repeat] = process.argv.slice(2);
const { name, version, newDoc, edit, editHeard, textOf, formats } = await import(`./${engineName}.mjs`);

const history = JSON.parse(gunzipSync(readFileSync(path)).toString("utf8"));
const patches = history.txns.flatMap((txn) => txn.patches);
if (/[\ud800-\udfff]/.test(JSON.stringify(patches))) throw new Error("positions would not be UTF-16 units");

function timed(work) {
  const began = performance.now();
  const result = work();
  return [performance.now() - began, result];
}
function right(text) {
  if (text !== history.endContent) throw new Error(`${name}: the text is not endContent`);
}
/** Resident bytes when nothing is left to collect. */
function resident() {
  globalThis.gc();
  globalThis.gc();
  return process.memoryUsage().rss;
}

const answer = { engine: name, version, replay_ms: [], heard_ms: [], rss_bytes: undefined, formats: {} };
for (let round = 0; round < Number(repeat); round++) {
  const before = resident();
  const [ms, doc] = timed(() => edit(newDoc(history.startContent ?? ""), patches));
  answer.replay_ms.push(ms);
  answer.rss_bytes ??= resident() - before;
  right(textOf(doc));
  if (editHeard !== undefined) {
    const [heardMs, heard] = timed(() => editHeard(newDoc(history.startContent ?? ""), patches));
    answer.heard_ms.push(heardMs);
    right(textOf(heard));
  }
  for (const [format, { write, read }] of Object.entries(formats)) {
    const bytes = write(doc);
    const [mergeMs, text] = timed(() => textOf(read(bytes)));
    right(text);
    answer.formats[format] ??= { bytes: bytes.length, merge_ms: [] };
    answer.formats[format].merge_ms.push(mergeMs);
  }
}
console.log(JSON.stringify(answer));
