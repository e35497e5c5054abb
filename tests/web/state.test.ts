// state/: the scene against a naive one, the drawing order against bytes, presence against hostile peers.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Field, Kind } from "../../web/src/engine/generated.ts";
import { idCompare, idOf } from "../../web/src/engine/id.ts";
import type { Changes, FieldValue, Ms, ObjectId, ObjectView } from "../../web/src/engine/types.ts";
import { compareBytes } from "../../web/src/state/order.ts";
import { boardToScreen, fitted, screenToBoard, zoomedAt } from "../../web/src/state/camera.ts";
import { hueAmong, HUES, hueOf } from "../../web/src/state/names.ts";
import { NO_PRESENCE, presenceFrom, presenceToWire } from "../../web/src/state/presence.ts";
import { createScene } from "../../web/src/state/scene.ts";
import { randomFrom } from "./random.ts";

function view(id: ObjectId, kind: number, at: readonly [number, number], place: FieldValue): ObjectView {
  const fields = new Map<number, FieldValue>([
    [Field.POS, at],
    [Field.SIZE, [50, 50]],
  ]);
  if (place !== null) fields.set(Field.PLACE, place);
  return { id, kind, user: 1, pending: false, fields, marks: new Map() };
}

function changes(changed: readonly ObjectView[], removed: readonly ObjectId[], reset = false): Changes {
  return { reset, changed, patches: [], removed, seq: 1, pending: 0, undo: 0, redo: 0 };
}

function keyOf(object: ObjectView): string {
  const place = object.fields.get(Field.PLACE);
  return Array.isArray(place) ? (place[1] as string) : "";
}

test("the scene equals a naive one after any changes", () => {
  for (let seed = 1; seed <= 60; seed++) {
    const random = randomFrom(seed);
    const scene = createScene();
    const naive = new Map<ObjectId, ObjectView>();
    for (let round = 0; round < 12; round++) {
      const reset = random(12) === 0;
      if (reset) naive.clear();
      const many = random(4) === 0 ? 300 : 5;
      const changed = Array.from({ length: random(many) }, () => {
        const id = idOf(1 + random(3), 1 + random(120));
        const parent = random(3) === 0 ? idOf(1 + random(3), 1 + random(120)) : null;
        const place = random(8) === 0 ? null : [parent, String.fromCharCode(65 + random(6))];
        const kind = random(10) === 0 ? Kind.PERSON : Kind.STICKY;
        return view(id, naive.get(id)?.kind ?? kind, [random(2000) - 1000, random(2000) - 1000], place);
      });
      const once = new Map(changed.map((object) => [object.id, object]));
      const removed = [...naive.keys()].filter((id) => !once.has(id) && random(4) === 0);
      for (const id of removed) naive.delete(id);
      for (const object of once.values()) naive.set(object.id, object);
      scene.apply(changes([...once.values()], removed, reset));

      const drawn = [...naive.values()]
        .filter((object) => object.kind !== Kind.PERSON)
        .sort((a, b) => Buffer.compare(Buffer.from(keyOf(a)), Buffer.from(keyOf(b))) || idCompare(a.id, b.id));
      assert.deepEqual(scene.inOrder(), drawn, `seed ${seed}`);
      const rect = { x: -200, y: -200, w: 500, h: 300 };
      const inside = drawn.filter((object) => {
        const at = scene.rectOf(object);
        return at.x <= 300 && at.x + at.w >= -200 && at.y <= 100 && at.y + at.h >= -200;
      });
      assert.deepEqual(scene.inOrder(rect), inside, `seed ${seed}`);
      const parent = idOf(1, 7);
      const children = drawn.filter((object) => (object.fields.get(Field.PLACE) as FieldValue[] | undefined)?.[0] === parent);
      assert.deepEqual(scene.childrenOf(parent), children, `seed ${seed}`);
    }
  }
});

test("what a newer client made has its place, if it has one", () => {
  const scene = createScene();
  const placed = view(idOf(1, 1), 4711, [10, 20], null);
  const message = { ...view(idOf(1, 2), Kind.MESSAGE, [0, 0], null), fields: new Map<number, FieldValue>() };
  scene.apply(changes([placed, message], []));
  assert.deepEqual(scene.inOrder().map((object) => object.id), [placed.id]);
});

test("order keys compare as their bytes, whatever they are", () => {
  const random = randomFrom(3);
  const scalars = [0x41, 0x7a, 0xe9, 0x5b57, 0xffee, 0x1f389, 0x10ffff];
  const text = (): string =>
    String.fromCodePoint(...Array.from({ length: random(4) }, () => scalars[random(scalars.length)]!));
  for (let i = 0; i < 3000; i++) {
    const [a, b] = [text(), text()];
    assert.equal(Math.sign(compareBytes(a, b)), Buffer.compare(Buffer.from(a), Buffer.from(b)), JSON.stringify([a, b]));
  }
});

test("presence survives its own wire form", () => {
  const state = {
    ...NO_PRESENCE,
    cursor: { x: 1.5, y: -2 },
    view: { x: 0, y: 0, w: 10, h: 20 },
    selected: ["3.4" as ObjectId],
    gesture: { ids: ["3.4" as ObjectId], dx: 5, dy: -5 },
    typing: "3.4" as ObjectId,
    laser: { x: -3.5, y: 12 },
    watching: { track: "5.6" as ObjectId, playedMs: 1500 as Ms, together: true },
  };
  assert.deepEqual(presenceFrom(presenceToWire(state), 7 as Ms), { ...state, at: 7 });
});

test("a hostile presence loses its bad parts and no more", () => {
  const hostile = { c: [Infinity, 2], v: [0, 0, -1, 5], s: [[1, 2], ["a", 1], [1], 7, [2, 3]], g: { i: [[1, 2]], r: [] }, t: {}, l: [1], w: [[1, 2], -5] };
  const parsed = presenceFrom(hostile, 0 as Ms);
  assert.deepEqual(parsed, { ...NO_PRESENCE, selected: ["1.2", "2.3"], at: 0 });
  for (const value of [null, 7, "x", [], undefined]) assert.equal(presenceFrom(value, 0 as Ms), null);
});

test("zooming keeps the point under the pointer", () => {
  const camera = { x: 12, y: -30, zoom: 0.7 };
  const at = { x: 311, y: 207 };
  const before = screenToBoard(camera, at);
  const after = boardToScreen(zoomedAt(camera, at, 2.3), before);
  assert.ok(Math.abs(after.x - at.x) < 1e-9 && Math.abs(after.y - at.y) < 1e-9);
});

test("fitting shows the whole rectangle", () => {
  const rect = { x: -500, y: 80, w: 3000, h: 900 };
  const camera = fitted(rect, { w: 800, h: 600 });
  const a = boardToScreen(camera, rect);
  const b = boardToScreen(camera, { x: rect.x + rect.w, y: rect.y + rect.h });
  assert.ok(a.x >= 0 && a.y >= 0 && b.x <= 800 && b.y <= 600);
});

test("people get steady colours from the whole palette", () => {
  const used = new Set(Array.from({ length: 500 }, (_, i) => hueOf(i * 7919 + 2 ** 40)));
  assert.equal(used.size, HUES);
  assert.equal(hueOf(123456), hueOf(123456));
});

test("a dozen people in one room have a dozen colours", () => {
  const taken = new Set<number>();
  for (let user = 1; user <= HUES; user++) taken.add(hueAmong(user * 104729, taken));
  assert.equal(taken.size, HUES);
  assert.equal(hueAmong(5, taken), hueOf(5));
});
