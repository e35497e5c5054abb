#!/usr/bin/env node
// bench/load/idle_tls.mjs PORT SERVER-PID N: what N idle sessions over TLS, where plenum-load does not come, take of a
// server's memory. Prints one line of JSON, as plenum-load names things. Called by run.

import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { request, Wire } from "../../tests/hostile/wire.mjs";

const [port, pid, clients] = process.argv.slice(2).map(Number);
const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const schema = Number(/define PL_SCHEMA_VERSION (\d+)/.exec(readFileSync(join(root, "proto/schema.def"), "utf8"))[1]);
const SETTLE_MS = 3_000;
const AGAIN_MS = 100; // tickets in hand are limited

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const rssBytes = () => 1024 * Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))[1]);

const server = { port, secure: true, schema };
const made = JSON.parse((await request(server, "POST", "/api/boards")).body);
server.board = made.board;
const asked = JSON.stringify({ token: made.links.viewer.split("#k=")[1], name: "Idle" });
let cookie = ""; // one guest, as with plenum-load

async function ticket() {
  for (;;) {
    const answer = await request(server, "POST", `/api/boards/${made.board}/ticket`, asked, cookie);
    cookie = answer.cookie;
    if (answer.status === 200) return JSON.parse(answer.body).ticket;
    if (answer.status !== 429) throw new Error(`no ticket: ${answer.status} ${answer.body}`);
    await sleep(AGAIN_MS);
  }
}

const before = rssBytes();
const wires = [];
for (let i = 0; i < clients; i++) {
  const wire = new Wire(server);
  await wire.join(await ticket());
  wires.push(wire);
}
await sleep(SETTLE_MS);
const taken = rssBytes() - before;
if (wires.some((wire) => wire.ended)) throw new Error("a session was ended");
console.log(JSON.stringify({ clients, rss_bytes_per_client: taken / clients }));
process.exit();
