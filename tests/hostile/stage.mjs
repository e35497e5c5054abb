// A board of a server's that was started elsewhere, and the tickets with which wires join it (wire.mjs): for hostile
// clients, and for whoever measures sessions over TLS.

import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { request } from "./wire.mjs";

const AGAIN_MS = 200;
const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
export const source = (path) => readFileSync(join(root, path), "utf8");
/** The schema's version, which a HELLO names. */
export const schema = Number(/define PL_SCHEMA_VERSION (\d+)/.exec(source("proto/schema.def"))[1]);
export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** A new board of the server {port, secure, schema}. */
export async function makeStage(server) {
  const { body } = await request(server, "POST", "/api/boards");
  const made = JSON.parse(body);
  const tokens = Object.fromEntries(Object.entries(made.links).map(([role, link]) => [role, link.split("#k=")[1]]));
  const ticketPath = `/api/boards/${made.board}/ticket`;
  return {
    server: { ...server, board: made.board }, tokens, ticketPath, over: false,
    /** The same on a new board. */
    elsewhere: () => makeStage(server),
    /** Tickets wait to be used in a table of the server's: when it is full, later. */
    async ticket(role, cookie = "") {
      const asked = JSON.stringify({ token: tokens[role], name: "Mallory" });
      for (;;) {
        const answer = await request(server, "POST", ticketPath, asked, cookie);
        if (answer.status === 200) return { ticket: JSON.parse(answer.body).ticket, cookie: answer.cookie };
        if (answer.status !== 429 || this.over) throw new Error(`no ticket: ${answer.status} ${answer.body}`);
        await sleep(AGAIN_MS);
      }
    },
  };
}
