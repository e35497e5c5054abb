#!/usr/bin/env node
// tests/hostile/run.mjs BIN-DIR [--full] [--secure] [KIND...]: hostile clients of each kind (kinds.mjs) against a real
// server, beside fifty honest people with a board of their own who must not be harmed: plenum-load fails when one of
// them is closed or their boards differ.
//
// Without --full a few of each kind play all at once, for some seconds; with it 200 of each play one kind after the
// other, and the honest people's p99 is told beside that of seconds in which 200 others are there and do nothing: the
// medians of three rounds, or of --rounds=N; a figure, never an assertion. --secure
// is over TLS, where plenum-load does not come and a pinging session stands for the honest.
// One "ok" or "not ok" line per kind; the last ones are the honest people's and the memory's.

import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { get } from "node:http";
import { setPriority, tmpdir } from "node:os";
import { join } from "node:path";
import { kinds } from "./kinds.mjs";
import { makeStage, schema, sleep, source } from "./stage.mjs";
import { message, Wire } from "./wire.mjs";

const words = process.argv.slice(2);
const bin = words.find((word) => !word.startsWith("--"));
const full = words.includes("--full");
const rounds = Number(words.find((word) => word.startsWith("--rounds="))?.slice(9) ?? 3);
const secure = words.includes("--secure");
const named = words.filter((word) => word in kinds);
const CLIENTS = full ? 200 : 12;
const PLAY_MS = full ? 14_000 : 12_500; // the slowest to be refused are slow bodies, after ten seconds
const MEMORY_MB_MAX = 512; // generous: 200 stalled readers have a MiB each waiting, and sanitizers take their share

const codes = Object.fromEntries(
  [...source("proto/status.def").matchAll(/X\(\w+, +(\d+), "(\w+)"/g)].map(([, code, name]) => [name, Number(code)]),
);

let failures = 0;
function tell(good, text) {
  if (!good) failures++;
  console.log(`${good ? "ok" : "not ok"} ${text}`);
}

/** The hostile have machines of their own: where they share this one, the server and the honest come first, so that what
 * the honest feel is the server's doing and not that of two cores for all. Needs root; without it they share alike. */
function ahead(child) {
  try {
    setPriority(child.pid, -10);
  } catch (error) {
    if (error.info?.code !== "EACCES" && error.info?.code !== "EPERM") throw error;
  }
  return child;
}

// ---- the server ----

function certificate(dir) {
  const made = spawnSync("openssl", ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
    "-days", "2", "-subj", "/CN=localhost", "-keyout", join(dir, "key.pem"), "-out", join(dir, "chain.pem")]);
  if (made.status !== 0) throw new Error(`openssl: ${made.stderr}`);
  return ["--tls-cert", join(dir, "chain.pem"), "--tls-key", join(dir, "key.pem")];
}

async function serve(dir) {
  const options = ["serve", "--listen", "127.0.0.1:0", "--metrics-listen", "127.0.0.1:0", "--data", join(dir, "data"),
    "--log", "error", ...(secure ? certificate(dir) : [])];
  const env = { ...process.env, ASAN_OPTIONS: `${process.env.ASAN_OPTIONS ?? ""}:quarantine_size_mb=16` };
  const child = ahead(spawn(join(bin, "plenum"), options, { env, stdio: ["ignore", "pipe", "inherit"] }));
  let text = "";
  child.stdout.on("data", (bytes) => (text += bytes));
  const ended = new Promise((resolve) => child.once("exit", resolve));
  for (let tries = 0; tries < 400 && !/Metrics/.test(text); tries++) await sleep(25);
  const [port, metricsPort] = [...text.matchAll(/127\.0\.0\.1:(\d+)/g)].map(([, number]) => Number(number));
  if (metricsPort === undefined) throw new Error(`the server did not start: ${text}`);
  return { child, ended, port, metricsPort, secure, schema };
}

