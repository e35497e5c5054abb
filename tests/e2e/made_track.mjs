// A talk-track without a recorder: its routes are asked as a recorder asks them, with media that Chromium recorded once
// (tests/fixtures/media) and a timeline written here, event by event (SPEC K4).

import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const { encode } = createRequire(join(here, "../../web/package.json"))("@msgpack/msgpack");
const FILMS = join(here, "../fixtures/media");

export const TRACK_KIND = 20;
export const film = { file: "vp8-opus.webm", type: "video/webm;codecs=vp8,opus" };
export const voice = { file: "opus.webm", type: "audio/webm;codecs=opus" };
export const silence = { file: null, type: "" };

/** An object's id as timelines have it. */
export const wireId = (id) => id.split(".").map(Number);

/** Events of a timeline. */
export const view = (at, rect, ...anchors) => [at, 0, rect, anchors];
export const pointer = (at, x, y) => [at, 1, x, y];
export const laser = (at, x, y) => [at, 2, x, y];
export const press = (at, x, y) => [at, 3, x, y];
export const entry = (at, seq, hash = null) => [at, 6, seq, hash && Buffer.from(hash, "hex")];
export const caption = (at, text) => [at, 7, text];
/** An object that a view names, with where it stands now. */
export const anchor = ({ id, rect }) => [wireId(id), rect.x, rect.y, rect.w, rect.h];

export class TrackMaker {
  /** For whoever came by `link`; their guest is the author. */
  static async by(person, server, link) {
    const maker = new TrackMaker();
    maker.root = `${server.url}/api/boards/${new URL(link).pathname.split("/").at(-1)}/tracks`;
    const cookies = await person.context.cookies(server.url);
    maker.headers = {
      authorization: `Bearer ${new URL(link).hash.slice("#k=".length)}`,
      cookie: cookies.map(({ name, value }) => `${name}=${value}`).join("; "),
    };
    return maker;
  }

  async ask(method, path, body, headers = {}) {
    const answer = await fetch(this.root + path, { method, body, headers: { ...this.headers, ...headers } });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  }

  json(method, path, value) {
    return this.ask(method, path, JSON.stringify(value), { "content-type": "application/json" });
  }

  put(path, bytes) {
    const digest = createHash("sha256").update(bytes).digest("base64");
    return this.ask("PUT", path, bytes, { "content-digest": `sha-256=:${digest}:`, "content-type": "application/octet-stream" });
  }

  async begin(title) {
    this.track = (await this.json("POST", "", { title })).track;
    this.segments = 0;
    return this.track;
  }

  async openSegment({ type }) {
    await this.json("POST", `/${this.track}/segments`, { type });
  }

  /** Sends what the open segment holds and finishes it. */
  async finishSegment({ file }, events, lengthMs) {
    const path = `/${this.track}/segments/${this.segments}`;
    if (file !== null) await this.put(`${path}/media/0`, await readFile(join(FILMS, file)));
    await this.put(`${path}/timeline/0`, Buffer.concat(events.map((event) => Buffer.from(encode(event)))));
    const chunks = { media: file === null ? 0 : 1, timeline: 1 };
    this.segments += 1;
    const told = await this.json("POST", `${path}/finish`, { length_ms: lengthMs, chunks });
    return told.segments.at(-1);
  }

  async segment(media, events, lengthMs) {
    await this.openSegment(media);
    return this.finishSegment(media, events, lengthMs);
  }

  /** `change` as the route takes it: title, watch, cuts, chapters. */
  finish(change = {}) {
    return this.json("PUT", `/${this.track}`, { state: "finished", watch: { role: "viewer" }, ...change });
  }

  async captions(vtt) {
    await this.ask("PUT", `/${this.track}/captions`, vtt, { "content-type": "text/vtt" });
  }
}

/** The track's card on the board. */
export async function putCard(person, track, { title, lengthMs, at = [0, 0] }) {
  const fields = { 1: at, 2: [320, 240], 6: title, 38: Math.round(lengthMs), 41: track };
  const [card] = await person.ask("make", [{ kind: TRACK_KIND, fields, text: "", parent: null }]);
  return card;
}
