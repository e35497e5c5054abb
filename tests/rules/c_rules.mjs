// The include rules of the C folders: which of our folders each may include, and the one home of each third-party
// library. Below proto/ and server/ everything that is not listed here is refused, so a new library or folder has to
// be entered first. tests/ and bench/ may include what they test and measure, but nobody includes them.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { filesBelow } from "./files.mjs";

/** Each folder's direct dependencies among ours; itself is understood. */
const layers = {
  proto: [],
  "server/base": ["proto"],
  "server/obs": ["server/base"],
  "server/auth": ["server/base", "proto"],
  "server/store": ["server/base", "proto"],
  "server/board": ["server/base", "proto", "server/obs"],
  "server/track": ["server/base", "proto", "server/store", "server/board"],
  "server/session": ["server/base", "proto", "server/obs", "server/auth", "server/board", "server/track"],
  "server/api": [
    "server/base", "proto", "server/obs", "server/auth", "server/store", "server/board", "server/track",
  ],
  "server/exchange": ["server/base", "proto"],
  "server/cmd": ["server/base", "proto", "server/store", "server/auth", "server/track", "server/exchange"],
  "server/deploy": ["server/base", "server/cmd"],
  "server/net": ["server/base", "server/obs", "server/session", "server/api"],
  bench: ["proto", "server/base"],
};

/** What every layer may include of proto: caps, results, and the slices, buffers and names that the ports speak in. */
const openHeaders = new Set(["proto/limits.h", "proto/status.h", "proto/mem.h", "proto/writer.h", "proto/id.h"]);

const homes = [
  [/^(libwebsockets\.h|uv\.h|uv\/)/, ["server/net"]],
  [/^lmdb\.h$/, ["server/store"]],
  [/^openssl\//, ["server/auth"]],
  [/^zlib\.h$/, ["server/base"]],
  [/^jansson\.h$/, ["server/api", "server/exchange"]],
  [/^msgpack(\.h|\/)/, ["proto"]],
];

/** C11 and POSIX; the engine may use only the first, and nothing of it that does I/O or tells the time. */
const c11 = new Set(
  ["assert", "ctype", "errno", "float", "inttypes", "limits", "math", "stdalign", "stdarg", "stdatomic", "stdbool",
    "stddef", "stdint", "stdio", "stdlib", "stdnoreturn", "string", "time"].map((name) => `${name}.h`),
);
const pureC11 = new Set(
  ["assert", "float", "inttypes", "limits", "math", "stdalign", "stdarg", "stdbool", "stddef", "stdint", "stdlib",
    "stdnoreturn", "string"].map((name) => `${name}.h`),
);
const posix = /^(arpa|net|netinet|sys|linux)\/|^(dirent|endian|fcntl|getopt|malloc|netdb|poll|pthread|sched|semaphore|signal|strings|syslog|termios|unistd)\.h$/;

/** Programs that print generated files, built beside the engine but no part of it. */
const tools = new Set(["proto/gen_ts.c", "proto/gen_schema.c"]);

function layerOf(path) {
  if (path.startsWith("server/")) {
    const parts = path.split("/");
    return parts.length > 2 ? `${parts[0]}/${parts[1]}` : path; // server/main.c is its own
  }
  return path.split("/")[0];
}

/** Resolves a quoted include: the repository's root and server/ are the include roots; only tests name neighbours, or their own root. */
function resolve(files, path, layer, written) {
  if (files.has(written)) return written;
  const beside = `${path.slice(0, path.lastIndexOf("/"))}/${written}`;
  if (layer === "tests" && files.has(beside)) return beside;
  if (layer === "tests" && files.has(`tests/${written}`)) return `tests/${written}`;
  if (files.has(`server/${written}`)) return `server/${written}`;
  return null;
}

function angledProblem(path, layer, header) {
  if (layer === "tests" || layer === "bench") return null; // oracles and measuring tools
  const home = homes.find(([pattern]) => pattern.test(header));
  if (home !== undefined) {
    const [, allowed] = home;
    return allowed.includes(layer) ? null : `<${header}> belongs to ${allowed.join(", ")} alone`;
  }
  if (layer === "proto" && !tools.has(path)) {
    return pureC11.has(header) ? null : `<${header}>: the engine does no I/O and knows no time`;
  }
  return c11.has(header) || posix.test(header) ? null : `<${header}> has no home in the rules`;
}

function quotedProblem(files, path, layer, written) {
  const target = resolve(files, path, layer, written);
  if (target === null) return `"${written}": written from the root or from server/, or not there`;
  if (path === "server/main.c" || layer === "tests") return null;
  const to = layerOf(target);
  if (to === layer || openHeaders.has(target)) return null;
  const allowed = layers[layer];
  if (allowed === undefined) return `${layer} has no place in the rules`;
  return allowed.includes(to) ? null : `"${written}": ${layer} may not include ${to}`;
}

export function checkC(root) {
  const wrong = [];
  const sources = ["proto", "server", "bench", "tests"].flatMap((folder) =>
    filesBelow(root, folder, [".c", ".h", ".def"]),
  );
  const files = new Set(sources);
  for (const path of sources) {
    const layer = layerOf(path);
    const lines = readFileSync(join(root, path), "utf8").split("\n");
    lines.forEach((line, at) => {
      const include = /^\s*#\s*include\s+(<([^>]+)>|"([^"]+)")/.exec(line);
      if (include === null) return;
      const problem =
        include[3] !== undefined
          ? quotedProblem(files, path, layer, include[3])
          : angledProblem(path, layer, include[2]);
      if (problem !== null) wrong.push(`${path}:${at + 1}: ${problem}`);
    });
  }
  return wrong;
}

/** Each header compiles as the only include of a file: it names what it needs. */
export function checkHeadersStandAlone(root) {
  const wrong = [];
  for (const path of ["proto", "server", "bench"].flatMap((folder) => filesBelow(root, folder, [".h"]))) {
    const args = ["-std=c11", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror", "-fsyntax-only", "-I", root,
      "-I", join(root, "server"), "-I", join(root, "bench"), "-x", "c", "-"];
    const run = spawnSync("gcc", args, { input: `#include "${join(root, path)}"\n`, encoding: "utf8" });
    if (run.status !== 0) {
      const first = (run.stderr ?? "").split("\n").find((line) => line.includes("error")) ?? `${run.error}`;
      wrong.push(`${path}: ${first.replaceAll(root, "")}`);
    }
  }
  return wrong;
}
