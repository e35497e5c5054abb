// Builds the web client: bundles src/main.ts and src/theme.css, names everything by content, writes index.html, the
// service worker with its list of files, the manifest and the icon. With --embed it also writes the assembler source
// that puts all of it, compressed, into the server's binary.
//
//   node build.mjs --wasm FILE [--out DIR] [--embed DIR]
//
// Fails when the first load is over its budget: a build that is too heavy is broken.

import { createHash } from "node:crypto";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { brotliCompressSync } from "node:zlib";
import esbuild from "esbuild";
import { embed } from "./embed.mjs";

const FIRST_LOAD_BYTES_MAX = 170 * 1024;
const LAZY_BYTES_MAX = 60 * 1024;

const here = dirname(fileURLToPath(import.meta.url));
const { values: options } = parseArgs({
  options: { wasm: { type: "string" }, out: { type: "string" }, embed: { type: "string" } },
});
if (!options.wasm) throw new Error("--wasm FILE is missing: the engine, as the proto_wasm target builds it");
const out = resolve(options.out ?? join(here, "dist"));

const hashOf = (bytes) => createHash("sha256").update(bytes).digest("hex").slice(0, 10);

/** path in the site -> bytes */
const site = new Map();

const wasm = await readFile(options.wasm);
const wasmPath = `/assets/proto-${hashOf(wasm)}.wasm`;
site.set(wasmPath, wasm);

const common = {
  bundle: true,
  minify: true,
  write: false,
  legalComments: "none",
  target: ["chrome109", "firefox115", "safari16.4"],
  charset: "utf8",
  logLevel: "warning",
  absWorkingDir: here,
};

const bundle = await esbuild.build({
  ...common,
  entryPoints: { main: "src/main.ts", theme: "src/theme.css" },
  format: "esm",
  splitting: true,
  outdir: join(out, "assets"),
  entryNames: "[name]-[hash]",
  chunkNames: "[name]-[hash]",
  assetNames: "[name]-[hash]",
  metafile: true,
  jsx: "automatic",
  jsxImportSource: "preact",
  define: { PROTO_WASM_URL: JSON.stringify(wasmPath) },
});
for (const file of bundle.outputFiles) site.set(`/assets/${basename(file.path)}`, Buffer.from(file.contents));

/** The site paths an entry needs before it runs: itself, its style sheet and what it imports statically. */
function firstLoadOf(entryPoint) {
  const outputs = bundle.metafile.outputs;
  const [entry] = Object.entries(outputs).find(([, output]) => output.entryPoint === entryPoint);
  const wanted = [entry];
  for (const path of wanted) {
    const output = outputs[path];
    if (output.cssBundle) wanted.push(output.cssBundle);
    for (const used of output.imports)
      if (used.kind === "import-statement" && !wanted.includes(used.path)) wanted.push(used.path);
  }
  return wanted.map((path) => `/assets/${basename(path)}`);
}

const firstLoad = [...firstLoadOf("src/theme.css"), ...firstLoadOf("src/main.ts")];
const [mainScript] = firstLoadOf("src/main.ts");
const head = [
  ...firstLoad.filter((path) => path.endsWith(".css")).map((path) => `<link rel="stylesheet" href="${path}" />`),
  `<script type="module" src="${mainScript}"></script>`,
  ...firstLoad
    .filter((path) => path.endsWith(".js") && path !== mainScript)
    .map((path) => `<link rel="modulepreload" href="${path}" />`),
  `<link rel="preload" href="${wasmPath}" as="fetch" type="application/wasm" crossorigin="anonymous" />`,
];
const page = (await readFile(join(here, "index.html"), "utf8")).replace("<!-- head -->", head.join("\n    "));
site.set("/index.html", Buffer.from(page));
for (const name of ["manifest.webmanifest", "icon.svg"]) site.set(`/${name}`, await readFile(join(here, name)));

const precache = [...site.keys()];
const version = hashOf(precache.map((path) => path + hashOf(site.get(path))).join("\n"));
const worker = await esbuild.build({
  ...common,
  entryPoints: ["src/sw.ts"],
  format: "iife",
  define: { PRECACHE: JSON.stringify(precache), VERSION: JSON.stringify(version) },
});
site.set("/sw.js", Buffer.from(worker.outputFiles[0].contents));

await rm(out, { recursive: true, force: true });
for (const [path, bytes] of site) {
  await mkdir(dirname(join(out, path)), { recursive: true });
  await writeFile(join(out, path), bytes);
}

const compressed = (path) => brotliCompressSync(site.get(path)).length;
const first = ["/index.html", wasmPath, ...firstLoad];
const firstBytes = first.reduce((sum, path) => sum + compressed(path), 0);
const lazy = precache.filter((path) => path.endsWith(".js") && !firstLoad.includes(path));
console.log(`first load ${(firstBytes / 1024).toFixed(1)} KB compressed, ${lazy.length} lazy chunks`);
if (firstBytes > FIRST_LOAD_BYTES_MAX) throw new Error(`first load over ${FIRST_LOAD_BYTES_MAX / 1024} KB`);
const heavy = lazy.find((path) => compressed(path) > LAZY_BYTES_MAX);
if (heavy) throw new Error(`${heavy} is over ${LAZY_BYTES_MAX / 1024} KB`);

if (options.embed) await embed(site, resolve(options.embed));
