// Hostile clients of talk-tracks, in the form of kinds.mjs. Those of a board share one track of its author's, whose link
// they have: who may do nothing is refused long before.

import { createHash } from "node:crypto";
import { sleep } from "./stage.mjs";
import { request, Wire } from "./wire.mjs";

const each = (n) => n;
const MEDIA_BYTES = 900_000;
const OGG = Buffer.concat([Buffer.from("OggS"), Buffer.alloc(MEDIA_BYTES - 4, 7)]);

const digestOf = (bytes) => `Content-Digest: sha-256=:${createHash("sha256").update(bytes).digest("base64")}:\r\n`;

/** An answer's status and body. */
async function asked(author, method, below, body = "", headers = "") {
  const wire = new Wire(author.server);
  let text = "";
  wire.socket.on("data", (bytes) => (text += bytes));
  wire.write(Buffer.concat([author.head(method, below, Buffer.byteLength(body), `${headers}Connection: close\r\n`), Buffer.from(body)]));
  await wire.gone;
  return { status: wire.http, body: text.slice(text.indexOf("\r\n\r\n") + 4) };
}

/** Who records on the stage's board, with a track that is done and one that is open; made once. */
const authors = new WeakMap();
function authorOf(stage) {
  if (!authors.has(stage)) authors.set(stage, authorCome(stage));
  return authors.get(stage);
}

async function authorCome(stage) {
  const { server, tokens, ticketPath } = stage;
  const named = await request(server, "POST", ticketPath, JSON.stringify({ token: tokens.editor, name: "Mallory" }));
  const author = {
    server,
    path: `/api/boards/${server.board}/tracks`,
    head(method, below, length, headers = "") {
      return Buffer.from(
        `${method} ${this.path}${below} HTTP/1.1\r\nHost: board.example\r\nAuthorization: Bearer ${tokens.editor}\r\n` +
          `Cookie: ${named.cookie}\r\n${headers}${method === "GET" ? "" : `Content-Length: ${length}\r\n`}\r\n`,
      );
    },
  };
  const begun = async () => {
    const { track } = JSON.parse((await asked(author, "POST", "", "{}")).body);
    await asked(author, "POST", `/${track}/segments`, JSON.stringify({ type: "audio/ogg" }));
    return track;
  };
  author.done = await begun();
  await asked(author, "PUT", `/${author.done}/segments/0/media/0`, OGG, digestOf(OGG));
  await asked(author, "POST", `/${author.done}/segments/0/finish`, JSON.stringify({ length_ms: 1000 }));
  author.open = await begun();
  return author;
}

export const trackKinds = {
  /** Large enough to be nobody's who may not record, and a byte at a time. */
  slow_uploads: {
    end: { http: 408 },
    counter: "refused_slow_total",
    least: each,
    async play(stage) {
      const author = await authorOf(stage);
      const wire = new Wire(stage.server);
      wire.write(author.head("PUT", `/${author.open}/segments/0/media/0`, 66_000, digestOf("x")));
      void (async () => {
        for (; !wire.ended && !stage.over; await sleep(300)) wire.write("x");
      })();
      return wire;
    },
  },
  lying_digests: {
    end: { http: 422 },
    counter: "refused_http_total",
    least: each,
    async play(stage) {
      const author = await authorOf(stage);
      const wire = new Wire(stage.server);
      for (;;) { // of one track a few wait, the others are told to come again
        wire.http = 0;
        wire.write(Buffer.concat([author.head("PUT", `/${author.open}/segments/0/media/0`, OGG.length, digestOf("x")), OGG]));
        await wire.until(() => wire.http !== 0);
        if (wire.http !== 429 || wire.ended || stage.over) break;
        await sleep(50 + Math.random() * 200);
      }
      wire.drop();
      return wire;
    },
  },
  /** They press play and take nothing. */
  stalled_watchers: {
    end: null,
    counter: "media_bytes_total",
    least: (n) => 65_536 * n,
    async play(stage) {
      const author = await authorOf(stage);
      const wire = new Wire(stage.server);
      wire.socket.pause();
      wire.write(author.head("GET", `/${author.done}/segments/0/media`, 0));
      return wire;
    },
  },
  /** The list of all tracks, again and again. */
  list_floods: {
    end: null,
    counter: "http_requests_total",
    least: (n) => 20 * n,
    async play(stage) {
      const author = await authorOf(stage);
      const wire = new Wire(stage.server);
      void (async () => {
        for (; !wire.ended && !stage.over; await sleep(20)) wire.write(author.head("GET", "", 0));
      })();
      return wire;
    },
  },
};
