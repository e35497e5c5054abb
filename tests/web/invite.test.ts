// Who is asked to watch together, and who no more.

import assert from "node:assert/strict";
import { test } from "node:test";
import { signal } from "@preact/signals";
import { Field } from "../../web/src/engine/generated.ts";
import { idOf } from "../../web/src/engine/id.ts";
import { createPlaying, type Player } from "../../web/src/state/playing.ts";
import type { BoardStore } from "../../web/src/state/types.ts";
import { watchInvites } from "../../web/src/talk/invite.ts";

const CARD = idOf(1, 1);

/** A board with one talk-track that Mei watches with others. */
function boardWith() {
  const presence = new Map([[7, { watching: { track: CARD, playedMs: 0, together: true } }]]);
  const presenceVersion = signal(0);
  const store = {
    people: signal([{ session: 7, self: false, name: "Mei" }]),
    presence,
    presenceVersion,
    scene: { objects: new Map([[CARD, { fields: new Map([[Field.TRACK, "walk"]]) }]]) },
  } as unknown as BoardStore;
  const playing = createPlaying();
  const stop = watchInvites(store, playing);
  return {
    playing,
    stop,
    moved() {
      presenceVersion.value += 1;
    },
    over() {
      presence.clear();
      presenceVersion.value += 1;
    },
    again() {
      presence.set(7, { watching: { track: CARD, playedMs: 0, together: true } });
      presenceVersion.value += 1;
    },
  };
}
const playerOf = (track: string) => ({ track: signal({ track }) }) as unknown as Player;

test("whoever is not there is asked once to watch together, and again when it was over", () => {
  const { playing, moved, over, again, stop } = boardWith();
  assert.deepEqual(playing.invite.value, { card: CARD, track: "walk", name: "Mei" });
  playing.invite.value = null; // turned down
  moved();
  assert.equal(playing.invite.value, null);
  over();
  again();
  assert.equal(playing.invite.value?.name, "Mei");
  stop();
});

test("whoever closes the talk-track while others still watch is not asked back", () => {
  const { playing, moved, stop } = boardWith();
  playing.player.value = playerOf("walk");
  assert.equal(playing.invite.value, null);
  playing.player.value = null;
  moved();
  assert.equal(playing.invite.value, null);
  stop();
});

test("whoever watches another talk-track is asked", () => {
  const { playing, moved, stop } = boardWith();
  playing.player.value = playerOf("other");
  moved();
  assert.equal(playing.invite.value?.track, "walk");
  stop();
});
