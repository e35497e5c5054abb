// A talk-track's media, as browsers record it, comes back fit for seeking: the server has given WebM a length and an index;
// MP4 and Ogg come back as they were sent, for those have theirs.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Person } from "./harness.mjs";

const fixtures = join(dirname(fileURLToPath(import.meta.url)), "../fixtures/media");
const recordings = [
  { file: "opus.webm", type: "audio/webm;codecs=opus", picture: false },
  { file: "vp8-opus.webm", type: "video/webm;codecs=vp8,opus", picture: true },
  { file: "vp9-opus.webm", type: "video/webm;codecs=vp9,opus", picture: true },
  { file: "vp9-opus.mp4", type: "video/mp4", picture: true, toldMs: 4_100 },
  { file: "opus.ogg", type: "audio/ogg;codecs=opus", picture: false, toldMs: 6_000 },
];
/** Of a picture beside the moment that was sought: the fake camera makes one every 50 ms or so, with gaps. */
const FRAME_S = 0.1;

/** In the page: uploads a recording as two chunks of a new track's segment. Resolves with the media's address and the length told. */
async function upload([board, token, type, base64, toldMs]) {
  const root = `/api/boards/${board}/tracks`;
  const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
  async function ask(method, path, body, headers = {}) {
    const answer = await fetch(root + path, { method, body, headers: { authorization: `Bearer ${token}`, ...headers } });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  }
  const json = { "content-type": "application/json" };
  const { track } = await ask("POST", "", JSON.stringify({ title: "Tour" }), json);
  await ask("POST", `/${track}/segments`, JSON.stringify({ type }), json);
  const half = bytes.length >> 1; // in the middle of a block
  for (const [number, chunk] of [bytes.subarray(0, half), bytes.subarray(half)].entries()) {
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", chunk));
    await ask("PUT", `/${track}/segments/0/media/${number}`, chunk, {
      "content-digest": `sha-256=:${btoa(String.fromCharCode(...digest))}:`,
      "content-type": "application/octet-stream",
    });
  }
  const whole = { length_ms: toldMs, chunks: { media: 2, timeline: 0 } };
  const done = await ask("POST", `/${track}/segments/0/finish`, JSON.stringify(whole), json);
  return { media: `${root}/${track}/segments/0/media`, lengthMs: done.segments[0].length_ms };
}

/** In the page: loads a recording, seeks to its middle, and tells what a player would know. */
async function seekToTheMiddle([address, picture]) {
  const player = document.createElement("video");
  const once = (event) =>
    new Promise((resolve, reject) => {
      player.addEventListener(event, resolve, { once: true });
      player.addEventListener("error", () => reject(new Error(player.error?.message)), { once: true });
    });
  const frame = () => new Promise((resolve) => player.requestVideoFrameCallback((_, { mediaTime }) => resolve(mediaTime)));
  player.muted = true;
  player.preload = "auto";
  const first = picture ? frame() : null; // shown by itself: not to be taken for what was sought
  player.src = address;
  document.body.append(player);
  await once("loadedmetadata");
  const { duration } = player;
  const middle = duration / 2;
  await first;
  const shown = picture ? frame() : middle;
  player.currentTime = middle;
  await once("seeked");
  const result = { duration, middle, at: player.currentTime, frame: await shown };
  player.remove();
  return result;
}

async function recordedMediaCanBeSoughtIn({ server, browser }) {
  const { board, links } = await server.createBoard();
  const ada = await Person.come(browser, { name: "Ada" });
  await ada.open(links.owner);
  const token = new URL(links.owner).hash.slice("#k=".length);
  for (const { file, type, picture, toldMs } of recordings) {
    const bytes = await readFile(join(fixtures, file));
    const { media, lengthMs } = await ada.page.evaluate(upload, [board, token, type, bytes.toString("base64"), toldMs ?? 1]);
    const seen = await ada.page.evaluate(seekToTheMiddle, [media, picture]);
    assert.ok(lengthMs > 3_000, `${file} is ${lengthMs} ms long`);
    const near = toldMs === undefined ? 1 : 200; // what the recorder told, not what the file says
    assert.ok(Math.abs(seen.duration * 1000 - lengthMs) <= near, `${file}: ${seen.duration} s, by the server ${lengthMs} ms`);
    assert.ok(Math.abs(seen.at - seen.middle) < 0.001, `${file}: sought ${seen.middle}, came to ${seen.at}`);
    assert.ok(seen.frame <= seen.middle + 0.001 && seen.middle - seen.frame < FRAME_S, `${file}: ${seen.middle} shows ${seen.frame}`);
  }
  assert.deepEqual(ada.errors, []);
}

export const journeys = [["a recording that never said how long it is can be sought in", recordedMediaCanBeSoughtIn]];
