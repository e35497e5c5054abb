// Runs the journeys in two lanes, each with a browser of its own, for most of a journey's time is waiting; prints `ok` or
// `not ok` for each, with how long it took, then the count. Words given on the command line run only the journeys whose
// titles contain them; without words those marked "long" run when PLENUM_LONG is set.
//
//   PLENUM_BIN=build/release/bin/plenum node tests/e2e/run.mjs [words]

import { mkdir } from "node:fs/promises";
import { launchBrowser, Server } from "./harness.mjs";
import { journeys as together } from "./together.mjs";
import { journeys as away } from "./away.mjs";
import { journeys as arriving } from "./arriving.mjs";
import { journeys as writing } from "./writing.mjs";
import { journeys as sharing } from "./sharing.mjs";
import { journeys as recording } from "./recording.mjs";
import { journeys as reviewing } from "./recording_review.mjs";
import { journeys as troubled } from "./recording_trouble.mjs";
import { journeys as secure } from "./secure.mjs";
import { journeys as media } from "./media.mjs";
import { journeys as talkingOver } from "./talking_over.mjs";
import { journeys as watching } from "./watching.mjs";
import { journeys as player } from "./player.mjs";

const wanted = process.argv.slice(2).join(" ");
const shots = process.env.PLENUM_E2E_SHOTS; // where to keep a picture of each failure

const LANES = 2;
let passed = 0;
let failed = 0;

async function run(browser, [title, journey]) {
  const began = performance.now();
  const took = () => `${((performance.now() - began) / 1000).toFixed(0)} s`;
  const server = await Server.start();
  try {
    await journey({ server, browser });
    passed += 1;
    console.log(`ok - ${title} (${took()})`);
  } catch (error) {
    failed += 1;
    console.log(`not ok - ${title} (${took()})\n${String(error.stack ?? error).replace(/^/gm, "    ")}`);
    await picture(browser, title);
  } finally {
    for (const context of browser.contexts()) await context.close();
    await server.stop();
  }
}

async function picture(browser, title) {
  if (!shots) return;
  await mkdir(shots, { recursive: true });
  for (const [i, context] of browser.contexts().entries()) {
    const name = `${title.replace(/\W+/g, "-")}-${i}.png`;
    await context.pages()[0]?.screenshot({ path: `${shots}/${name}` }).catch(() => undefined);
  }
}

const talks = [...media, ...recording, ...reviewing, ...troubled, ...watching, ...player, ...talkingOver];
const all = [...together, ...away, ...arriving, ...writing, ...sharing, ...secure, ...talks];
const slowToo = wanted !== "" || process.env.PLENUM_LONG; // those marked "long" would take too much of every run
const queue = all.filter(([title, , mark]) => title.includes(wanted) && (mark !== "long" || slowToo));

async function lane() {
  const browser = await launchBrowser();
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) await run(browser, next);
  await browser.close();
}

await Promise.all(Array.from({ length: Math.min(LANES, queue.length) }, lane));
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);
