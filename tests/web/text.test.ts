// Text on the board: where lines may break, that nothing overflows its paper, and how typing meets a remote change.

import assert from "node:assert/strict";
import { test } from "node:test";
import { piecesOf } from "../../web/src/geom/breaks.ts";
import { balanceText, fitText, layoutAt, measureText } from "../../web/src/geom/layout.ts";
import { applySplice, mapPosition, rebase, spliceBetween } from "../../web/src/state/splice.ts";

/** Half an em for Latin, one for the rest: close enough to a font for arithmetic. */
const measure = (text: string): number =>
  Array.from(text).reduce((sum, c) => sum + (c.codePointAt(0)! < 0x2e80 ? 0.5 : 1), 0);

const pieces = (text: string): readonly string[] => piecesOf(text).map((piece) => piece.text);

test("pieces put together again are the paragraph", () => {
  for (const text of ["", " ", "a b", "  lead", "设计评审，很顺畅。", "mixed 中文 and words—well-known", "（括号）“引号”"]) {
    assert.equal(piecesOf(text).map((piece) => piece.text + piece.space).join(""), text);
  }
});

test("Chinese breaks between characters, and never before a closing or after an opening mark", () => {
  assert.deepEqual(pieces("设计，好"), ["设", "计，", "好"]);
  assert.deepEqual(pieces("看（这）里。"), ["看", "（这）", "里。"]);
  assert.deepEqual(pieces("用Vim写"), ["用", "Vim", "写"]);
});

test("Latin words stay whole, and break after a hyphen", () => {
  assert.deepEqual(pieces("two words"), ["two", "words"]);
  assert.deepEqual(pieces("well-known 2-3"), ["well-", "known", "2-3"]);
});

test("lines keep to the room and lose no character", () => {
  const text = "A longer text 里面有中文，也有 internationalization and more";
  const layout = layoutAt(measureText(text, measure), 10, 60, measure);
  for (const line of layout.lines) assert.ok(line.width <= 60 + 1e-6, line.text);
  assert.equal(layout.lines.map((line) => line.text).join("").replace(/ /g, ""), text.replace(/ /g, ""));
});

test("a word wider than the room is chopped between characters", () => {
  const layout = layoutAt(measureText("abcdefghij", measure), 10, 20, measure);
  assert.deepEqual(layout.lines.map((line) => line.text), ["abcd", "efgh", "ij"]);
});

test("the font shrinks until any text fits its paper", () => {
  const room = { w: 110, h: 100 };
  for (const length of [1, 10, 100, 1000, 5000]) {
    for (const unit of ["word ", "便签", "x"]) {
      const layout = fitText(measureText(unit.repeat(length), measure), 16, room, measure);
      assert.ok(layout.height <= room.h + 1e-6, `${unit} ${length}: ${layout.height}`);
      assert.ok(layout.width <= room.w + 1e-6, `${unit} ${length}: ${layout.width}`);
      assert.ok(layout.size <= 16);
    }
  }
});

test("a short text has the full size, and an empty one a line", () => {
  assert.equal(fitText(measureText("hi", measure), 16, { w: 110, h: 100 }, measure).size, 16);
  assert.equal(layoutAt(measureText("", measure), 16, 100, measure).lines.length, 1);
});

test("a Chinese line is not left with one character alone", () => {
  const measured = measureText("设计评审很顺畅", measure);
  const plain = layoutAt(measured, 10, 60, measure);
  assert.equal(plain.lines.at(-1)?.text, "畅");
  const even = balanceText(measured, plain, measure);
  assert.deepEqual(even.lines.map((line) => line.text), ["设计评审", "很顺畅"]);
});

test("a splice turns one text into the other, wherever the caret is", () => {
  const cases: readonly (readonly [string, string, number | null])[] = [
    ["", "a", 1],
    ["aaa", "aaaa", 2],
    ["hello", "help", 4],
    ["中文", "中间文", 2],
    ["😀", "😁", 2],
    ["a😀b", "a😁b", null],
    ["same", "sam", 3],
  ];
  for (const [from, to, caret] of cases) {
    const splice = spliceBetween(from, to, caret);
    assert.ok(splice);
    assert.equal(applySplice(from, splice), to);
  }
  assert.equal(spliceBetween("x", "x", null), null);
});

test("a splice never cuts a surrogate pair", () => {
  const splice = spliceBetween("😀", "😁", null);
  assert.deepEqual(splice, { at: 0, remove: 2, text: "😁" });
});

test("a letter typed among equal ones lands where the caret is", () => {
  assert.deepEqual(spliceBetween("aaa", "aaaa", 2), { at: 1, remove: 0, text: "a" });
});

test("what is typed meets a remote change of the same base", () => {
  const base = "one two three";
  const remote = spliceBetween(base, "zero one two three", null);
  const local = spliceBetween(base, "one two and three", 12);
  assert.ok(local);
  const now = "zero one two three";
  assert.equal(applySplice(now, rebase(local, remote)), "zero one two and three");
});

test("what others wrote inside a stretch we removed survives", () => {
  const base = "abcdef";
  const remote = { at: 3, remove: 0, text: "XYZ" };
  const local = { at: 1, remove: 4, text: "" };
  const merged = applySplice(applySplice(base, remote), rebase(local, remote));
  assert.ok(merged.includes("XYZ"), merged);
});

test("the caret stays beside what it stood beside", () => {
  assert.equal(mapPosition(5, { at: 0, remove: 0, text: "ab" }, true), 7);
  assert.equal(mapPosition(0, { at: 0, remove: 0, text: "ab" }, true), 0);
  assert.equal(mapPosition(5, { at: 2, remove: 2, text: "" }, true), 3);
  assert.equal(mapPosition(3, { at: 2, remove: 4, text: "" }, true), 2);
});
