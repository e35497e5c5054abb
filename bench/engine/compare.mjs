// Runs Plenum's engine, natively and as WebAssembly, beside yjs and loro-crdt on one history, and prints ratios first:
//
//   node compare.mjs PLENUM_TRACE PEERS_FOLDER FILE.json.gz [ROUNDS]
//
// The engines take turns, each in a fresh process, and measure three times in each turn: whatever else the machine
// does meets all of them.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { table, what, whole } from "../markdown.mjs";

const [trace, peers, file, rounds = "3"] = process.argv.slice(2);
const REPEAT = "3";

const turns = {
  native: [trace, "--json", "--repeat", REPEAT, file],
  hundred: [trace, "--json", "--repeat", REPEAT, "--settle", "100", file],
  offline: [trace, "--json", "--repeat", REPEAT, "--settle", "4294967295", file],
  wasm: [trace, "--wasm", "--json", "--repeat", REPEAT, file],
  yjs: ["node", "--expose-gc", join(peers, "peer.mjs"), "yjs", file, REPEAT],
  loro: ["node", "--expose-gc", join(peers, "peer.mjs"), "loro", file, REPEAT],
};

function turn([program, ...args]) {
  const run = spawnSync(program, args, { encoding: "utf8", maxBuffer: 1 << 26 });
  if (run.status !== 0) throw new Error(`${program} ${args.join(" ")}: ${run.stdout}${run.stderr}`);
  return JSON.parse(run.stdout);
}

/** Every list of milliseconds of all turns together; what else there is, from the first turn. */
function merged(answers) {
  const [first] = answers;
  return Object.fromEntries(
    Object.entries(first).map(([key, value]) => {
      if (key.endsWith("_ms")) return [key, answers.flatMap((answer) => answer[key])];
      if (value === null || typeof value !== "object") return [key, value];
      return [key, merged(answers.map((answer) => answer[key]))];
    }),
  );
}

const answers = Object.fromEntries(Object.keys(turns).map((name) => [name, []]));
for (let round = 0; round < Number(rounds); round++) {
  for (const [name, command] of Object.entries(turns)) {
    process.stderr.write(`round ${round + 1}: ${name}\n`);
    answers[name].push(turn(command));
  }
}
const results = Object.fromEntries(Object.entries(answers).map(([name, list]) => [name, merged(list)]));
const { native, hundred, offline, wasm, yjs, loro } = results;

const least = (list) => Math.min(...list);
const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];
const precise = (ms) => (ms < 100 ? ms.toFixed(1) : whole(ms));
const spread = (list) => `${precise(least(list))} / ${precise(median(list))}`;

/** The fastest of a peer's formats, which is what it is measured by. */
function best(formats) {
  return Object.entries(formats).reduce((a, b) => (least(a[1].merge_ms) <= least(b[1].merge_ms) ? a : b));
}
const smallest = (formats) => Math.min(...Object.values(formats).map(({ bytes }) => bytes));

/** Of the least times, and of the medians: what the machine did besides is in the second. */
const ratio = (ours, theirs) =>
  [least, median].map((of) => (of(ours) / of(theirs)).toFixed(3)).join(" / ");
function timeRatios(label, ours, oursWasm, theirs) {
  return [label, ...[ours, oursWasm].flatMap((list) => theirs.map((their) => ratio(list, their)))];
}
function byteRatios(label, ours, oursWasm, theirs) {
  const share = (value, their) => (value === undefined ? "" : (value / their).toFixed(3));
  return [label, ...[ours, oursWasm].flatMap((value) => theirs.map((their) => share(value, their)))];
}

const [yjsBest, yjsMerge] = best(yjs.formats);
const [loroBest, loroMerge] = best(loro.formats);
const merges = [yjsMerge.merge_ms, loroMerge.merge_ms];
const resident = [yjs.rss_bytes, loro.rss_bytes];

const [release, machine] = what();
console.log(`${release}; yjs ${yjs.version}, loro-crdt ${loro.version}, Node ${process.versions.node}`);
console.log(`${machine}\n`);
console.log(`${native.file}: ${whole(native.edits)} edits. Plenum's share of the other's time (least / median) or bytes:\n`);
console.log(
  table(
    ["", "native / yjs", "native / loro", "WASM / yjs", "WASM / loro"],
    [
      timeRatios("local edits, one by one", native.replay_ms, wasm.replay_ms, [yjs.replay_ms, loro.replay_ms]),
      timeRatios("whole history as a snapshot", native.load_ms, wasm.load_ms, merges),
      timeRatios("whole history as batches", offline.merge_ms, wasm.merge_ms, merges),
      byteRatios("encoded", native.encoded_bytes, undefined, [smallest(yjs.formats), smallest(loro.formats)]),
      byteRatios("resident after typing", native.rss_bytes, wasm.rss_bytes, resident),
    ],
  ),
);
console.log(`\nThe peers' whole history is what each merges fastest: yjs' ${yjsBest}, loro's ${loroBest}.\n`);

console.log("For orientation, milliseconds (least / median) and bytes:\n");
const bytes = (value) => whole(value);
console.log(
  table(
    ["engine", "what", "ms", "bytes"],
    [
      ["Plenum native", "typed, echo after 1,000 edits", spread(native.replay_ms), ""],
      ["Plenum native", "typed, echo after 100 edits", spread(hundred.replay_ms), ""],
      ["Plenum native", "typed offline, one echo at the end", spread(offline.replay_ms), ""],
      ["Plenum WASM", "typed, echo after 1,000 edits", spread(wasm.replay_ms), ""],
      ["yjs", "typed", spread(yjs.replay_ms), ""],
      ["yjs", "typed, with an update listener", spread(yjs.heard_ms), ""],
      ["loro-crdt", "typed, one commit at the end", spread(loro.replay_ms), ""],
      ["Plenum native", "merge of the snapshot", spread(native.load_ms), bytes(native.encoded_bytes)],
      ...[offline, native, hundred].map(({ batches, merge_ms, journal_bytes }) => [
        "Plenum native", `merge of ${whole(batches)} batches`, spread(merge_ms), bytes(journal_bytes),
      ]),
      ["Plenum WASM", "merge of the snapshot", spread(wasm.load_ms), bytes(wasm.encoded_bytes)],
      ["Plenum WASM", `merge of ${whole(wasm.batches)} batches`, spread(wasm.merge_ms), bytes(wasm.journal_bytes)],
      ...[yjs, loro].flatMap(({ engine, formats }) =>
        Object.entries(formats).map(([format, { merge_ms, bytes: n }]) => [
          engine, `merge of ${format}`, spread(merge_ms), bytes(n),
        ]),
      ),
      ["Plenum native", "live after typing, by its allocator", "", bytes(native.live_bytes)],
      ["Plenum native", "live when loaded", "", bytes(native.loaded_bytes)],
      ["Plenum native", "resident after typing", "", bytes(native.rss_bytes)],
      ["Plenum WASM", "linear memory after typing", "", bytes(wasm.live_bytes)],
      ["Plenum WASM", "resident after typing", "", bytes(wasm.rss_bytes)],
      ...[yjs, loro].map(({ engine, rss_bytes }) => [engine, "resident after typing", "", bytes(rss_bytes)]),
    ],
  ),
);
