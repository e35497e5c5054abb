// Prints bench/peers/run's results: one row per server, and under it who is not behind Plenum in what.
import { readFileSync } from "node:fs";
import { loadavg } from "node:os";
import { join } from "node:path";
import { table, what, whole } from "../markdown.mjs";

const [folder, servers, ...peers] = process.argv.slice(2);
const read = (name) => readFileSync(join(folder, name), "utf8");
const result = (name) => JSON.parse(read(`${name}.json`));
const packageOf = (name) => join(servers, "node_modules", name, "package.json");
const version = (name) => JSON.parse(readFileSync(packageOf(name), "utf8")).version;

/** plenum-load says it in a sentence, check.mjs as JSON. */
function killed(peer) {
  const text = read(`${peer}-killed.check`);
  if (peer !== "plenum") return JSON.parse(text);
  const found = /^(\d+) acknowledged batches: (\d+) lost, (\d+) half applied/m.exec(text);
  if (found === null) throw new Error(`what is "${text}"?`);
  return { acknowledged: Number(found[1]), lost: Number(found[2]) + Number(found[3]) };
}

const measured = peers.map((peer) => {
  const [people, full, joins] = ["moves-5", "moves-100", "join"].map((name) => result(`${peer}-${name}`));
  return { peer, people, full, killed: killed(peer), joinMs: joins.join_ms ?? joins.join_p50_ms };
});

const [release, machine] = what();
console.log(`${release}, without TLS`);
const versions = ["@y/websocket-server", "y-leveldb", "@hocuspocus/server", "yjs", "@tldraw/sync-core", "socket.io"];
console.log(`${versions.map((name) => `${name} ${version(name)}`).join(", ")}, Node ${process.versions.node}`);
console.log(`${machine}; loopback; server on core 0, load on core 1`);
console.log(`load average of the machine at the end: ${loadavg()[0].toFixed(1)}`);

const [{ people: first, full: second }] = measured;
const offered = ({ clients, writers, rate }) => whole(clients * writers * rate);
console.log(
  `\n${first.clients} clients, ${first.writers} of which set a position ${first.rate} times a second ` +
    `(${offered(first)} deliveries/s), then ${second.rate} times (${offered(second)}); a board of 10,000 stickies ` +
    `joined by one more; the server killed 15 s after 20 of 50 clients came to make 100 edits a second:\n`,
);
const pair = (a, b, digits) => `${a.toFixed(digits)} / ${b.toFixed(digits)}`;
console.log(
  table(
    ["", `of ${offered(first)}/s`, "p50 / p99 ms", "CPU s per million", "RSS MB",
     `of ${offered(second)}/s`, "p50 / p99 ms", "CPU s per million", "RSS MB", "cold join ms", "lost of acknowledged"],
    measured.map(({ peer, people, full, joinMs, killed: { acknowledged, lost } }) => [
      peer,
      ...[people, full].flatMap((run) => [
        whole(run.deliveries_per_s),
        pair(run.p50_ms, run.p99_ms, 1),
        run.server_cpu_s_per_million.toFixed(2),
        whole(run.rss_kb_ended / 1024),
      ]),
      joinMs.toFixed(1),
      `${lost} of ${whole(acknowledged)}`,
    ]),
  ),
);

const [ours, ...others] = measured;
/** Times of sending are random: who delivers nearly all that is asked for keeps up as well as another who does. */
const keptUp = (run) => Math.min(run.deliveries_per_s, 0.9 * run.clients * run.writers * run.rate);
const figures = {
  "deliveries/s of the second load": ({ full }) => -keptUp(full),
  "p99 of the first load": ({ people }) => people.p99_ms,
  "p99 of the second load": ({ full }) => (full.settled === false ? Infinity : full.p99_ms), // what never came has none
  "CPU per delivery of the first load": ({ people }) => people.server_cpu_s_per_million,
  "CPU per delivery of the second load": ({ full }) => full.server_cpu_s_per_million,
  "memory after the first load": ({ people }) => people.rss_kb_ended,
  "cold join": ({ joinMs }) => joinMs,
  "lost moves": ({ killed: { lost } }) => lost,
};
const behind = Object.entries(figures).flatMap(([name, of]) =>
  others.filter((other) => of(other) < of(ours)).map(({ peer }) => `${name} (${peer})`),
);
console.log(`\nPlenum is behind in: ${behind.length === 0 ? "none of these" : behind.join(", ")}.`);
for (const { peer, people, full } of others) {
  const share = (run) => `${Math.round(100 * run.load_cpu_share)} %`;
  const missing = `${(100 * (1 - full.deliveries / (full.sent * full.clients))).toFixed(1)} %`;
  const closed = full.closed > 0 ? `, ${full.closed} of its connections were closed` : "";
  const rest = full.settled ? "" : `; ${missing} of the second load had not come after 20 s more${closed}`;
  console.log(`The load used ${share(people)} and ${share(full)} of core 1 beside ${peer}${rest}.`);
}
const unfinished = measured.filter(({ people }) => people.settled === false || people.closed > 0);
const wrong = unfinished.map(({ peer }) => peer);
if (wrong.length > 0) console.log(`NOT ALL WAS DELIVERED by ${wrong.join(", ")}: its first numbers do not count`);
process.exit(wrong.length === 0 ? 0 : 1);
