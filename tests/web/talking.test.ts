// Talking over a board: what a commenter may do, reactions, the order of slides.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Field, Kind } from "../../web/src/engine/generated.ts";
import { idOf } from "../../web/src/engine/id.ts";
import type { Changes, Edit, FieldValue, ObjectId, ObjectView } from "../../web/src/engine/types.ts";
import { badgeRow } from "../../web/src/geom/badges.ts";
import type { BoardRect } from "../../web/src/geom/types.ts";
import { boardToScreen } from "../../web/src/state/camera.ts";
import { onlyComments } from "../../web/src/state/may.ts";
import { REACTIONS, reactionsOf, toggleReaction } from "../../web/src/state/reactions.ts";
import { createScene } from "../../web/src/state/scene.ts";
import { moveSlide, slideCamera, slideFrom, slidesOf } from "../../web/src/state/slides.ts";
import { randomFrom } from "./random.ts";

type Given = readonly (readonly [number, FieldValue])[];

function view(id: ObjectId, kind: number, fields: Given): ObjectView {
  return { id, kind, user: 1, pending: false, fields: new Map(fields), marks: new Map() };
}

function sceneOf(views: readonly ObjectView[]): ReturnType<typeof createScene> {
  const scene = createScene();
  const changes: Changes = { reset: true, changed: views, patches: [], removed: [], seq: 1, pending: 0, undo: 0, redo: 0 };
  scene.apply(changes);
  return scene;
}

test("a slide fills the screen, clear of the bar below it when it is high", () => {
  const screen = { w: 1600, h: 900 };
  const bottomOf = (slide: BoardRect): number => {
    const camera = slideCamera(slide, screen, 64);
    const top = boardToScreen(camera, slide);
    assert.ok(top.x >= 11.9 && top.y >= 11.9, "all of it is in sight");
    return top.y + slide.h * camera.zoom;
  };
  assert.ok(Math.abs(bottomOf({ x: 10, y: 20, w: 300, h: 600 }) - (900 - 64 - 12)) < 0.01);
  assert.ok(Math.abs(bottomOf({ x: 10, y: 20, w: 1600, h: 900 }) - (900 - 64 - 12)) < 0.01);
  const wide = { x: 10, y: 20, w: 1600, h: 400 };
  assert.ok(Math.abs(bottomOf(wide) - (450 + 200 * (1576 / 1600))) < 0.01, "in the middle, for it is clear of it there");
});

test("a commenter comments and reacts, and changes nothing else", () => {
  const [thread, sticky] = [idOf(1, 1), idOf(1, 2)];
  const objects = new Map([
    [thread, view(thread, Kind.THREAD, [])],
    [sticky, view(sticky, Kind.STICKY, [])],
  ]);
  const create = (kind: number): Edit => ({ do: "create", kind, fields: new Map() });
  const text = (id: ObjectId | number): Edit => ({ do: "text", id, field: Field.TEXT, at: 0, remove: 0, text: "x" });
  const may = (...edits: Edit[]): boolean => onlyComments(edits, objects);
  assert.ok(may(create(Kind.THREAD), create(Kind.MESSAGE), text(1)));
  assert.ok(may({ do: "set", id: thread, field: Field.RESOLVED, value: true }));
  assert.ok(may(toggleReaction(objects.get(sticky)!, 0, 1)));
  assert.ok(!may(text(sticky)));
  assert.ok(!may(create(Kind.THREAD), create(Kind.STICKY)));
  assert.ok(!may({ do: "delete", id: sticky }));
  assert.ok(!may({ do: "arrange", objects: [thread, [sticky, null]], before: null }));
  assert.ok(!may({ do: "delete", id: idOf(9, 9) }), "what is unknown is not a comment");
});

test("reactions are counted by person, those of most people first, and those to a moment of a track are left out", () => {
  const tally: FieldValue = [[7, 2, 1], [8, 2, 1], [7, 0, 1], [9, 0, 0], [9, 64, 1], [9, 63, 1], [7, 4, 3]];
  const sticky = view(idOf(1, 1), Kind.STICKY, [[Field.REACTION, tally]]);
  assert.deepEqual(reactionsOf(sticky), [
    { reaction: 2, users: [7, 8] },
    { reaction: 0, users: [7] },
  ]);
  assert.deepEqual(reactionsOf(view(idOf(1, 2), Kind.STICKY, [])), []);
  const value = (edit: Edit): number | null => (edit.do === "tally" ? edit.value : null);
  assert.equal(value(toggleReaction(sticky, 2, 8)), 0);
  assert.equal(value(toggleReaction(sticky, 0, 8)), 1);
  assert.ok(REACTIONS.length < 64);
});

const frame = (ctr: number, x: number, y: number, slide: number | null): ObjectView =>
  view(idOf(1, ctr), Kind.FRAME, [
    [Field.POS, [x, y]],
    [Field.SIZE, [80, 60]],
    ...(slide === null ? [] : [[Field.SLIDE, slide] as const]),
  ]);