const numbersIn = (text) =>
  Object.fromEntries([...text.matchAll(/^plenum_(\S+) (\d+)$/gm)].map(([, name, value]) => [name, Number(value)]));

function metrics(server) {
  return new Promise((resolve, reject) => {
    get({ host: "127.0.0.1", port: server.metricsPort, path: "/metrics", agent: false }, (answer) => {
      let text = "";
      answer.on("data", (bytes) => (text += bytes));
      answer.on("end", () => resolve(numbersIn(text)));
    }).on("error", reject);
  });
}

/** VmRSS or VmHWM. */
function megabytes(server, what) {
  const status = readFileSync(`/proc/${server.child.pid}/status`, "utf8");
  return Math.round(Number(new RegExp(`^${what}:\\s+(\\d+)`, "m").exec(status)[1]) / 1024);
}

// ---- the honest ----

/** Fifty people, ten of whom write: resolves with what plenum-load tells. */
function honest(server, seconds) {
  if (secure) return pinging(server, seconds);
  const options = ["--json", "--url", `http://127.0.0.1:${server.port}`, "--clients", "50", "--writers", "10",
    "--rate", "5", "--seconds", String(seconds)];
  const child = ahead(spawn(join(bin, "plenum-load"), options, { stdio: ["ignore", "pipe", "inherit"] }));
  let text = "";
  child.stdout.on("data", (bytes) => (text += bytes));
  return new Promise((resolve) =>
    child.once("exit", (status) => resolve({ fine: status === 0, ...(text === "" ? {} : JSON.parse(text)) })),
  );
}

async function pinging(server, seconds) {
  const stage = await makeStage(server);
  const wire = new Wire(stage.server);
  let pings = 0, pongs = 0;
  await wire.join((await stage.ticket("viewer")).ticket);
  wire.onMessage = (type) => (pongs += type === 14);
  for (const until = Date.now() + seconds * 1000; Date.now() < until && !wire.ended; await sleep(100))
    wire.write(message(13, ++pings, 0));
  await Promise.race([wire.until(() => pongs === pings), sleep(10_000)]);
  wire.drop();
  return { fine: pings > 0 && pongs === pings, pongs };
}

// ---- the hostile ----

/** Plays a kind to its end: how its clients ended otherwise than they had to; null when all ended well. */
function wrongEnds(kind, wires) {
  const had = (wire) => `${wire.ended ? "ended" : "open"} http ${wire.http} code ${wire.code} close ${wire.close}`;
  const good = (wire) => {
    if (kind.end === null) return true;
    if (!wire.ended) return false;
    if (kind.end.http === undefined && kind.end.code === undefined) return true;
    if (secure && kind.end.http === 408 && wire.http === 0) return true; // see overdue() in server/net/http.c
    if (kind.end.http !== undefined) return wire.http === kind.end.http;
    return wire.code === codes[kind.end.code] && wire.close === kind.end.close;
  };
  const wrong = wires.filter((wire) => !wire.helps && !good(wire));
  return wrong.length === 0 ? null : `${wrong.length} of ${wires.length} ended otherwise, one: ${had(wrong[0])}`;
}

async function play(server, name) {
  const kind = kinds[name];
  const stage = await makeStage(server);
  const wires = await Promise.all(Array.from({ length: CLIENTS }, (_, i) => kind.play(stage, i)));
  const refused = Promise.all(wires.filter((wire) => !wire.helps).map((wire) => wire.gone));
  await Promise.race([sleep(kind.patienceMs ?? PLAY_MS), ...(kind.end === null ? [] : [refused])]);
  for (const wire of wires) wire.socket?.resume(); // who did not read learns now what it was told
  if (kind.end !== null) await Promise.race([sleep(3000), refused]);
  const wrong = wrongEnds(kind, wires);
  stage.over = true;
  for (const wire of wires) wire.drop();
  return wrong;
}

