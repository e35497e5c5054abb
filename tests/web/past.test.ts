// Asking for the past: one question at a time, answers put together from their parts, refusals told by their code; and the
// server's time from round trips.

import assert from "node:assert/strict";
import { test } from "node:test";
import { EngineError } from "../../web/src/engine/types.ts";
import { Clock } from "../../web/src/sync/clock.ts";
import { PastAsker } from "../../web/src/sync/past.ts";
import type { Past } from "../../web/src/sync/wire.ts";
import { module } from "./tabs.ts";

const head = (seq: number, more: Partial<Past> = {}): Past => ({
  is: "past", seq, code: "ok", asOf: 0, bytes: 0, chunks: 0, hash: "", ...more,
});
const tick = (ms = 0): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const isCode = (code: string) => (error: unknown): boolean => error instanceof EngineError && error.status === code;

test("an answer is put together from its messages, and the next question waits for it", async () => {
  const sent: Uint8Array[] = [];
  const asker = new PastAsker(module, (frame) => sent.push(frame) > 0);
  const first = asker.ask(7);
  const second = asker.ask(9);
  await tick();
  assert.equal(sent.length, 1);
  const ops = Uint8Array.of(1, 2);
  asker.onMessage(head(7));
  asker.onMessage({ is: "past_ops", frame: ops });
  asker.onMessage({ is: "past_end", seq: 7 });
  assert.deepEqual(await first, { asOf: 0, seq: 7, snapshot: new Uint8Array(), hash: "", ops: [ops] });
  await tick(700);
  assert.equal(sent.length, 2);
  asker.onMessage(head(9, { code: "perm" }));
  await assert.rejects(second, isCode("perm"));
  asker.stop();
});

test("a snapshot with a chunk missing is no answer, and a lost connection takes the question along", async () => {
  const asker = new PastAsker(module, () => true);
  const cut = asker.ask(3);
  await tick();
  asker.onMessage(head(3, { asOf: 3, bytes: 10, chunks: 2, hash: "00" }));
  asker.onMessage({ is: "past_chunk", index: 0, data: Uint8Array.of(1) });
  asker.onMessage({ is: "past_end", seq: 3 });
  await assert.rejects(cut, isCode("malformed"));
  const lost = asker.ask(4);
  await tick(700);
  asker.lost();
  await assert.rejects(lost, isCode("offline"));
  asker.stop();
});

test("what cannot be sent, or waits when the board closes, fails as offline", async () => {
  const asker = new PastAsker(module, () => false);
  await assert.rejects(asker.ask(1), isCode("offline"));
  const waiting = asker.ask(2);
  asker.stop();
  await assert.rejects(waiting, isCode("offline"));
});

test("the quickest of the last round trips says the server's time; a slow one changes nothing", () => {
  const clock = new Clock(() => undefined);
  const server = 5_000_000;
  const trip = (took: number, wrong: number): void => clock.onPong(performance.now() - took, server + performance.now() - took / 2 + wrong);
  trip(4_000, 90_000);
  trip(400, 10_000);
  trip(40_000, 150_000);
  const ahead = clock.now() - (server + performance.now());
  assert.ok(ahead > 9_000 && ahead < 11_000, String(ahead));
});
