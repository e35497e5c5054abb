// Boards of 10,000 stickies: what they weigh beside the same as JSON, how fast they load, and how fast single-field
// batches are applied. node measure.mjs BUILD_DIR; ratios first. How the boards come to be: bench/board/team.h.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { table, what, whole } from "../markdown.mjs";

const build = process.argv[2];
const STICKIES = "10000";
const boards = [
  ["3 to 12 words", []],
  ["positions not rounded", ["exact"]],
  ["1 to 3 words", ["terse"]],
  ["numbered, in rows", ["neat"]],
];

function run(program, ...args) {
  const done = spawnSync(program, args, { encoding: "utf8" });
  if (done.status !== 0) throw new Error(`${program} ${args.join(" ")}: ${done.stderr}`);
  return JSON.parse(done.stdout);
}
const board = (...args) => run(join(build, "bin/plenum-board"), ...args);
const loadWasm = (file) =>
  run("node", fileURLToPath(new URL("load.mjs", import.meta.url)), join(build, "proto.wasm"), file);

const sorted = (list) => [...list].sort((a, b) => a - b);
const median = (list) => sorted(list)[Math.floor(list.length / 2)];
const spread = (list) => `${Math.min(...list).toFixed(1)} / ${median(list).toFixed(1)}`;
const share = (a, b) => (a / b).toFixed(2);

const folder = mkdtempSync(join(tmpdir(), "plenum-board-"));
try {
  const results = boards.map(([name, habits]) => {
    const file = join(folder, `${habits.join("-")}.plenum`);
    const sizes = board("make", file, STICKIES, ...habits);
    return { name, sizes, native: board("load", file), wasm: loadWasm(file), applied: board("apply", file) };
  });
  console.log(`${what().join("\n")}\n`);
  console.log(`${whole(Number(STICKIES))} stickies. The snapshot's share of the same board as JSON:\n`);
  console.log(
    table(
      [
        "board", "snapshot / seen gz", "snapshot / whole gz", "deflated / seen gz", "deflated / whole gz",
        "text / snapshot",
      ],
      results.map(({ name, sizes: s }) => [
        name,
        share(s.snapshot, s.seen_gz),
        share(s.snapshot, s.whole_gz),
        share(s.snapshot_deflated, s.seen_gz),
        share(s.snapshot_deflated, s.whole_gz),
        share(s.text, s.snapshot),
      ]),
    ),
  );
  console.log("\nBytes:\n");
  console.log(
    table(
      ["board", "visible text", "snapshot", "deflated", "JSON seen", "gzip", "JSON whole", "gzip"],
      results.map(({ name, sizes: s }) => [
        name,
        ...[s.text, s.snapshot, s.snapshot_deflated, s.seen, s.seen_gz, s.whole, s.whole_gz].map(whole),
      ]),
    ),
  );
  console.log("\nLoading (least / median of 15), the loaded document's memory, applying (median and best of 5):\n");
  console.log(
    table(
      ["board", "native ms", "WASM ms", "RSS per sticky", "live per sticky", "batches/s", "best"],
      results.map(({ name, native, wasm, applied }) => [
        name,
        spread(native.load_ms),
        spread(wasm.load_ms),
        `${whole(native.rss_per_object)} B`,
        `${whole(native.live_per_object)} B`,
        whole(median(applied.batches_per_s)),
        whole(Math.max(...applied.batches_per_s)),
      ]),
    ),
  );
} finally {
  rmSync(folder, { recursive: true });
}
