// Tests of the client's pure parts, and of the engine behind its TypeScript face. Bundles tests/web/*.test.ts and runs
// them with node's own runner.
//
//   PLENUM_WASM=build/tests/proto.wasm node tests/web/run.mjs

import { spawnSync } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const web = join(here, "../../web");
const esbuild = createRequire(join(web, "package.json"))("esbuild");

const out = await mkdtemp(join(tmpdir(), "plenum-web-tests-"));
try {
  const names = (await readdir(here)).filter((name) => name.endsWith(".test.ts"));
  await esbuild.build({
    entryPoints: names.map((name) => join(here, name)),
    outdir: out,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node18",
    nodePaths: [join(web, "node_modules")],
    // Node 18 has the browsers' crypto, but not as a global.
    banner: { js: 'import { webcrypto as nodeCrypto } from "node:crypto"; globalThis.crypto ??= nodeCrypto;' },
    logLevel: "warning",
  });
  const files = names.map((name) => join(out, name.replace(/\.ts$/, ".mjs")));
  const { stdout } = spawnSync(process.execPath, ["--test", "--test-reporter=tap", ...files], { encoding: "utf8" });
  const count = (what) => Number(new RegExp(`^# ${what} (\\d+)`, "m").exec(stdout)?.[1] ?? 0);
  if (count("fail") > 0 || count("pass") === 0) process.stdout.write(stdout);
  console.log(`${count("pass")} passed, ${count("fail")} failed`);
  process.exitCode = count("fail") === 0 && count("pass") > 0 ? 0 : 1;
} finally {
  await rm(out, { recursive: true, force: true });
}
