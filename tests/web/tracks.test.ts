// sync/tracks.ts: what the server's routes of tracks say, as the desk tells it; what is tried again and what is not.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { openTrackDesk } from "../../web/src/sync/tracks.ts";
import type { Ms } from "../../web/src/engine/types.ts";
import { TrackError, type TrackDesk } from "../../web/src/state/tracks.ts";
import { keepProgress } from "../../web/src/talk/player_progress.ts";

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
  readonly keepalive: boolean;
}

type Answer = { readonly status: number; readonly json: unknown } | "none";

/** Answers in turn, the last one for ever; returns what was asked. */
function serve(...answers: Answer[]): Asked[] {
  const asked: Asked[] = [];
  globalThis.fetch = (async (path: string, init: RequestInit) => {
    const { method, headers, body, keepalive = false } = init;
    asked.push({ method: method!, path, headers: headers as Record<string, string>, body, keepalive });
    const answer = answers.length > 1 ? answers.shift()! : answers[0]!;
    if (answer === "none") throw new TypeError("no network");
    return new Response(JSON.stringify(answer.json), { status: answer.status });
  }) as typeof fetch;
  return asked;
}

/** Waits are over at once. */
function withoutWaits(): void {
  globalThis.document ??= { hidden: false } as Document;
  globalThis.setTimeout = ((run: () => void) => queueMicrotask(run)) as unknown as typeof setTimeout;
}

const row = {
  track: "t1",
  title: "Themes",
  author: 3,
  made_ms: 1000,
  state: "recording",
  ends_ms: 5000,
  watch: { links: ["a", 7] },
  cuts: [[0, 500]],
  played_ms: 500,
  chapters: [{ at_ms: 10, title: "One" }],
  segments: [
    { segment: 0, type: "video/webm", state: "open", from_ms: 0, length_ms: 900, bytes: 12, first_seq: 4, last_seq: 9,
      chunks: { media: 2, timeline: 1 } },
  ],
  captions: false,
  cover: true,
  may_edit: true,
  views: 2,
  reach: null,
};

test("the list and the limits are read member by member; what makes no sense gives nobody anything", async () => {
  const asked = serve({ status: 200, json: { tracks: [row, { ...row, track: "t2", watch: 9 }],
    limits: { chunk_bytes: 5, track_bytes: 6, track_ms: 7, free_bytes: 8 } } });
  const desk = openTrackDesk("b", "secret");
  await desk.refresh();
  assert.equal(asked[0]!.headers.authorization, "Bearer secret");
  assert.deepEqual(desk.limits.value, { chunkBytes: 5, trackBytes: 6, trackMs: 7, freeBytes: 8 });
  const [first, second] = desk.tracks.value!;
  assert.deepEqual(first!.watch, { links: ["a"] });
  assert.deepEqual(second!.watch, { role: "owner" });
  assert.deepEqual(first!.segments[0]!.chunks, { media: 2, timeline: 1 });
  assert.equal(first!.mayEdit, true);
  assert.equal(first!.endsMs, 5000);
});

test("a chunk goes with the digest of its bytes, and a gap names the chunk that is wanted", async () => {
  const asked = serve({ status: 200, json: { next: 1 } }, { status: 409, json: { code: "gap", text: "", next: 4 } });
  const desk = openTrackDesk("b", "k");
  const bytes = Uint8Array.of(1, 2, 3);
  await desk.put("t1", 0, "media", 0, bytes);
  const digest = createHash("sha256").update(bytes).digest("base64");
  assert.equal(asked[0]!.headers["content-digest"], `sha-256=:${digest}:`);
  assert.equal(asked[0]!.path, "/api/boards/b/tracks/t1/segments/0/media/0");
  await assert.rejects(desk.put("t1", 0, "timeline", 7, bytes), (error) => {
    return error instanceof TrackError && error.code === "gap" && error.next === 4;
  });
});

test("a chunk is put again when no answer came; a track is not made twice", async () => {
  withoutWaits();
  const puts = serve("none", "none", { status: 200, json: { next: 1 } });
  await openTrackDesk("b", "k").put("t1", 0, "media", 0, Uint8Array.of(1));
  assert.equal(puts.length, 3);
  const makes = serve("none");
  await assert.rejects(openTrackDesk("b", "k").make("Title"), { code: "offline" });
  assert.equal(makes.length, 1);
  const refused = serve({ status: 507, json: { code: "quota", text: "full" } });
  await assert.rejects(openTrackDesk("b", "k").put("t1", 0, "media", 0, Uint8Array.of(1)), { code: "quota" });
  assert.equal(refused.length, 1);
});

test("how far one got is told by a request that outlives the page, and once more when it was not taken", async () => {
  const asked = serve({ status: 200, json: {} });
  await openTrackDesk("b", "k").progress("t1", 1234.6 as Ms);
  assert.deepEqual([asked[0]!.body, asked[0]!.keepalive], ['{"played_ms":1235}', true]);
  Object.assign(globalThis, { addEventListener: () => undefined, removeEventListener: () => undefined });
  const told: number[] = [];
  let refused = 0;
  const desk = {
    async progress(_track: string, ms: number) {
      told.push(ms);
      if (told.length === 1) throw new TrackError("offline");
    },
  } as unknown as TrackDesk;
  const watch = keepProgress(desk, "t1", 60_000 as Ms, () => void (refused += 1));
  watch.moved(20_000 as Ms, true);
  await new Promise((resolve) => setImmediate(resolve));
  watch.close();
  assert.deepEqual([told, refused], [[20_000, 20_000], 1]);
});

test("what a link promises is told with whose it is, and where", async () => {
  serve({ status: 200, json: { ...row, author_name: "Mei", board_title: "Plans" } }, { status: 200, json: row });
  const desk = openTrackDesk("b", "k");
  assert.deepEqual(await desk.promised("t1"), { title: "Themes", playedMs: 500, authorName: "Mei", boardTitle: "Plans" });
  assert.deepEqual(await desk.promised("t1"), { title: "Themes", playedMs: 500, authorName: "", boardTitle: "" });
});

test("a changed track replaces its row, with the members' names as the server has them", async () => {
  serve({ status: 200, json: { tracks: [row], limits: {} } });
  const desk = openTrackDesk("b", "k");
  await desk.refresh();
  const asked = serve({ status: 200, json: { ...row, title: "New" } });
  await desk.change("t1", { chapters: [{ atMs: 5, title: "Two" }], state: "finished" });
  assert.deepEqual(JSON.parse(String(asked[0]!.body)), { chapters: [{ at_ms: 5, title: "Two" }], state: "finished" });
  assert.equal(desk.tracks.value![0]!.title, "New");
  assert.equal(await openTrackDesk("b", "k").captions("t1").catch(() => "threw"), JSON.stringify({ ...row, title: "New" }));
  serve({ status: 404, json: { code: "not_found", text: "" } });
  assert.equal(await desk.captions("t1"), null);
});
