// House style: a source file has at most 600 lines. Generated files are not sources.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { filesBelow } from "./files.mjs";

const linesMax = 600;
const generated = new Set(["web/src/engine/generated.ts"]);

export function checkLength(root) {
  const wrong = [];
  for (const path of filesBelow(root, "", [".c", ".h", ".def", ".ts", ".tsx", ".mjs", ".css", ".sh"])) {
    if (generated.has(path)) continue;
    const lines = readFileSync(join(root, path), "utf8").split("\n").length - 1;
    if (lines > linesMax) wrong.push(`${path}: ${lines} lines`);
  }
  return wrong;
}
