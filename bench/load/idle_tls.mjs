#!/usr/bin/env node
// bench/load/idle_tls.mjs PORT SERVER-PID N: what N idle sessions over TLS, where plenum-load does not come, take of a
// server's memory. Prints one line of JSON, as plenum-load names things. Called by run.

import { readFileSync } from "node:fs";
import { makeStage, schema, sleep } from "../../tests/hostile/stage.mjs";
import { Wire } from "../../tests/hostile/wire.mjs";

const [port, pid, clients] = process.argv.slice(2).map(Number);
const SETTLE_MS = 3_000;

const rssBytes = () => 1024 * Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))[1]);

const stage = await makeStage({ port, secure: true, schema });
const before = rssBytes();
const wires = [];
let cookie = ""; // one guest, as with plenum-load
for (let i = 0; i < clients; i++) {
  const wire = new Wire(stage.server);
  const come = await stage.ticket("viewer", cookie);
  cookie = come.cookie;
  await wire.join(come.ticket);
  wires.push(wire);
}
await sleep(SETTLE_MS);
const taken = rssBytes() - before;
if (wires.some((wire) => wire.ended)) throw new Error("a session was ended");
console.log(JSON.stringify({ clients, rss_bytes_per_client: taken / clients }));
process.exit();
