// engine/: what goes through the codec comes back, and the C engine does what engine/types.ts promises.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { decode, encode, Raw, type Encodable } from "../../web/src/engine/codec.ts";
import { createEngine } from "../../web/src/engine/doc.ts";
import { Field, Kind, Message } from "../../web/src/engine/generated.ts";
import { EngineError, type Edit, type Engine, type ObjectId, type PendingBatch } from "../../web/src/engine/types.ts";

const wasm = process.env["PLENUM_WASM"];
assert.ok(wasm, "PLENUM_WASM is not set: the engine, as the proto_wasm target builds it");
const module = new WebAssembly.Module(readFileSync(wasm));

function identified(replica = 5): Engine {
  const engine = createEngine(module);
  engine.load(new Uint8Array());
  engine.identify(replica, 0, 77);
  return engine;
}

function stickyEdits(text: string): readonly Edit[] {
  return [
    {
      do: "create",
      kind: Kind.STICKY,
      fields: new Map<number, never>([
        [Field.POS, [-10.5, 20]],
        [Field.SIZE, [160, 160]],
        [Field.PLACE, [null, null]],
      ] as [number, never][]),
    },
    { do: "text", id: 0, field: Field.TEXT, at: 0, remove: 0, text },
  ];
}

function opsFrame(firstSeq: number, batches: readonly PendingBatch[]): Uint8Array {
  const envelopes = batches.map((batch, i) => [firstSeq + i, 77, 1000, new Raw(batch.body)] as Encodable);
  return encode([Message.OPS, 0, envelopes]);
}

const values: readonly Encodable[] = [
  [null, true, false, 0, 127, 128, 255, 256, 65535, 65536, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1, -1, -0.5, 1.5],
  ["", "a".repeat(31), "a".repeat(32), "a".repeat(255), "字".repeat(200), "🎉".repeat(20_000)],
  { c: [1.5, -2], s: [[1, 2]] },
  Array.from({ length: 70_000 }, (_, i) => i),
];

test("what is written is read back the same", () => {
  for (const value of values) assert.deepEqual(decode(encode(value)), value);
  assert.deepEqual(decode(encode(new Uint8Array(70_000).fill(7))), new Uint8Array(70_000).fill(7));
});

test("a lone surrogate is written as a replacement character", () => {
  assert.equal(decode(encode("a\ud800b")), "a\ufffdb");
});

test("an edit is pending until its echo, and then it is not", () => {
  const engine = identified();
  const { changes, created } = engine.edit(1, stickyEdits("你好 🎉"));
  assert.equal(created.length, 1);
  assert.equal(changes.pending, 1);
  assert.equal(changes.changed[0]?.pending, true);
  const settled = engine.ops(opsFrame(1, engine.pending()));
  assert.equal(settled.pending, 0);
  assert.equal(settled.patches[0]?.pending, false);
  assert.equal(changes.changed[0]?.fields.get(Field.TEXT), "你好 🎉");
  assert.deepEqual(changes.changed[0]?.fields.get(Field.POS), [-10.5, 20]);
});

test("a snapshot loads into the same hashes", () => {
  const engine = identified();
  engine.edit(1, stickyEdits("one"));
  engine.ops(opsFrame(1, engine.pending()));
  const other = createEngine(module);
  const kept = engine.snapshot();
  other.load(kept.bytes);
  assert.equal(kept.seq, 1);
  assert.deepEqual(other.hashes(), engine.hashes());
});

test("pending batches come back from the outbox and are re-keyed to another replica", () => {
  const engine = identified(5);
  engine.edit(1, stickyEdits("kept"));
  const next = createEngine(module);
  next.load(new Uint8Array());
  for (const batch of engine.pending()) next.restore(batch.body);
  const changes = next.identify(9, 0, 77);
  assert.deepEqual(changes.removed, ["5.1"]);
  assert.equal(changes.changed[0]?.id, "9.1");
  assert.equal(changes.changed[0]?.fields.get(Field.TEXT), "kept");
});

