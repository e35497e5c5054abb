// The interface's pure parts: both languages say everything, geometry of tools, reading order, what may be pasted.

import assert from "node:assert/strict";
import { test } from "node:test";
import { formHasPoint, ShapeForm } from "../../web/src/geom/outline.ts";
import { readingOrder } from "../../web/src/geom/reading.ts";
import { resizeRect } from "../../web/src/geom/resize.ts";
import { snapMove } from "../../web/src/geom/snap.ts";
import en from "../../web/src/i18n/en.json";
import { speak, t, tAny } from "../../web/src/i18n/i18n.ts";
import zh from "../../web/src/i18n/zh.json";
import { SHORTCUTS } from "../../web/src/state/shortcuts.ts";
import { decodeCopies, encodeCopies } from "../../web/src/tools/copies.ts";
import type { Copy } from "../../web/src/tools/copies.ts";

const holes = (text: string): readonly string[] => (text.match(/\{\w+\}/g) ?? []).sort();

test("both languages have the same keys, none empty, with the same values to fill in", () => {
  assert.deepEqual(Object.keys(en).sort(), Object.keys(zh).sort());
  for (const [key, words] of Object.entries(en)) {
    const other = zh[key as keyof typeof zh];
    assert.ok(words.trim() !== "" && other.trim() !== "", key);
    assert.deepEqual(holes(other), holes(words), key);
  }
});

test("every shortcut has its words", () => {
  for (const { id } of SHORTCUTS) assert.ok(`key.${id}` in en, id);
});

test("one change and several read differently in English, alike in Chinese", async () => {
  await speak("en");
  assert.equal(t("chip.offline_kept", { n: 1 }), "Offline: 1 change kept on this device");
  assert.equal(t("chip.offline_kept", { n: 3 }), "Offline: 3 changes kept on this device");
  await speak("zh");
  assert.equal(t("chip.offline_kept", { n: 1 }), "离线：1 处更改已保存在此设备");
  await speak("en");
});

test("an unknown key reads as itself instead of failing", () => {
  assert.equal(tAny("no.such.key"), "no.such.key");
});

const box = (x: number, y: number, w = 100, h = 100) => ({ x, y, w, h });

test("a moving rectangle snaps to a neighbour's edge and shows the line", () => {
  const snap = snapMove(box(203, 40), [box(0, 0), box(200, 300)], 6);
  assert.equal(snap.dx, -3);
  assert.ok(snap.guides.some((guide) => guide.axis === "x" && guide.at === 200));
});

test("nothing within reach, nothing snaps", () => {
  const snap = snapMove(box(1003, 1040), [box(0, 0)], 6);
  assert.deepEqual([snap.dx, snap.dy, snap.guides.length], [0, 0, 0]);
});

test("resizing keeps the opposite corner, the ratio when asked, and never turns inside out", () => {
  const free = { keepRatio: false, fromCentre: false, min: 10 };
  assert.deepEqual(resizeRect(box(0, 0), "se", 50, 20, free), box(0, 0, 150, 120));
  assert.deepEqual(resizeRect(box(0, 0), "nw", 50, 20, free), box(50, 20, 50, 80));
  assert.deepEqual(resizeRect(box(0, 0), "nw", 500, 500, free), box(90, 90, 10, 10));
  assert.deepEqual(resizeRect(box(0, 0), "e", 30, 99, free), box(0, 0, 130, 100));
  const square = resizeRect(box(0, 0, 100, 50), "se", 100, 0, { ...free, keepRatio: true });
  assert.equal(square.w / square.h, 2);
});

test("a diamond's corner is empty board", () => {
  assert.equal(formHasPoint(ShapeForm.DIAMOND, box(0, 0), { x: 5, y: 5 }), false);
  assert.equal(formHasPoint(ShapeForm.DIAMOND, box(0, 0), { x: 50, y: 50 }), true);
  assert.equal(formHasPoint(ShapeForm.ELLIPSE, box(0, 0), { x: 3, y: 3 }), false);
  assert.equal(formHasPoint(ShapeForm.RECTANGLE, box(0, 0), { x: 3, y: 3 }), true);
});

test("reading order goes by rows, left to right, in spite of small differences in height", () => {
  const items = [box(300, 6), box(0, 0), box(150, -4), box(0, 160), box(150, 150)];
  const order = readingOrder(items, (item) => item).map((item) => `${item.x},${item.y}`);
  assert.deepEqual(order, ["0,0", "150,-4", "300,6", "0,160", "150,150"]);
});

const copy = (more: Partial<Copy> = {}): Copy => ({
  kind: 3,
  rect: box(1, 2),
  text: "便签",
  style: [[4, 2]],
  parent: null,
  ...more,
});

test("copies survive the clipboard", () => {
  const copies = [copy({ kind: 6 }), copy({ parent: 0 })];
  assert.deepEqual(decodeCopies(encodeCopies(copies)), copies);
});

test("what is not a copy of ours, or a broken one, is not pasted as objects", () => {
  assert.equal(decodeCopies("not json"), null);
  assert.equal(decodeCopies('{"copies": 3}'), null);
  assert.equal(decodeCopies(JSON.stringify({ copies: [{ kind: 2, rect: box(0, 0) }] })), null, "people are not pasted");
  assert.equal(decodeCopies('{"copies": [{"kind": 3, "rect": {"x": 1e308, "y": 0, "w": 1, "h": 1}}]}'), null);
});

test("a pasted object lies on a frame only if that frame was copied with it", () => {
  const stray = decodeCopies(encodeCopies([copy({ kind: 3 }), copy({ parent: 0 })]));
  assert.equal(stray?.[1]?.parent, null);
});
