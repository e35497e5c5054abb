// Comments: threads as the engine tells of them, pins that keep to their objects, messages edited by two at once, and what
// a person has read.

import assert from "node:assert/strict";
import { test } from "node:test";
import { signal } from "@preact/signals";
import { Field, Kind } from "../../web/src/engine/generated.ts";
import type { Edit, Ms, ObjectId } from "../../web/src/engine/types.ts";
import {
  anchorAt,
  anchorPoint,
  answer,
  beginThread,
  followThreads,
  removeMessage,
  resolve,
  rewrite,
} from "../../web/src/state/comments.ts";
import type { Anchor, Thread, Threads } from "../../web/src/state/comments.ts";
import { keepReadMarks } from "../../web/src/state/read_marks.ts";
import type { Tracked } from "../../web/src/state/read_marks.ts";
import { commit, type Entry, hear, opened, type Tab } from "./tabs.ts";

const BOARD: Anchor = { object: null, dx: 40, dy: -20 };
let gesture = 0;

function edit(tab: Tab, edits: readonly Edit[]): readonly ObjectId[] {
  const { changes, created } = tab.engine.edit((gesture += 1), edits);
  tab.scene.apply(changes);
  return created;
}

function withThreads(tab: Tab): { readonly threads: Threads; readonly list: () => readonly Thread[] } {
  const threads = followThreads(tab.scene);
  return { threads, list: () => threads.list.value };
}

const said = (thread: Thread | undefined): readonly string[] => thread?.messages.map(({ text }) => text) ?? [];

test("a thread is its pin and its messages as they were sent, and one undo takes back what was begun at once", () => {
  const tab = opened(3, 7);
  const { list } = withThreads(tab);
  const [track] = edit(tab, [{ do: "create", kind: Kind.TRACK, fields: new Map([[Field.PLACE, [null, null]]]) }]);
  const moment = { track: track!, ms: 2750 as Ms };
  edit(tab, beginThread(BOARD, "first", null));
  const [thread] = list();
  assert.deepEqual(said(thread), ["first"]);
  assert.deepEqual(thread?.anchor, BOARD);
  assert.equal(thread?.messages[0]?.user, 7);
  edit(tab, answer(thread!.id, "second", null));
  edit(tab, answer(thread!.id, "third 🙂", moment));
  assert.deepEqual(said(list()[0]), ["first", "second", "third 🙂"]);
  assert.deepEqual(list()[0]?.messages.map((message) => message.moment), [null, null, moment]);
  for (let i = 0; i < 3; i++) tab.scene.apply(tab.engine.undo());
  assert.deepEqual(list(), []);
  tab.scene.apply(tab.engine.redo());
  assert.deepEqual(said(list()[0]), ["first"]);
});

test("threads stand with the latest message first, whoever wrote it and whatever else was made meanwhile", () => {
  const tab = opened(3, 7);
  const { list } = withThreads(tab);
  edit(tab, beginThread(BOARD, "a", null));
  edit(tab, [{ do: "create", kind: Kind.STICKY, fields: new Map([[Field.PLACE, [null, null]]]) }]);
  edit(tab, beginThread(BOARD, "b", null));
  assert.deepEqual(list().map((thread) => said(thread)[0]), ["b", "a"]);
  edit(tab, answer(list()[1]!.id, "again", null));
  assert.deepEqual(list().map((thread) => said(thread)[0]), ["a", "b"]);
  edit(tab, resolve(list()[0]!.id, true));
  assert.deepEqual(list().map(({ resolved }) => resolved), [true, false]);
});

test("the last message taken back takes its pin along; another one leaves it", () => {
  const tab = opened(3, 7);
  const { list } = withThreads(tab);
  edit(tab, beginThread(BOARD, "one", null));
  edit(tab, answer(list()[0]!.id, "two", null));
  edit(tab, removeMessage(list()[0]!, list()[0]!.messages[0]!.id));
  assert.deepEqual(said(list()[0]), ["two"]);
  edit(tab, removeMessage(list()[0]!, list()[0]!.messages[0]!.id));
  assert.deepEqual(list(), []);
  assert.ok([...tab.scene.objects.values()].every(({ kind }) => kind !== Kind.THREAD));
});

test("a pin keeps to its object, wherever and however large that is, and is nowhere while it is gone", () => {
  const rect = { x: 100, y: 50, w: 200, h: 100 };
  const id = "3.1" as ObjectId;
  const anchor = anchorAt({ x: 250, y: 100 }, id, rect);
  assert.deepEqual(anchor, { object: id, dx: 0.75, dy: 0.5 });
  assert.deepEqual(anchorPoint(anchor, () => ({ x: -400, y: 0, w: 400, h: 10 })), { x: -100, y: 5 });
  assert.equal(anchorPoint(anchor, () => null), null);
  assert.deepEqual(anchorPoint(anchorAt({ x: 3.4, y: 7.6 }, null, rect), () => null), { x: 3, y: 8 });
  assert.deepEqual(anchorAt({ x: 999, y: 0 }, id, rect), { object: id, dx: 1, dy: 0 });
});

test("a message rewritten in two tabs at once keeps what both wrote", () => {
  const journal: Entry[] = [];
  const [ada, bo] = [opened(3, 7), opened(4, 8)];
  edit(ada, beginThread(BOARD, "the review", null));
  commit(journal, ada, 9);
  for (const tab of [ada, bo]) hear(journal, tab, 9);
  const lists = [ada, bo].map(withThreads);
  const message = (i: number): Thread["messages"][number] => lists[i]!.list()[0]!.messages[0]!;
  const base = message(0).text;
  edit(ada, rewrite(message(0), base, "the whole review"));
  edit(bo, rewrite(message(1), base, "the review ends"));
  for (const tab of [ada, bo]) commit(journal, tab, 9);
  for (const tab of [ada, bo]) hear(journal, tab, 9);
  assert.deepEqual([message(0).text, message(1).text], ["the whole review ends", "the whole review ends"]);
  // And one that was begun before the other's words came, and is saved after.
  edit(bo, rewrite(message(1), base, "our review"));
  assert.equal(message(1).text, "our whole review ends");
  assert.deepEqual(rewrite(message(1), "same", "same"), []);
});

test("the threads of a board opened anew are those it had", () => {
  const tab = opened(3, 7);
  edit(tab, beginThread(BOARD, "kept", null));
  const { list, threads } = withThreads(tab);
  assert.deepEqual(list().map(said), [["kept"]]);
  tab.scene.apply({ reset: true, changed: [], patches: [], removed: [], seq: 1, pending: 0, undo: 0, redo: 0 });
  assert.deepEqual(list(), []);
  threads.stop();
});

test("others' messages are unread until their thread was shown; what came while connected has a time", () => {
  const tab = opened(3, 7);
  const { list } = withThreads(tab);
  const store: Tracked = {
    board: "b",
    me: signal(7),
    loaded: signal(true),
    connection: signal({ is: "saved" }),
  };
  edit(tab, beginThread(BOARD, "mine, before", null));
  const marks = keepReadMarks(store, list);
  edit(tab, answer(list()[0]!.id, "mine, now", null));
  const [before, now] = list()[0]!.messages;
  assert.equal(marks.heardAt(before!.id), null);
  assert.notEqual(marks.heardAt(now!.id), null);
  assert.deepEqual(marks.unread(list()[0]!), [], "one's own are never unread");

  const others: Thread = { ...list()[0]!, messages: list()[0]!.messages.map((message) => ({ ...message, user: 8 })) };
  assert.equal(marks.unread(others).length, 2);
  marks.read(others);
  assert.equal(marks.unread(others).length, 0);
  marks.stop();
});