test("slides go by their number; frames without one follow in reading order", () => {
  const scene = sceneOf([
    frame(1, 200, 0, null),
    frame(2, 0, 0, null),
    frame(3, 0, 500, 2),
    frame(4, 0, 400, -1),
    view(idOf(1, 5), Kind.STICKY, [[Field.POS, [0, 0]]]),
  ]);
  assert.deepEqual(slidesOf(scene).map(({ id }) => id), ["1.4", "1.3", "1.2", "1.1"]);
});

test("stepping through the slides stops at both ends and begins again where a frame is gone", () => {
  const slides = slidesOf(sceneOf([frame(1, 0, 0, 1), frame(2, 0, 0, 2), frame(3, 0, 0, 3)]));
  assert.equal(slideFrom(slides, idOf(1, 2), 1)?.id, "1.3");
  assert.equal(slideFrom(slides, idOf(1, 3), 1)?.id, "1.3");
  assert.equal(slideFrom(slides, idOf(1, 1), -1)?.id, "1.1");
  assert.equal(slideFrom(slides, idOf(7, 7), 1)?.id, "1.1");
  assert.equal(slideFrom(slides, null, -1)?.id, "1.3");
  assert.equal(slideFrom([], null, 1), null);
});

/** The frames after the edits. */
function applied(slides: readonly ObjectView[], edits: readonly Edit[]): readonly ObjectView[] {
  const numbers = new Map(edits.map((edit) => (edit.do === "set" ? [edit.id, edit.value] : [0, null])));
  return slides.map((slide) => {
    const value = numbers.get(slide.id);
    return value === undefined ? slide : { ...slide, fields: new Map([...slide.fields, [Field.SLIDE, value]]) };
  });
}

test("a slide lands where it was put, however often and with whatever numbers there are", () => {
  for (let seed = 1; seed <= 40; seed++) {
    const random = randomFrom(seed);
    let frames: readonly ObjectView[] = Array.from({ length: 7 }, (_, i) =>
      frame(i + 1, 100 * random(5), 100 * random(5), random(2) === 0 ? null : random(3)),
    );
    for (let round = 0; round < 60; round++) {
      const slides = slidesOf(sceneOf(frames));
      const [from, to] = [random(slides.length), random(slides.length)];
      const expected = slides.map(({ id }) => id);
      expected.splice(to, 0, ...expected.splice(from, 1));
      const edits = moveSlide(slides, from, to);
      assert.ok(from !== to || edits.length === 0);
      frames = applied(slides, edits);
      assert.deepEqual(slidesOf(sceneOf(frames)).map(({ id }) => id), expected, `seed ${seed} round ${round}`);
    }
  }
});

test("a slide whose first number was taken back by an undo is where it was before it had one", () => {
  const slides = slidesOf(sceneOf([frame(1, 0, 0, 0), frame(2, 100, 0, null), frame(3, 0, 0, 1)]));
  assert.deepEqual(slides.map(({ id }) => id), ["1.3", "1.1", "1.2"]);
  const value = (edit: Edit | undefined): unknown => (edit?.do === "set" ? edit.value : undefined);
  assert.notEqual(value(moveSlide(slidesOf(sceneOf([frame(1, 0, 0, 1), frame(2, 0, 0, 2)])), 1, 0)[0]), 0);
  assert.notEqual(value(moveSlide(slidesOf(sceneOf([frame(1, 0, 0, -2), frame(2, 0, 0, -1)])), 0, 1)[0]), 0);
});

test("one slide is renumbered as long as there is room, all of them when there is none", () => {
  const roomy = slidesOf(sceneOf([frame(1, 0, 0, 1), frame(2, 0, 0, 2), frame(3, 0, 0, 3)]));
  assert.deepEqual(moveSlide(roomy, 2, 1), [{ do: "set", id: "1.3", field: Field.SLIDE, value: 1.5 }]);
  const tight = slidesOf(sceneOf([frame(1, 0, 0, 1), frame(2, 0, 0, 1 + 1e-9), frame(3, 0, 0, 3), frame(4, 0, 0, null)]));
  assert.deepEqual(
    moveSlide(tight, 2, 1).map((edit) => (edit.do === "set" ? [edit.id, edit.value] : null)),
    [["1.1", 1], ["1.3", 2], ["1.2", 3]],
  );
});

test("badges stand in a row at the lower right, as many as there is room for, and the first in any case", () => {
  const object = { x: 0, y: 0, w: 132, h: 132 };
  const row = badgeRow(object, [4, 3, 12, 1, 1]);
  assert.equal(row.length, 3);
  for (const [i, rect] of row.entries()) {
    assert.ok(rect.y < object.h && rect.y + rect.h > object.h, "over the lower edge");
    assert.ok(i === 0 || rect.x >= row[i - 1]!.x + row[i - 1]!.w, "side by side");
  }
  assert.ok(row.at(-1)!.x + row.at(-1)!.w > object.w);
  assert.equal(badgeRow({ x: 0, y: 0, w: 10, h: 10 }, [1, 1]).length, 1);
  assert.deepEqual(badgeRow(object, []), []);
});
