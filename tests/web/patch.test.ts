// What the engine tells call by call, patched together, is what a new engine would tell of the same state at once.

import assert from "node:assert/strict";
import { test } from "node:test";
import { encode, Raw, type Encodable } from "../../web/src/engine/codec.ts";
import { createEngine } from "../../web/src/engine/doc.ts";
import { Field, Kind, Mark, Message } from "../../web/src/engine/generated.ts";
import { patchedView } from "../../web/src/engine/patch.ts";
import type { Changes, Edit, FieldValue, ObjectId, ObjectView } from "../../web/src/engine/types.ts";
import { createScene, type MutableScene } from "../../web/src/state/scene.ts";
import { randomFrom } from "./random.ts";
import { module, opened, plain, step, type Entry, type Tab } from "./tabs.ts";

/** The same state told anew: committed bytes, then what is pending. */
function toldAnew(tab: Tab): MutableScene {
  const engine = createEngine(module);
  const scene = createScene();
  const pending = tab.engine.pending();
  scene.apply(engine.load(tab.engine.snapshot().bytes));
  for (const { body } of pending) scene.apply(engine.restore(body));
  scene.apply(engine.identify(tab.replica, (pending[0]?.ctr0 ?? 1) - 1, tab.user));
  return scene;
}

test("patches give the views that a new engine gives", () => {
  for (let seed = 1; seed <= 25; seed++) {
    const random = randomFrom(seed);
    const journal: Entry[] = [];
    const tabs = [opened(5, 77), opened(6, 78)] as const;
    for (let round = 0; round < 80; round++) {
      const tab = tabs[random(2)]!;
      step(random, journal, tab);
      assert.deepEqual(plain(tab.scene), plain(toldAnew(tab)), `seed ${seed}, round ${round}`);
    }
  }
});

function firstPatch(changes: Changes): unknown {
  const [patch] = changes.patches;
  return patch && [patch.id, patch.pending, [...patch.fields], [...patch.splices], [...patch.marks]];
}

test("a set tells its field alone, an echo only that nothing is pending", () => {
  const { engine, scene } = opened(5, 77);
  const made = engine.edit(1, [{ do: "create", kind: Kind.STICKY, fields: new Map<number, FieldValue>([[Field.COLOR, 1]]) }]);
  scene.apply(made.changes);
  const id = made.created[0]!;
  const { changes } = engine.edit(2, [{ do: "set", id, field: Field.COLOR, value: 2 }]);
  assert.deepEqual(firstPatch(changes), [id, true, [[Field.COLOR, 2]], [], []]);
  const entries = engine.pending().map(({ body }, i) => [i + 1, 77, 1, new Raw(body)] as Encodable);
  const settled = engine.ops(encode([Message.OPS, 0, entries]));
  assert.deepEqual([settled.changed, settled.removed], [[], []]);
  assert.deepEqual(firstPatch(settled), [id, false, [], [], []]);
});

test("typing tells the splice, and where marks are then", () => {
  const { engine } = opened(5, 77);
  const text = (at: number, remove: number, what: string): Edit => ({ do: "text", id, field: Field.TEXT, at, remove, text: what });
  const fields = new Map<number, FieldValue>([[Field.TEXT, "a 🙂 bold word"]]);
  const id = engine.edit(1, [{ do: "create", kind: Kind.STICKY, fields }]).created[0]!;
  const typed = engine.edit(1, [text(2, 2, "up")]).changes;
  assert.deepEqual(firstPatch(typed), [id, true, [], [[Field.TEXT, [[2, 2, ""], [2, 0, "up"]]]], []]);
  const mark: Edit = { do: "mark", id, field: Field.TEXT, at: 5, length: 4, kind: Mark.BOLD, value: true };
  const marked = engine.edit(2, [mark]).changes;
  assert.deepEqual(firstPatch(marked), [id, true, [], [], [[Field.TEXT, [[Mark.BOLD, 5, 4, true]]]]]);
  const moved = engine.edit(3, [text(0, 0, "!")]).changes;
  const want = [id, true, [], [[Field.TEXT, [[0, 0, "!"]]]], [[Field.TEXT, [[Mark.BOLD, 6, 4, true]]]]];
  assert.deepEqual(firstPatch(moved), want);
});

test("a frame that goes tells where its children are now", () => {
  const { engine } = opened(5, 77);
  const box = (place: FieldValue): ReadonlyMap<number, FieldValue> =>
    new Map<number, FieldValue>([[Field.POS, [0, 0]], [Field.SIZE, [9, 9]], [Field.PLACE, place]]);
  const { created } = engine.edit(1, [
    { do: "create", kind: Kind.FRAME, fields: box([null, "V"]) },
    { do: "create", kind: Kind.STICKY, fields: box([0, "V"]) },
  ]);
  const { changes } = engine.edit(2, [{ do: "delete", id: created[0]! }]);
  assert.deepEqual(changes.removed, [created[0]]);
  assert.deepEqual(firstPatch(changes), [created[1], true, [[Field.PLACE, [null, "V"]]], [], []]);
});

test("a patch without content shares what it does not change", () => {
  const view: ObjectView = { id: "1.1" as ObjectId, kind: Kind.STICKY, user: 1, pending: true, fields: new Map(), marks: new Map() };
  const after = patchedView(view, { id: view.id, pending: false, fields: new Map(), splices: new Map(), marks: new Map() });
  assert.equal(after.fields, view.fields);
  assert.equal(after.pending, false);
});
