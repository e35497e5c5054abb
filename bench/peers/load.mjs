// plenum-load for other servers: one process, N sockets, W of which move an object each; prints one line of JSON.
//
//   node load.mjs --peer NAME --port N [--clients N] [--writers K] [--rate R] [--seconds S]
//                 [--server-pid PID] [--stickies N] [--join] [--acks FILE]
//
// A delivery is one move reaching one client, its author included; its latency is from the author's send to that.
// With --acks the server is expected to be killed: what each writer had seen come back is then written to FILE, for
// check.mjs.
import { readFileSync, writeFileSync } from "node:fs";
import { createHistogram } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { dialects } from "./dialects.mjs";
import { openSocket } from "./socket.mjs";

const JOINING_MAX = 32;
const SETTLE_MS = 20_000; // after that the rest of a backlog is not waited for
const FILL_PER_MESSAGE = 100;
const TICKS_PER_S = 100; // of /proc's times, on Linux everywhere

const { values } = parseArgs({
  options: {
    peer: { type: "string" },
    port: { type: "string" },
    clients: { type: "string", default: "50" },
    writers: { type: "string", default: "5" },
    rate: { type: "string", default: "5" },
    seconds: { type: "string", default: "10" },
    "server-pid": { type: "string" },
    stickies: { type: "string", default: "0" },
    join: { type: "boolean", default: false },
    acks: { type: "string" },
  },
});
const [clients, writerCount, rate, seconds, stickies] = ["clients", "writers", "rate", "seconds", "stickies"].map(
  (name) => Number(values[name]),
);
const port = Number(values.port);
const dialect = dialects[values.peer]("board");

const writers = Array.from({ length: writerCount }, (_, index) => {
  const moveCount = Math.ceil(rate * seconds * 2) + 20; // times are random: twice the mean is never reached
  const { created, moves: frames } = dialect.writer(index, moveCount);
  return { created, frames, sentMs: new Float64Array(frames.length), sent: 0, echoed: 0, send: undefined };
});

const counts = { live: 0, closed: 0, created: 0, deliveries: 0, filled: -1, firstReason: undefined };
const latency = createHistogram();

/** Moves from `first` on of one writer reached the client `index`. */
function delivered(index, writer, first, count, nowMs) {
  for (let move = first; move < first + count; move++) {
    counts.deliveries++;
    latency.record(Math.max(1, Math.round((nowMs - writer.sentMs[move]) * 1e6)));
  }
  if (writers[index] === writer) writer.echoed = first + count;
}

function openClient(index) {
  let arrivedMs = 0;
  let keepAlive;
  const hear = {
    writer: index,
    say: undefined,
    state: () => counts.live++,
    created: () => counts.created++,
    moved: (writer, first, count) => delivered(index, writers[writer], first, count, arrivedMs),
    filled(upTo) {
      counts.filled = Math.max(counts.filled, upTo);
    },
  };
  openSocket(port, dialect.path(), {
    opened(send) {
      hear.say = send;
      if (index < writerCount) writers[index].send = send;
      dialect.greetings.forEach(send);
      const { frame, everyMs } = dialect.keepAlive ?? {};
      if (frame !== undefined) keepAlive = setInterval(send, everyMs, frame);
    },
    message(bytes, start, end, nowMs) {
      arrivedMs = nowMs;
      dialect.read(bytes, start, end, hear);
    },
    closed(reason) {
      clearInterval(keepAlive);
      counts.closed++;
      counts.firstReason ??= reason;
    },
  });
}

/** Milliseconds from connecting to having the board's bytes, of somebody who does nothing else. */
function join() {
  const beganMs = performance.now();
  return new Promise((resolve, reject) => {
    const ignore = () => {};
    const hear = { writer: clients, created: ignore, moved: ignore, filled: ignore };
    const socket = openSocket(port, dialect.path(), {
      opened(send) {
        hear.say = send;
        dialect.greetings.forEach(send);
      },
      message(bytes, start, end, nowMs) {
        hear.state = () => {
          resolve({ join_ms: nowMs - beganMs, join_bytes: end - start });
          socket.close();
        };
        dialect.read(bytes, start, end, hear);
      },
      closed: (reason) => reject(new Error(`joining: ${reason}`)),
    });
  });
}