test("own entries older than the oldest pending batch are history, as after an old snapshot", () => {
  const author = identified(5);
  const empty = author.snapshot();
  author.edit(1, stickyEdits("early"));
  const early = author.pending();
  author.ops(opsFrame(1, early));
  author.edit(2, stickyEdits("late"));
  const late = author.pending();

  const reloaded = createEngine(module);
  reloaded.load(empty.bytes);
  for (const batch of late) reloaded.restore(batch.body);
  reloaded.identify(5, late[0]!.ctr0 - 1, 77);
  assert.equal(reloaded.ops(opsFrame(1, early)).pending, 1);
  assert.equal(reloaded.ops(opsFrame(2, late)).pending, 0);
  author.ops(opsFrame(2, late));
  assert.deepEqual(reloaded.hashes(), author.hashes());
});

test("an edit the schema forbids changes nothing and says why", () => {
  const engine = identified();
  const before = engine.hashes();
  const wrong: Edit = { do: "set", id: "99.1" as ObjectId, field: Field.COLOR, value: 1 };
  assert.throws(() => engine.edit(0, [wrong]), EngineError);
  assert.deepEqual(engine.hashes(), before);
  assert.equal(engine.pending().length, 0);
});

test("typing that no socket has seen joins one batch, and only when told that it may", () => {
  const engine = identified();
  const { created } = engine.edit(1, stickyEdits(""));
  const type = (at: number, text: string): Edit => ({ do: "text", id: created[0]!, field: Field.TEXT, at, remove: 0, text });
  engine.edit(2, [type(0, "a")]);
  engine.edit(2, [type(1, "b")], true);
  engine.edit(2, [type(2, "c")], true);
  assert.equal(engine.pending().length, 2);
  engine.edit(2, [type(3, "d")], false);
  assert.equal(engine.pending().length, 3);
  assert.equal(engine.ops(opsFrame(1, engine.pending())).pending, 0);
  const other = createEngine(module);
  assert.equal(other.load(engine.snapshot().bytes).changed[0]?.fields.get(Field.TEXT), "abcd");
});

test("a place in a text stays where it was put, and everybody's words are known as theirs", () => {
  const engine = identified();
  const id = engine.edit(1, stickyEdits("one 🎉 two")).created[0]!;
  engine.ops(opsFrame(1, engine.pending()));
  const tied = engine.anchors(id, Field.TEXT, [[4, true], [4, false], [0, true], [10, false]]);
  const guest = createEngine(module);
  guest.load(engine.snapshot().bytes);
  guest.identify(8, 0, 78);
  guest.edit(1, [{ do: "text", id, field: Field.TEXT, at: 4, remove: 0, text: "and " }, { do: "set", id, field: Field.COLOR, value: 3 }]);
  const theirs = guest.pending().map(({ body }) => [2, 78, 1000, new Raw(body)] as Encodable);
  engine.ops(encode([Message.OPS, 0, theirs]));
  assert.deepEqual(engine.places(id, Field.TEXT, tied), [4, 8, 0, 14]);
  const { fields, texts } = engine.authors(id);
  assert.deepEqual([fields.get(Field.POS), fields.get(Field.COLOR)], [77, 78]);
  assert.deepEqual(texts.get(Field.TEXT), [[4, 77], [4, 78], [6, 77]]);
  assert.throws(() => engine.authors("99.1" as ObjectId), EngineError);
});

test("undo and redo bring back the same view", () => {
  const engine = identified();
  const { created } = engine.edit(1, stickyEdits("x"));
  engine.edit(2, [{ do: "set", id: created[0]!, field: Field.COLOR, value: 3 }]);
  const after = engine.hashes().view;
  engine.undo();
  assert.notEqual(engine.hashes().view, after);
  engine.redo();
  assert.equal(engine.hashes().view, after);
});

test("a restarted engine is empty and works", () => {
  const engine = createEngine(module);
  engine.load(new Uint8Array());
  engine.identify(5, 0, 77);
  engine.edit(1, stickyEdits("gone"));
  assert.equal(engine.restart().reset, true);
  assert.equal(engine.pending().length, 0);
  engine.identify(6, 0, 77);
  assert.equal(engine.edit(1, stickyEdits("new")).created[0], "6.1");
});
