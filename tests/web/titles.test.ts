// Frames' titles far out: who is shown where there is not room for all, and what of them the pointer takes hold of.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Field, Kind } from "../../web/src/engine/generated.ts";
import type { ObjectView } from "../../web/src/engine/types.ts";
import { rectHasPoint, rectsTouch } from "../../web/src/geom/rect.ts";
import type { BoardPoint, BoardRect } from "../../web/src/geom/types.ts";
import { createTitles, frameTitleRect } from "../../web/src/render/titles.ts";

const FAR = 0.1;
const WIDTH = 0.5; // of each character, as a share of the size

interface Frame {
  readonly view: ObjectView;
  readonly rect: BoardRect;
}

function frame(title: string, x: number, y: number, w: number, h: number): Frame {
  const view = { id: title, kind: Kind.FRAME, fields: new Map([[Field.TEXT, title]]), text: title };
  return { view: view as unknown as ObjectView, rect: { x, y, w, h } as BoardRect };
}

function titlesOf(...frames: readonly Frame[]) {
  const rectOf = (view: ObjectView): BoardRect => frames.find((one) => one.view === view)!.rect;
  const inOrder = (rect?: BoardRect) => frames.filter((one) => rect === undefined || rectsTouch(one.rect, rect)).map(({ view }) => view);
  const titles = createTitles({ inOrder, rectOf }, (text, size) => text.length * size * WIDTH);
  const named = frames.filter(({ view }) => view.kind === Kind.FRAME);
  const shown = (zoom: number) => named.filter(({ view, rect }) => titles.roomFor(view, rect, zoom) !== null).map(({ view }) => view.id);
  return { titles, shown };
}

test("of titles that would lie on each other the larger frame's is shown", () => {
  const { shown } = titlesOf(frame("the whole quarter", 0, 0, 3_000, 2_000), frame("January", 40, 60, 900, 900));
  assert.deepEqual(shown(FAR), ["the whole quarter"]);
  assert.deepEqual(shown(1), ["the whole quarter", "January"]);
});

test("of frames as large the upper one's is shown", () => {
  const { shown } = titlesOf(frame("lower", 0, 0, 900, 900), frame("upper", 50, 20, 900, 900));
  assert.deepEqual(shown(FAR), ["upper"]);
});

test("a title ends before one that begins beside it", () => {
  const small = frame("a rather long title of a small frame", 0, 0, 1_200, 300);
  const { titles, shown } = titlesOf(small, frame("large", 600, 40, 3_000, 3_000));
  assert.deepEqual(shown(FAR), [small.view.id, "large"]);
  const room = titles.roomFor(small.view, small.rect, FAR)!;
  assert.ok(room.x + room.w < 600, `to ${room.x + room.w}`);
  assert.ok(room.w > 400, `${room.w}`);
});

test("a title that only the zoom brought under something ends before it, or is left out", () => {
  const heading = frame("heading", 0, -160, 900, 120);
  const beside = frame("beside", 600, -160, 900, 120);
  for (const { view } of [heading, beside]) (view as { kind: number }).kind = Kind.TEXT;
  const lane = frame("a lane with quite a long title", 0, 0, 1_200, 900);
  assert.deepEqual(titlesOf(lane, heading).shown(FAR), []);
  assert.deepEqual(titlesOf(lane, heading).shown(1), ["a lane with quite a long title"]);
  assert.ok(titlesOf(lane, beside).titles.roomFor(lane.view, lane.rect, FAR)!.w < 600);
  assert.deepEqual(titlesOf(heading, lane).shown(FAR), ["a lane with quite a long title"], "over what lies below it");
});

test("frames in a row, and below each other, all have their titles", () => {
  const row = ["one", "two", "three"].map((title, i) => frame(title, i * 500, 0, 460, 600));
  const column = ["four", "five"].map((title, i) => frame(title, 0, 1_000 + i * 700, 460, 600));
  const { shown } = titlesOf(...row, ...column);
  assert.deepEqual(shown(FAR), ["one", "two", "three", "four", "five"]);
});

test("a title is taken hold of by its words, not beside them", () => {
  const short = frame("Ideas", 0, 0, 2_000, 900);
  const { titles } = titlesOf(short);
  const strip = frameTitleRect(short.rect, 1);
  const area = titles.areaOf(short.view, 1)!;
  const y = strip.y + strip.h / 2;
  assert.ok(rectHasPoint(area, { x: 10, y } as BoardPoint));
  assert.ok(rectHasPoint(area, { x: -5, y: strip.y - 5 } as BoardPoint), "a finger is not that exact");
  assert.ok(!rectHasPoint(area, { x: 200, y } as BoardPoint), "the board is panned there");
});

test("what is not shown is not taken hold of, and a frame without a name can be given one", () => {
  const inner = frame("January", 40, 60, 900, 900);
  const { titles } = titlesOf(frame("the whole quarter", 0, 0, 3_000, 2_000), inner);
  assert.equal(titles.areaOf(inner.view, FAR), null);
  const unnamed = frame("", 0, 0, 900, 900);
  assert.ok(titlesOf(unnamed).titles.areaOf(unnamed.view, 1)!.w >= 64);
});
