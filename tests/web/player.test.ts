// What the player needs of the past and of the screen: stretches asked for before they are wanted, and once; bubbles that
// stand clear of the bars and of each other.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { History } from "../../web/src/engine/history.ts";
import { EngineError, type Ms } from "../../web/src/engine/types.ts";
import { placeBubbles, type Bubble } from "../../web/src/geom/bubbles.ts";
import { rectHas, rectsOverlap } from "../../web/src/geom/rect.ts";
import type { PastAnswer, PastDesk } from "../../web/src/state/types.ts";
import { Past } from "../../web/src/talk/past.ts";
import { randomFrom } from "./random.ts";

/** A board whose entries change nothing, with a snapshot each so many; `refused` says who may not see what. */
function deskOf(every: number, refused: (seq: number) => string | null = () => null) {
  const asked: number[] = [];
  let opened = 0;
  const desk: PastDesk = {
    async ask(seq): Promise<PastAnswer> {
      asked.push(seq);
      await Promise.resolve();
      const code = refused(seq);
      if (code !== null) throw new EngineError(code);
      const asOf = Math.floor(seq / every) * every;
      const ops = [Uint8Array.of(asOf >> 8, asOf & 255, seq >> 8, seq & 255)];
      return { asOf, seq, snapshot: Uint8Array.of(asOf >> 8, asOf & 255), hash: "", ops };
    },
    open(): History {
      opened += 1;
      let first = 0;
      let last = 0;
      let at: number | null = null;
      const extent = () => ({ first, last, firstAt: 0 as Ms, lastAt: 0 as Ms });
      return {
        open(snapshot) {
          first = last = (snapshot[0]! << 8) + snapshot[1]!;
          return extent();
        },
        ops(frame) {
          const from = (frame[0]! << 8) + frame[1]!;
          assert.ok(from <= last, "no gap");
          last = Math.max(last, (frame[2]! << 8) + frame[3]!);
          return extent();
        },
        move(seq) {
          assert.ok(first <= seq && seq <= last);
          const reset = at === null;
          at = seq;
          return { changes: { reset, changed: [], patches: [], removed: [], seq, pending: 0, undo: 0, redo: 0 }, at: 0 as Ms };
        },
        when: () => 0,
        authors: () => assert.fail(),
        hash: () => String(at),
      };
    },
  };
  return { desk, asked, opened: () => opened };
}

const settled = async (): Promise<void> => {
  for (let i = 0; i < 60; i++) await Promise.resolve();
};

test("a stretch is asked for once, and the playback moves through it entry by entry", async () => {
  const { desk, asked, opened } = deskOf(10_000);
  let shown = 0;
  const past = new Past(desk, new Map([[57, "57"]]), { shown: () => (shown += 1) });
  past.show(50, 80);
  assert.equal(past.state.value, "loading");
  await settled();
  for (let seq = 50; seq <= 80; seq++) {
    past.show(seq, 80);
    assert.equal(past.seq, seq);
  }
  assert.deepEqual([asked, opened(), past.state.value], [[80], 1, "shown"]);
  assert.deepEqual(past.hashes, [{ seq: 57, recorded: "57", rebuilt: "57" }]);
  assert.ok(shown > 30);
  past.close();
});

test("of a long recording what comes next is there before it is wanted, wherever the snapshots lie", async () => {
  for (const every of [700, 5_000, 30_000]) {
    const { desk, asked } = deskOf(every);
    const past = new Past(desk, new Map(), { shown: () => undefined });
    past.show(1_234, 20_000);
    await settled();
    for (let seq = 1_234; seq <= 20_000; seq += 13) {
      past.show(seq, 20_000);
      assert.equal(past.seq, seq, `every ${every}`);
      await settled();
    }
    assert.ok(asked.length <= 2 * (20_000 / Math.min(every, 4_096)) + 2, `${asked.length} of every ${every}`);
    assert.equal(new Set(asked).size, asked.length, "nothing is asked for twice");
    past.close();
  }
});

test("wherever one seeks, the board is the one of that entry", async () => {
  const random = randomFrom(5);
  const { desk } = deskOf(900);
  const past = new Past(desk, new Map(), { shown: () => undefined });
  for (let i = 0; i < 60; i++) {
    const seq = 1 + random(20_000);
    past.show(seq, 20_000);
    await settled();
    assert.equal(past.seq, seq);
    assert.equal(past.state.value, "shown");
  }
  past.close();
});

test("who may not look back is told so, and what is no longer kept, too", async () => {
  for (const [code, state] of [["perm", "perm"], ["not_found", "failed"]] as const) {
    const { desk, asked } = deskOf(100, () => code);
    const past = new Past(desk, new Map(), { shown: () => assert.fail() });
    past.show(5, 10);
    await settled();
    past.show(6, 10);
    await settled();
    assert.deepEqual([past.state.value, asked.length], [state, 1]);
    past.close();
  }
});

test("bubbles stand in the free part of the screen, outside of what they are about, and clear of each other", () => {
  const random = randomFrom(9);
  const free = { x: 8, y: 76, w: 972, h: 484 };
  for (let round = 0; round < 200; round++) {
    const bubbles: Bubble[] = Array.from({ length: 1 + random(4) }, () => {
      const around = { x: random(1_000), y: random(700), w: 40 + random(300), h: 40 + random(300) };
      return { at: { x: around.x + around.w - 10, y: around.y + around.h - 10 }, around, w: 60 + random(240), h: 36 };
    });
    const boxes = placeBubbles(bubbles, free).map((at, i) => at && { ...at, w: bubbles[i]!.w, h: bubbles[i]!.h });
    for (const [i, box] of boxes.entries()) {
      const { at } = bubbles[i]!;
      if (!rectHas(free, { ...at!, w: 0, h: 0 })) assert.equal(box, null);
      if (box === null) continue;
      assert.ok(rectHas(free, box));
      for (const other of boxes.slice(0, i)) assert.ok(other === null || !rectsOverlap(other, box));
    }
  }
  const [alone] = placeBubbles([{ at: { x: 300, y: 300 }, around: { x: 200, y: 200, w: 140, h: 140 }, w: 100, h: 36 }], free);
  assert.ok(alone !== null && alone!.x >= 340, "beside it");
  // Of something larger than the screen, by its pin; about nothing, nowhere.
  const [within] = placeBubbles([{ at: { x: 300, y: 300 }, around: { x: -900, y: -900, w: 4_900, h: 4_900 }, w: 100, h: 36 }], free);
  assert.ok(within !== null && within!.x === 338);
  assert.deepEqual(placeBubbles([{ at: null, around: null, w: 10, h: 10 }], free), [null]);
});
