// The speaker waits while the viewer writes, and goes on afterwards by itself.

import assert from "node:assert/strict";
import { test } from "node:test";
import { signal } from "@preact/signals";
import type { PlayerStatus } from "../../web/src/state/playing.ts";
import { waitForWriting } from "../../web/src/talk/player_writing.ts";

function watching(wanted = true) {
  const status = signal<PlayerStatus>("playing");
  const writing = signal(false);
  const player = { status, play: () => void (status.value = "playing"), pause: () => void (status.value = "paused") };
  let next: (() => void) | null = null;
  const stop = waitForWriting(player, { writing }, () => wanted, (run) => {
    next = run;
    return () => void (next = null);
  });
  const later = (): void => {
    const run = next;
    next = null;
    run?.();
  };
  return { status, writing, player, later, stop };
}

test("the speaker waits while one writes and goes on afterwards", () => {
  const { status, writing, later, stop } = watching();
  writing.value = true;
  assert.equal(status.value, "paused");
  writing.value = false;
  assert.equal(status.value, "paused");
  writing.value = true; // from the first field to the next
  later();
  assert.equal(status.value, "paused");
  writing.value = false;
  later();
  assert.equal(status.value, "playing");
  stop();
});

test("what the viewer paused stays paused, and what they play meanwhile is theirs", () => {
  const { status, writing, player, later, stop } = watching();
  player.pause();
  writing.value = true;
  writing.value = false;
  later();
  assert.equal(status.value, "paused");
  player.play();
  writing.value = true;
  player.play();
  player.pause();
  writing.value = false;
  later();
  assert.equal(status.value, "paused");
  stop();
});

test("who does not wish it is not interrupted", () => {
  const { status, writing, stop } = watching(false);
  writing.value = true;
  assert.equal(status.value, "playing");
  stop();
});