/** Whether a counter rose by what the kinds played owe it together. */
function counted(before, after, counter, names) {
  const rose = after[counter] - before[counter];
  const owing = names.map((name) => kinds[name]).filter((kind) => kind.counter === counter);
  const owed = owing.reduce((sum, kind) => sum + kind.least(CLIENTS), 0);
  return { enough: rose >= owed, text: `${counter} +${rose}` };
}

// ---- the run ----

const told = ({ p50_ms, p99_ms, pongs }) =>
  p99_ms === undefined ? `${pongs} pings answered` : `p50 ${p50_ms.toFixed(1)} ms, p99 ${p99_ms.toFixed(1)} ms`;

async function together(server, names) {
  const people = honest(server, Math.ceil(PLAY_MS / 1000));
  const before = await metrics(server);
  const wrongs = await Promise.all(names.map((name) => play(server, name)));
  const after = await metrics(server);
  names.forEach((name, i) => tell(wrongs[i] === null, `${CLIENTS} ${name}: ${wrongs[i] ?? "ended as they should"}`));
  for (const counter of new Set(names.map((name) => kinds[name].counter))) {
    const { enough, text } = counted(before, after, counter, names);
    tell(enough, text);
  }
  const result = await people;
  tell(result.fine, `the honest among them: ${told(result)}`);
}

/** What fifty people feel while `during` goes on, of whom nothing is told before they are there. */
async function felt(server, during) {
  const people = honest(server, 10);
  await sleep(1000); // they come first
  const outcome = await during();
  return { outcome, result: await people };
}

/** As many as are hostile otherwise, on a board, and silent; who come as often as those do. */
async function idle(server, arrivals) {
  const stage = await makeStage(server);
  const wires = await Promise.all(Array.from({ length: CLIENTS }, async () => {
    for (let left = arrivals; left > 1; left--) (await kinds.cut_cables.play(stage)).drop();
    return kinds.cut_cables.play(stage);
  }));
  await sleep(8000);
  stage.over = true;
  for (const wire of wires) wire.drop();
}

const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];

async function oneAfterAnother(server, names) {
  for (const name of names) {
    const beside = [], besideIdle = [], complaints = [];
    for (let round = 0; round < rounds; round++) {
      besideIdle.push((await felt(server, () => idle(server, kinds[name].arrivals ?? 1))).result);
      const before = await metrics(server);
      const { outcome, result } = await felt(server, () => play(server, name));
      const { enough, text } = counted(before, await metrics(server), kinds[name].counter, [name]);
      beside.push(result);
      if (outcome !== null) complaints.push(outcome);
      if (!enough) complaints.push(text);
      if (!result.fine) complaints.push("the honest were HARMED");
    }
    const p99 = (results) => median(results.map((result) => result.p99_ms));
    const ratio = secure ? "" : `${(p99(beside) / p99(besideIdle)).toFixed(1)}x: the honest's p99 ` +
      `${p99(beside).toFixed(1)} ms, beside idle ones ${p99(besideIdle).toFixed(1)} ms; `;
    tell(complaints.length === 0, `${CLIENTS} ${name}: ${[...complaints, ""].join("; ")}${ratio}${megabytes(server, "VmRSS")} MB`);
  }
}

const dir = mkdtempSync(join(tmpdir(), "plenum-hostile-"));
const server = await serve(dir);
process.on("exit", () => {
  server.child.kill("SIGKILL");
  rmSync(dir, { recursive: true, force: true });
});
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => process.exit(1));
try {
  const quick = Object.keys(kinds).filter((name) => full || kinds[name].patienceMs === undefined);
  await (full ? oneAfterAnother : together)(server, named.length > 0 ? named : quick);
  const peak = megabytes(server, "VmHWM");
  tell(peak < MEMORY_MB_MAX, `the server took at most ${peak} MB`);
  server.child.kill("SIGTERM");
  tell((await server.ended) === 0, "the server ends in order");
} catch (error) {
  console.error(error);
  failures++;
}
process.exit(failures === 0 ? 0 : 1);
