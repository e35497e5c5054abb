// Checks the written rules of the tree and proves that each check can fail. Prints "ok NAME" or "not ok NAME" with
// what is wrong; exits 1 when something is. No packages: Node alone.
import { fileURLToPath } from "node:url";
import { checkC, checkHeadersStandAlone } from "./c_rules.mjs";
import { checkTs } from "./ts_rules.mjs";
import { checkLength } from "./length.mjs";
import { selfTests } from "./self_test.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const checks = [
  ["C includes follow the layers", () => checkC(root)],
  ["every C header compiles alone", () => checkHeadersStandAlone(root)],
  ["TypeScript imports follow the layers", () => checkTs(root)],
  ["no file is longer than 600 lines", () => checkLength(root)],
  ...selfTests,
];

let failed = 0;
for (const [name, check] of checks) {
  const wrong = check();
  console.log(`${wrong.length === 0 ? "ok" : "not ok"} ${name}`);
  for (const line of wrong) console.log(`  ${line}`);
  if (wrong.length > 0) failed++;
}
process.exit(failed === 0 ? 0 : 1);
