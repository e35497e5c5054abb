// What the engine tells call by call, patched together, is what a new engine would tell of the same state at once.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { encode, Raw, type Encodable } from "../../web/src/engine/codec.ts";
import { createEngine, type RestartableEngine } from "../../web/src/engine/doc.ts";
import { Field, Kind, Mark, Message } from "../../web/src/engine/generated.ts";
import { patchedView } from "../../web/src/engine/patch.ts";
import type { Changes, Edit, FieldValue, ObjectId, ObjectView } from "../../web/src/engine/types.ts";
import { createScene, type MutableScene } from "../../web/src/state/scene.ts";
import { randomFrom, type Random } from "./random.ts";

const module = new WebAssembly.Module(readFileSync(process.env["PLENUM_WASM"]!));

/** A tab: its engine, and a scene that only ever hears what the engine says has changed. */
interface Tab {
  readonly replica: number;
  readonly user: number;
  readonly engine: RestartableEngine;
  readonly scene: MutableScene;
  seq: number;
}

function opened(replica: number, user: number): Tab {
  const tab = { replica, user, engine: createEngine(module), scene: createScene(), seq: 0 };
  tab.scene.apply(tab.engine.load(new Uint8Array()));
  tab.scene.apply(tab.engine.identify(replica, 0, user));
  return tab;
}

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

function plain(scene: MutableScene): unknown {
  const views = [...scene.objects.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  return views.map(({ fields, marks, ...rest }) => ({
    ...rest,
    fields: [...fields].sort((a, b) => a[0] - b[0]),
    marks: [...marks],
  }));
}

const words = ["a", "bc", "更好", "🙂", "x\ny", ""];

function anyOf<T>(random: Random, list: readonly T[]): T {
  return list[random(list.length)]!;
}

function randomSet(random: Random, ids: readonly ObjectId[], id: ObjectId): Edit {
  const values: readonly (readonly [number, FieldValue])[] = [
    [Field.POS, [random(400), random(400)]],
    [Field.SIZE, [random(300), random(300)]],
    [Field.PLACE, [random(3) === 0 ? null : anyOf(random, ids), anyOf(random, ["A", "B", "b"])]],
    [Field.COLOR, random(9)],
    [Field.GROUP, random(3) === 0 ? null : anyOf(random, ids)],
    [Field.FROM, [anyOf(random, ids), 1, 0.5, 0]],
    [Field.CLOCK, [1, random(1000), 1]],
    [Field.ALIVE, random(3) > 0],
  ];
  const [field, value] = anyOf(random, values);
  return { do: "set", id, field, value };
}

function randomEdit(random: Random, tab: Tab): Edit {
  const ids = [...tab.scene.objects.keys()];
  if (ids.length < 3 || random(9) === 0) {
    const fields = new Map<number, FieldValue>([
      [Field.POS, [random(400), random(400)]],
      [Field.SIZE, [random(200), random(200)]],
      [Field.PLACE, [random(2) === 0 || ids.length === 0 ? null : anyOf(random, ids), "V"]],
      [Field.TEXT, anyOf(random, words)],
    ]);
    return { do: "create", kind: anyOf(random, [Kind.STICKY, Kind.FRAME, Kind.KANBAN, Kind.COLUMN]), fields };
  }
  const id = anyOf(random, ids);
  const dice = random(10);
  if (dice < 1) return { do: "delete", id };
  if (dice < 2) return { do: "tally", id, field: Field.REACTION, sub: random(2), value: random(2) };
  if (dice < 6) return randomSet(random, ids, id);
  const text = tab.scene.objects.get(id)!.fields.get(Field.TEXT);
  const length = typeof text === "string" ? text.length : 0;
  if (dice < 7) {
    const value = random(3) > 0 ? true : null;
    return { do: "mark", id, field: Field.TEXT, at: random(length + 1), length: random(4), kind: 1 + random(2), value };
  }
  return { do: "text", id, field: Field.TEXT, at: random(length + 1), remove: random(3), text: anyOf(random, words) };
}

interface Entry {
  readonly user: number;
  readonly body: Uint8Array;
}

/** The oldest pending batches of one tab are committed, and everybody hears of it sooner or later. */
function commit(journal: Entry[], from: Tab, n: number): void {
  const unheard = journal.slice(from.seq).filter(({ user }) => user === from.user).length;
  for (const { body } of from.engine.pending().slice(unheard, unheard + n)) journal.push({ user: from.user, body });
}

function hear(journal: readonly Entry[], tab: Tab, n: number): void {
  const entries = journal
    .slice(tab.seq, tab.seq + n)
    .map(({ user, body }, i) => [tab.seq + i + 1, user, 1000 + tab.seq + i, new Raw(body)] as Encodable);
  if (entries.length === 0) return;
  tab.scene.apply(tab.engine.ops(encode([Message.OPS, 0, entries])));
  tab.seq += entries.length;
}

function step(random: Random, journal: Entry[], tab: Tab): void {
  const dice = random(10);
  if (dice < 2) commit(journal, tab, 1 + random(3));
  else if (dice < 4) hear(journal, tab, 1 + random(4));
  else if (dice < 5) tab.scene.apply(random(2) === 0 ? tab.engine.undo() : tab.engine.redo());
  else {
    const edits = Array.from({ length: 1 + random(3) }, () => randomEdit(random, tab));
    tab.scene.apply(tab.engine.edit(random(3), edits).changes);
  }
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
