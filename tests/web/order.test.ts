// Where things come to stand in the drawing order when people make, paste, drop and arrange them, by the real engine: what
// was asked for, with order keys that stay short (SPEC R8).

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { signal } from "@preact/signals";
import { createEngine } from "../../web/src/engine/doc.ts";
import { Field, Kind } from "../../web/src/engine/generated.ts";
import type { Edit, FieldValue, ObjectId } from "../../web/src/engine/types.ts";
import type { BoardRect } from "../../web/src/geom/types.ts";
import { placeOf, textOf } from "../../web/src/state/read.ts";
import { createScene } from "../../web/src/state/scene.ts";
import type { OrderMove } from "../../web/src/state/tooling.ts";
import { createCommands } from "../../web/src/tools/commands.ts";
import { copiesOf, pasteCopies } from "../../web/src/tools/copies.ts";
import { createEdit, makeFrame } from "../../web/src/tools/make.ts";
import { moveEdits } from "../../web/src/tools/move.ts";
import { onTop } from "../../web/src/tools/place.ts";
import type { Bench } from "../../web/src/tools/tool.ts";
import { randomFrom } from "./random.ts";

const module = new WebAssembly.Module(readFileSync(process.env["PLENUM_WASM"]!));
const KEY_BYTES_MAX = 24;

function at(x: number, y: number, w = 100, h = 100): BoardRect {
  return { x, y, w, h } as BoardRect;
}

/** A board with nothing but an engine behind it. */
function desk() {
  const engine = createEngine(module);
  const scene = createScene();
  scene.apply(engine.load(new Uint8Array()));
  scene.apply(engine.identify(5, 0, 77));
  let gesture = 0;
  const store = {
    scene,
    engine,
    canEdit: signal(true),
    selection: signal<ReadonlySet<ObjectId>>(new Set()),
    camera: signal({ x: 0, y: 0, zoom: 1 }),
    viewport: signal({ w: 1000, h: 1000 }),
    newGesture: () => (gesture += 1),
    edit(edits: readonly Edit[], gesture = 0) {
      const result = engine.edit(gesture, edits);
      scene.apply(result.changes);
      return result;
    },
  };
  const bench = { store } as unknown as Bench;

  function make(name: string, rect: BoardRect, kind: number = Kind.STICKY, parent: ObjectId | null = null): ObjectId {
    const text: Edit = { do: "text", id: 0, field: Field.TEXT, at: 0, remove: 0, text: name };
    return store.edit([createEdit(kind, rect, [onTop(parent)]), text]).created[0]!;
  }

  return {
    bench,
    make,
    commands: createCommands(bench),
    select: (...ids: readonly ObjectId[]) => (store.selection.value = new Set(ids)),
    edit: (edits: readonly Edit[]) => store.edit(edits),
    order: () => scene.inOrder().map(textOf).join(" "),
    placeOf: (id: ObjectId) => placeOf(scene.objects.get(id)!),
    keys: () => scene.inOrder().map((view) => (view.fields.get(Field.PLACE) as readonly FieldValue[])[1] as string),
  };
}

test("to the front, to the back, and one step past what overlaps", () => {
  const { make, select, commands, order } = desk();
  const a = make("a", at(0, 0));
  make("far", at(5000, 0));
  const b = make("b", at(50, 0));
  make("c", at(80, 0));
  assert.equal(order(), "a far b c");
  const put = (ids: readonly ObjectId[], move: OrderMove, want: string): void => {
    select(...ids);
    commands.order(move);
    assert.equal(order(), want);
  };
  put([a], "forward", "far b a c");
  put([a], "forward", "far b c a");
  put([a], "forward", "far b c a");
  put([a], "backward", "far b a c");
  put([a], "backward", "far a b c");
  put([a, b], "front", "far c a b");
  put([b], "back", "b far c a");
  put([a, b], "back", "b a far c");
});

test("however often things are put in the same gap, keys stay short", () => {
  const { make, select, commands, keys } = desk();
  const ids = [0, 1, 2, 3, 4].map((i) => make(String(i), at(i * 10, 0)));
  const random = randomFrom(7);
  for (let i = 0; i < 1500; i++) {
    select(ids[random(5)]!);
    commands.order((["forward", "backward", "forward", "backward", "front", "back"] as const)[random(6)]!);
  }
  assert.ok(Math.max(...keys().map((key) => key.length)) <= KEY_BYTES_MAX);
  assert.equal(new Set(keys()).size, 5);
});

test("a new frame stands right above the frame it lies in, below everything else, a hundred times over", () => {
  const { bench, make, order, keys, placeOf } = desk();
  make("note", at(40, 40));
  const outer = makeFrame(bench, at(0, 0, 2000, 2000), "outer")!;
  assert.equal(order(), "outer note");
  for (let i = 0; i < 100; i++) {
    const inner = makeFrame(bench, at(500 + i, 500, 50, 50), String(i))!;
    assert.equal(placeOf(inner).parent, outer);
  }
  assert.equal(order(), `outer ${Array.from({ length: 100 }, (_, i) => 99 - i).join(" ")} note`);
  assert.ok(Math.max(...keys().map((key) => key.length)) <= KEY_BYTES_MAX);
});

test("copies are drawn as what they are copies of, a frame above its content too", () => {
  const { bench, make, select, commands, order } = desk();
  const frame = make("frame", at(0, 0, 500, 500), Kind.FRAME);
  const low = make("low", at(10, 10), Kind.STICKY, frame);
  make("high", at(200, 10), Kind.STICKY, frame);
  select(low);
  commands.order("back");
  assert.equal(order(), "low frame high");
  pasteCopies(bench, copiesOf(bench, bench.store.scene.inOrder().map((view) => view.id)), 600, 0);
  assert.equal(order(), "low frame high low frame high");
  const copied = bench.store.scene.inOrder().slice(3);
  assert.deepEqual(copied.map((view) => placeOf(view).parent), [copied[1]!.id, null, copied[1]!.id]);
  assert.deepEqual([...bench.store.selection.peek()], [copied[1]!.id]);
});

test("what is dropped into a frame that would hide it comes to the front with what lies on it", () => {
  const { bench, make, select, order, edit, placeOf } = desk();
  const inner = make("inner", at(0, 0, 200, 200), Kind.FRAME);
  make("one", at(10, 10), Kind.STICKY, inner);
  const note = make("note", at(0, 300));
  const big = make("big", at(1000, 0, 1000, 1000), Kind.FRAME);
  make("top", at(0, 500));
  select(note, inner);
  edit(moveEdits(bench, 1100, 100));
  assert.equal(order(), "big top inner one note");
  assert.deepEqual([placeOf(note).parent, placeOf(inner).parent], [big, big]);
});

test("where others ran out of keys there is room all the same", () => {
  const { make, edit, order, keys, select, commands } = desk();
  const z = make("z", at(0, 0));
  const y = make("y", at(10, 0));
  edit([
    { do: "set", id: z, field: Field.PLACE, value: [null, "z".repeat(60)] },
    { do: "set", id: y, field: Field.PLACE, value: [null, "z".repeat(60)] },
  ]);
  make("new", at(20, 0));
  assert.equal(order(), "z y new");
  assert.ok(Math.max(...keys().map((key) => key.length)) <= KEY_BYTES_MAX);
  select(z);
  commands.order("forward");
  assert.equal(order(), "y z new");
});
