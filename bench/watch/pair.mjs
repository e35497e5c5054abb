#!/usr/bin/env node
// bench/watch/pair.mjs BIN-DIR [ROUNDS]: two real browsers watch a talk-track together. Prints how far apart they play, in
// the first seconds after the second one joined, later on, and after seeks and pauses of everybody's; medians and p95 over
// all rounds. Both are on one machine, whose clock compares them. Called by bench/watch/run.

import { readFile } from "node:fs/promises";
import { join } from "node:path";

const [bin, rounds = "3"] = process.argv.slice(2);
process.env.PLENUM_BIN = join(bin, "plenum"); // the harness serves by it
const { launchBrowser, Server, until } = await import("../../tests/e2e/harness.mjs");
const { comeTo, openFromPanel, plays, seekTo, tourOf, watching } = await import("../../tests/e2e/watching.mjs");

const FILMS = 12;
const FILM_MS = 4_000;
const LOOK_MS = 50;

/** Where a person is for so long: [wall ms, played ms] again and again. */
const followed = ({ page }, ms) =>
  page.evaluate(
    async ([ms, every]) => {
      const rows = [];
      for (const end = performance.now() + ms; performance.now() < end; ) {
        const { played, status } = globalThis.__plenum.watching();
        rows.push([performance.timeOrigin + performance.now(), played, status]);
        await new Promise((resolve) => setTimeout(resolve, every));
      }
      return rows;
    },
    [ms, LOOK_MS],
  );

/** How far apart they are at each of the one's moments, the other's place taken between two of its own. */
function apart(one, other) {
  const far = [];
  for (const [wall, played, status] of one) {
    const next = other.findIndex((row) => row[0] >= wall);
    if (next < 1 || status !== "playing") continue;
    const [a, b] = [other[next - 1], other[next]];
    if (a[2] !== "playing" || b[2] !== "playing") continue;
    far.push(Math.abs(a[1] + ((b[1] - a[1]) * (wall - a[0])) / (b[0] - a[0]) - played));
  }
  return far;
}

function told(name, drifts) {
  if (drifts.length === 0) return console.log(`${name}: never did both play`);
  const sorted = drifts.toSorted((a, b) => a - b);
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))].toFixed(1);
  console.log(`${name}: p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, at most ${at(1)} ms (${sorted.length} looks)`);
}

async function round(browsers, drifts) {
  const server = await Server.start();
  const keep = async (name, people, ms) => {
    const [one, other] = await Promise.all(people.map((person) => followed(person, ms)));
    drifts[name] = [...(drifts[name] ?? []), ...apart(one, other)];
  };
  try {
    const { links, mei } = await tourOf(server, browsers[0], { films: FILMS });
    const bo = await comeTo(browsers[1], links.editor, "Bo");
    await openFromPanel(mei);
    await mei.page.getByTestId("player-together").click();
    await mei.page.getByTestId("together-all").click();
    await bo.page.getByTestId("invite-join").click();
    await plays(bo);
    await keep("the first 6 s after joining", [mei, bo], 6_000);
    await keep("after that", [mei, bo], 8_000);
    await bo.page.getByTestId("player-toggle").click();
    await until("both to stand", async () => (await watching(mei)).status === "paused");
    await mei.page.getByTestId("player-toggle").click();
    await Promise.all([plays(mei), plays(bo)]);
    await keep("the first 4 s after a pause", [mei, bo], 4_000);
    await seekTo(bo, 0.6);
    await until("Mei to be there", async () => (await watching(mei)).played > FILMS * FILM_MS * 0.55);
    await Promise.all([plays(mei), plays(bo)]);
    await keep("the first 4 s after a seek", [mei, bo], 4_000);
    for (const person of [mei, bo]) await person.context.close();
  } finally {
    await server.stop();
  }
}

/** Ticks of CPU that this machine had or idled, and those its host gave to others meanwhile. */
async function ticks() {
  const [, ...spent] = (await readFile("/proc/stat", "utf8")).split("\n")[0].trim().split(/\s+/);
  const stolen = Number(spent[7]);
  return { all: spent.slice(0, 8).reduce((sum, part) => sum + Number(part), 0), stolen };
}

const before = await ticks();
const browsers = [await launchBrowser(), await launchBrowser()];
const drifts = {};
try {
  for (let i = 0; i < Number(rounds); i++) await round(browsers, drifts);
} finally {
  for (const browser of browsers) await browser.close();
}
console.log(`Two browsers watch together, ${rounds} rounds; how far apart they play:`);
for (const [name, list] of Object.entries(drifts)) told(name, list);
told("all of it", Object.values(drifts).flat());
const { all, stolen } = await ticks();
const share = (stolen - before.stolen) / (all - before.all);
console.log(`of this machine's CPU its host gave ${(share * 100).toFixed(0)} % to others, when media stand still, too`);
