// Prints bench/load/run's results: what was measured on what, Plenum beside the raw broadcaster, and idle connections.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { table, what, whole } from "../markdown.mjs";

const folder = process.argv[2];
const result = (name) => JSON.parse(readFileSync(join(folder, `${name}.json`), "utf8"));
const sizes = [50, 300, 1000];

const first = result("plenum-50");
const [release, machine] = what();
console.log(`${release}, without TLS\n${machine}; loopback`);
console.log(
  `server on core 0, load on core 1; ${first.writers} writers, ${first.rate} gestures/s each, ` +
    `${Math.round(first.seconds)} s; journal fsynced before delivery (the raw broadcaster stores nothing)\n`,
);

const rows = sizes.map((clients) => {
  const ours = result(`plenum-${clients}`);
  const raw = result(`raw-${clients}`);
  return [
    clients,
    whole(ours.deliveries_per_s),
    whole(raw.deliveries_per_s),
    ours.server_cpu_s_per_million.toFixed(2),
    raw.server_cpu_s_per_million.toFixed(2),
    `${(ours.server_cpu_s_per_million / raw.server_cpu_s_per_million).toFixed(2)}x`,
    `${ours.p50_ms.toFixed(1)} / ${ours.p99_ms.toFixed(1)}`,
    `${raw.p50_ms.toFixed(1)} / ${raw.p99_ms.toFixed(1)}`,
    `${whole(ours.rss_kb_ended)}`,
  ];
});
console.log(
  table(
    ["clients", "deliveries/s", "raw", "CPU s per million", "raw", "ratio", "p50 / p99 ms", "raw", "RSS KB"],
    rows,
  ),
);

console.log("\n300 clients, 20 of which move stickies as fast as told; raw gathers what one turn of its loop brings:\n");
console.log(
  table(
    ["moves/s", "delivered/s", "raw", "per frame", "CPU s per million", "raw", "p50 / p99 ms", "raw"],
    [400, 900].map((rate) => {
      const ours = result(`plenum-moves-${rate}`);
      const raw = result(`raw-moves-${rate}`);
      return [
        whole(ours.sent / ours.seconds),
        whole(ours.deliveries_per_s),
        whole(raw.deliveries_per_s),
        (ours.deliveries / ours.frames).toFixed(1),
        ours.server_cpu_s_per_million.toFixed(3),
        raw.server_cpu_s_per_million.toFixed(3),
        `${ours.p50_ms.toFixed(1)} / ${ours.p99_ms.toFixed(1)}`,
        `${raw.p50_ms.toFixed(1)} / ${raw.p99_ms.toFixed(1)}`,
      ];
    }),
  ),
);

console.log("\nEverybody moves a cursor 20 times a second, each in a viewport of their own, while some write:\n");
console.log(
  table(
    ["people", "writers", "cursors/s", "cursor p50 / p99 ms", "beyond the tick", "edit p50 / p99 ms", "server CPU", "dropped"],
    [300, 1000].map((clients) => {
      const crowd = result(`crowd-${clients}`);
      return [
        clients,
        crowd.writers,
        whole(crowd.cursors / crowd.seconds),
        `${crowd.cursor_p50_ms.toFixed(1)} / ${crowd.cursor_p99_ms.toFixed(1)}`,
        `${crowd.cursor_beyond_p50_ms.toFixed(1)} / ${crowd.cursor_beyond_p99_ms.toFixed(1)}`,
        `${crowd.p50_ms.toFixed(1)} / ${crowd.p99_ms.toFixed(1)}`,
        `${Math.round((100 * crowd.server_cpu_s) / crowd.seconds)} %`,
        crowd.closed,
      ];
    }),
  ),
);

console.log("\nA board of 10,000 stickies, 20 of 50 clients editing it, and others who join at once:\n");
console.log(
  table(
    ["joining", "have it after ms, p50 / the last", "edit p50 / p99 ms"],
    ["cold-1", "warm-1", "warm-50", "warm-300"].map((name) => {
      const joins = result(`joins-${name}`);
      return [
        name.replace("-", " "),
        `${joins.join_p50_ms.toFixed(1)} / ${joins.join_max_ms.toFixed(1)}`,
        `${joins.p50_ms.toFixed(1)} / ${joins.p99_ms.toFixed(1)}`,
      ];
    }),
  ),
);

const storm = result("storm");
console.log(
  `\nThe server killed under ${storm.clients} clients and started again: all back after ` +
    `${(storm.storm_ms / 1000).toFixed(1)} s, by ${storm.returns} attempts, each after half a second to two`,
);
console.log(readFileSync(join(folder, "storm.check"), "utf8").trim());

console.log("\nIdle connections, RSS after all joined less RSS before:\n");
console.log(
  table(
    ["connections", "guests", "bytes per connection"],
    [["1", "1"], ["2000", "2,000"], ["tls", "1, over TLS"]].map(([name, guests]) => {
      const idle = result(`idle-${name}`);
      return [idle.clients, guests, whole(idle.rss_bytes_per_client)];
    }),
  ),
);

console.log("\nOne person on a board moves a sticky 200 times a second while others are idle, on ten other boards:\n");
console.log(
  table(
    ["idle", "echo p50 / p99 ms", "CPU us per echo", "CPU of the idle"],
    [1, 1000].map((each) => {
      const alone = result(`among-${each}-0`);
      const echoes = result(`among-${each}-1`);
      return [
        whole(10 * each),
        `${echoes.p50_ms.toFixed(2)} / ${echoes.p99_ms.toFixed(2)}`,
        whole((1e6 * (echoes.server_cpu_s - alone.server_cpu_s)) / echoes.acknowledged),
        `${((100 * alone.server_cpu_s) / alone.seconds).toFixed(1)} %`,
      ];
    }),
  ),
);

const runs = [...sizes, "moves-400", "moves-900"].map((name) => `plenum-${name}`);
const wrong = [...runs, "crowd-300", "crowd-1000", "joins-warm-300", "storm"].map(result)
  .filter((it) => !it.equal || !it.settled || it.errors > 0);
console.log(
  wrong.length === 0
    ? `\n${first.replicas} whole replicas equal at the end of each run`
    : "\nREPLICAS DIFFER OR ERRORS: the numbers above do not count",
);
process.exit(wrong.length === 0 ? 0 : 1);
