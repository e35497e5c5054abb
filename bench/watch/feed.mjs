// People who watch a talk-track of 1 Mbit/s by one ranged request each, and read no faster than it plays.
//
//   node feed.mjs URL VIEWERS SECONDS
//
// Makes a board and a recording of random bytes (an Ogg's head: passed through as it is), prints the board's link when all
// viewers read, then after so many seconds what the slowest of them had of what it should.

import { createHash, randomBytes } from "node:crypto";
import { connect } from "node:net";

const BYTES_PER_S = 125_000;
const CHUNK_BYTES = 1_000_000;
const TICK_MS = 50;

const [url, viewerText, secondText] = process.argv.slice(2);
const viewers = Number(viewerText);
const seconds = Number(secondText);

async function ask(method, path, body, headers = {}) {
  const answer = await fetch(url + path, { method, body, headers });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  return answer;
}

async function boardMade() {
  const made = await (await ask("POST", "/api/boards", JSON.stringify({ title: "watched" }))).json();
  const token = new URL(made.links.editor, url).hash.slice("#k=".length);
  const named = await ask("POST", `/api/boards/${made.board}/ticket`, JSON.stringify({ token, name: "Ana" }));
  const cookie = named.headers.getSetCookie().map((line) => line.split(";")[0]).join("; ");
  return { link: new URL(made.links.editor, url).href, root: `/api/boards/${made.board}/tracks`, token, cookie };
}

async function recordingMade({ root, token, cookie }, bytes) {
  const who = { authorization: `Bearer ${token}`, cookie };
  const { track } = await (await ask("POST", root, JSON.stringify({ title: "watched" }), who)).json();
  await ask("POST", `${root}/${track}/segments`, JSON.stringify({ type: "audio/ogg" }), who);
  for (let chunk = 0, sent = 0; sent < bytes; chunk++, sent += CHUNK_BYTES) {
    const body = randomBytes(CHUNK_BYTES);
    if (chunk === 0) body.write("OggS");
    const digest = `sha-256=:${createHash("sha256").update(body).digest("base64")}:`;
    await ask("PUT", `${root}/${track}/segments/0/media/${chunk}`, body, { ...who, "content-digest": digest });
  }
  const lengthMs = Math.round((bytes / BYTES_PER_S) * 1000);
  await ask("POST", `${root}/${track}/segments/0/finish`, JSON.stringify({ length_ms: lengthMs, chunks: null }), who);
  return `${root}/${track}/segments/0/media`;
}

/** Reads what is due of a paused socket, and counts it. */
class Viewer {
  got = 0;
  constructor(path, cookie) {
    const { hostname, port, host } = new URL(url);
    this.socket = connect({ host: hostname, port: Number(port), readableHighWaterMark: 65_536 });
    this.socket.write(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nCookie: ${cookie}\r\nRange: bytes=0-\r\n\r\n`);
    this.socket.on("error", () => undefined); // seen in what it got
  }
  read(due) {
    const piece = due > this.got ? (this.socket.read(Math.min(due - this.got, this.socket.readableLength)) ?? null) : null;
    if (piece !== null) this.got += piece.length;
  }
}

const board = await boardMade();
const path = await recordingMade(board, (seconds + 5) * BYTES_PER_S);
const audience = Array.from({ length: viewers }, () => new Viewer(path, board.cookie));
await new Promise((resolve) => setTimeout(resolve, 1_000));
const began = performance.now();
console.log(board.link);
await new Promise((resolve) => {
  const timer = setInterval(() => {
    const played = (performance.now() - began) / 1000;
    for (const viewer of audience) viewer.read(Math.floor(played * BYTES_PER_S));
    if (played < seconds) return;
    clearInterval(timer);
    resolve();
  }, TICK_MS);
});
const due = ((performance.now() - began) / 1000) * BYTES_PER_S;
console.log(Math.min(...audience.map(({ got }) => got / due)).toFixed(3));
process.exit(0);
