// Runs the journeys one after the other and prints `ok` or `not ok` for each, then the count. A name given on the command
// line runs only the journeys whose titles contain it.
//
//   PLENUM_BIN=build/release/bin/plenum node tests/e2e/run.mjs [words]

import { mkdir } from "node:fs/promises";
import { launchBrowser, Server } from "./harness.mjs";
import { journeys as together } from "./together.mjs";
import { journeys as away } from "./away.mjs";
import { journeys as arriving } from "./arriving.mjs";
import { journeys as writing } from "./writing.mjs";
import { journeys as sharing } from "./sharing.mjs";
import { journeys as secure } from "./secure.mjs";

const wanted = process.argv.slice(2).join(" ");
const shots = process.env.PLENUM_E2E_SHOTS; // where to keep a picture of each failure

const browser = await launchBrowser();
let passed = 0;
let failed = 0;

async function run([title, journey]) {
  const server = await Server.start();
  try {
    await journey({ server, browser });
    passed += 1;
    console.log(`ok - ${title}`);
  } catch (error) {
    failed += 1;
    console.log(`not ok - ${title}\n${String(error.stack ?? error).replace(/^/gm, "    ")}`);
    await picture(title);
  } finally {
    for (const context of browser.contexts()) await context.close();
    await server.stop();
  }
}

async function picture(title) {
  if (!shots) return;
  await mkdir(shots, { recursive: true });
  for (const [i, context] of browser.contexts().entries()) {
    const name = `${title.replace(/\W+/g, "-")}-${i}.png`;
    await context.pages()[0]?.screenshot({ path: `${shots}/${name}` }).catch(() => undefined);
  }
}

for (const journey of [...together, ...away, ...arriving, ...writing, ...sharing, ...secure]) {
  if (journey[0].includes(wanted)) await run(journey);
}
await browser.close();
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);
