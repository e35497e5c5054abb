// engine/history.ts: wherever one looks from, and however one came there, the board is as a tab saw it then.

import assert from "node:assert/strict";
import { test } from "node:test";
import { encode } from "../../web/src/engine/codec.ts";
import { createHistory } from "../../web/src/engine/history.ts";
import { EngineError, type Authors, type Ms, type ObjectId } from "../../web/src/engine/types.ts";
import { createScene } from "../../web/src/state/scene.ts";
import { randomFrom, type Random } from "./random.ts";
import { hear, module, opened, opsFrame, plain, step, type Entry, type Tab } from "./tabs.ts";

/** What a tab that made nothing itself saw right after an entry. */
interface Moment {
  readonly views: unknown;
  readonly authors: readonly (readonly [ObjectId, Authors])[];
  readonly snapshot: Uint8Array;
  readonly hash: string;
}

function momentOf({ scene, engine }: Tab): Moment {
  const authors = [...scene.objects.keys()].map((id) => [id, engine.authors(id)] as const);
  return { views: plain(scene), authors, snapshot: engine.snapshot().bytes, hash: engine.hashes().state };
}

/** Everybody sends and hears everything. */
function settle(journal: Entry[], tabs: readonly Tab[]): void {
  for (const tab of tabs) {
    hear(journal, tab, journal.length);
    for (const { body } of tab.engine.pending()) journal.push({ user: tab.user, body });
  }
  for (const tab of tabs) hear(journal, tab, journal.length);
}

/** The server collects: what is deleted goes with the second of two. */
function collect(journal: Entry[], ctr: number): void {
  journal.push({ user: 0, body: encode([0, ctr, 100_000 * ctr, [[7]]]) });
}

function boardOf(random: Random): { readonly journal: readonly Entry[]; readonly moments: readonly Moment[] } {
  const journal: Entry[] = [];
  const tabs = [opened(5, 77), opened(6, 78)] as const;
  const watcher = opened(7, 79);
  for (let round = 0; round < 160; round++) {
    step(random, journal, tabs[random(2)]!);
    if (round % 50 !== 49) continue;
    settle(journal, tabs);
    collect(journal, (round + 1) / 50);
    settle(journal, tabs);
  }
  const moments = [momentOf(watcher)];
  while (watcher.seq < journal.length) {
    hear(journal, watcher, 1);
    moments.push(momentOf(watcher));
  }
  return { journal, moments };
}

test("back and forth, from any snapshot on, the board is what it was, and everything whoever's it was", () => {
  for (let seed = 1; seed <= 8; seed++) {
    const random = randomFrom(seed);
    const { journal, moments } = boardOf(random);
    const history = createHistory(module);
    for (const first of [0, random(moments.length)]) {
      const scene = createScene();
      let last = first;
      const extent = history.open(first === 0 ? new Uint8Array() : moments[first]!.snapshot);
      assert.deepEqual([extent.first, extent.last], [first, first]);
      for (let i = 0; i < 60; i++) {
        if (i % 10 === 0) {
          const from = Math.max(first, last - 3); // some come again
          last = Math.min(journal.length, last + 40);
          const grown = history.ops(opsFrame(journal, from, last - from));
          assert.deepEqual([grown.first, grown.last, grown.lastAt], [first, last, last === 0 ? 0 : 999 + last]);
        }
        const seq = first + random(last - first + 1);
        const { changes, at } = history.move(seq);
        scene.apply(changes);
        const then = moments[seq]!;
        assert.deepEqual(plain(scene), then.views, `seed ${seed}, seq ${seq}`);
        assert.deepEqual([changes.seq, at], [seq, seq === 0 ? 0 : 999 + seq]);
        assert.equal(history.hash(), then.hash, `seed ${seed}, seq ${seq}`);
        for (const [id, authors] of then.authors) assert.deepEqual(history.authors(id), authors);
      }
    }
  }
});

test("the first look is a reset, the next step tells what changed, and a time finds its entry", () => {
  const { journal } = boardOf(randomFrom(3));
  const history = createHistory(module);
  history.open(new Uint8Array());
  history.ops(opsFrame(journal, 0, journal.length));
  assert.equal(history.move(0).changes.reset, true);
  assert.equal(history.move(40).changes.reset, false);
  assert.equal(history.move(39).changes.reset, true);
  assert.equal(history.move(40).changes.reset, false);
  assert.deepEqual([0, 1000, 1010, 9e9].map((ms) => history.when(ms as Ms)), [0, 1, 11, journal.length]);
});

function fails(status: string, call: () => unknown): void {
  assert.throws(call, (error) => error instanceof EngineError && error.status === status);
}

test("what is not there cannot be looked at", () => {
  const { journal, moments } = boardOf(randomFrom(4));
  const history = createHistory(module);
  fails("state", () => history.move(0));
  fails("malformed", () => history.open(moments[20]!.snapshot.slice(0, 9)));
  history.open(moments[20]!.snapshot);
  fails("gap", () => history.ops(opsFrame(journal, 21, 5)));
  history.ops(opsFrame(journal, 20, 5));
  fails("not_found", () => history.move(19));
  fails("not_found", () => history.move(26));
  fails("not_found", () => history.authors("99.1" as ObjectId));
  assert.equal(history.move(25).changes.seq, 25);
});

test("an entry that no journal can hold is told on the way", () => {
  const { journal } = boardOf(randomFrom(5));
  const history = createHistory(module);
  history.open(new Uint8Array());
  history.ops(opsFrame([...journal.slice(0, 5), { user: 77, body: encode([5, 1, 1, [[0]]]) }], 0, 6));
  assert.equal(history.move(5).changes.seq, 5);
  fails("corrupt", () => history.move(6));
  history.open(new Uint8Array());
  history.ops(opsFrame(journal, 0, 6));
  assert.equal(history.move(6).changes.seq, 6);
});