async function until(condition, what) {
  const endMs = performance.now() + 60_000;
  while (!condition()) {
    if (performance.now() > endMs) throw new Error(`never ${what}`);
    await sleep(5);
  }
}

/** User and system time of all threads, and what is resident. */
function sample(pid) {
  if (pid === undefined) return { cpu_s: 0, rss_kb: 0 };
  const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const rss = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "latin1"));
  return { cpu_s: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_S, rss_kb: Number(rss[1]) };
}

/** Moves at random times, each writer in turn, until the time is over or the server is gone. */
async function write() {
  const beganMs = performance.now();
  const gapMs = () => (-Math.log(1 - Math.random()) * 1000) / (rate * writerCount);
  let next = 0;
  for (let dueMs = beganMs + gapMs(); dueMs < beganMs + seconds * 1000 && counts.closed === 0; ) {
    const nowMs = performance.now();
    for (; dueMs <= nowMs; dueMs += gapMs()) {
      const writer = writers[next++ % writerCount];
      if (writer.sent === writer.frames.length) throw new Error("no move is left to be made");
      writer.sentMs[writer.sent] = performance.now();
      writer.send(writer.frames[writer.sent++]);
    }
    await sleep(1);
  }
  return (performance.now() - beganMs) / 1000;
}

async function settle(wanted) {
  const endMs = performance.now() + SETTLE_MS;
  while (counts.deliveries < wanted && performance.now() < endMs) await sleep(5);
}

async function enter() {
  for (let index = 0; index < clients; index++) {
    openClient(index);
    await until(() => index - counts.live < JOINING_MAX || counts.closed > 0, "let in");
  }
  await until(() => counts.live >= clients || counts.closed > 0, "all there");
  if (counts.live < clients) throw new Error(`joining: ${counts.firstReason}`);
}

async function prepare() {
  if (stickies > 0) {
    const { frames, last } = dialect.fill(stickies, FILL_PER_MESSAGE);
    frames.forEach((frame) => writers[0].send(frame));
    await until(() => counts.filled >= last, "filled");
  }
  for (const writer of writers) writer.send(writer.created);
  await until(() => counts.created === clients * writerCount, "made everybody's object");
}

await enter();
await prepare();
const began = sample(values["server-pid"]);
const loadBegan = process.cpuUsage();
const joining = values.join ? sleep((seconds * 1000) / 2).then(join) : Promise.resolve({});
const wroteSeconds = await write();
const whileWriting = counts.deliveries;
const loadCpu = process.cpuUsage(loadBegan);
if (values.acks !== undefined) {
  await until(() => counts.closed === clients, "killed");
  writeFileSync(values.acks, JSON.stringify(writers.map(({ echoed }) => echoed)));
  process.exit(0);
}
const sent = writers.reduce((sum, writer) => sum + writer.sent, 0);
await settle(sent * clients);
const ended = sample(values["server-pid"]);
const ms = (q) => latency.percentile(q) / 1e6;
const result = {
  clients, writers: writerCount, rate, seconds: wroteSeconds, sent,
  deliveries: counts.deliveries,
  deliveries_per_s: whileWriting / wroteSeconds,
  p50_ms: ms(50), p99_ms: ms(99), max_ms: latency.max / 1e6,
  settled: counts.deliveries === sent * clients, closed: counts.closed,
  load_cpu_share: (loadCpu.user + loadCpu.system) / 1e6 / wroteSeconds,
  server_cpu_s_per_million: ((ended.cpu_s - began.cpu_s) * 1e6) / counts.deliveries,
  rss_kb_ended: ended.rss_kb,
  ...(await joining),
};
console.log(JSON.stringify(result));
process.exit(0);
