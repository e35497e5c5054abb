// The import rules of web/src: {geom, i18n} <- engine <- state <- {sync, render, tools, talk, a11y, export, ui} <- main.
// Siblings never import each other. Also: no default exports, no barrels, no `any`.
import { readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { filesBelow } from "./files.mjs";

const ranks = new Map([
  ["geom", 0], ["i18n", 0],
  ["engine", 1],
  ["state", 2],
  ["sync", 3], ["render", 3], ["tools", 3], ["talk", 3], ["a11y", 3], ["export", 3], ["ui", 3],
]);
const top = 4;

/** The layer of a path below web/src: a folder's name, "main" for main*.ts, null for what has no place. */
function layerOf(path) {
  const slash = path.indexOf("/");
  if (slash >= 0) return ranks.has(path.slice(0, slash)) ? path.slice(0, slash) : null;
  return /^(main|sw)[.\w-]*$/.test(path) ? "main" : null;
}

function rankOf(layer) {
  return layer === "main" ? top : ranks.get(layer);
}

/** Source text with comments blanked, and, if asked, the insides of strings; line numbers stay. */
export function bare(source, withoutStrings) {
  const token =
    /\/\/[^\n]*|\/\*[\s\S]*?\*\/|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\[\s\S]|[^`\\])*`/g;
  return source.replace(token, (found) => {
    if (found[0] === "/") return found.replace(/[^\n]/g, " ");
    return withoutStrings ? found[0] + found.slice(1, -1).replace(/[^\n]/g, " ") + found[0] : found;
  });
}

function lineOf(source, index) {
  return source.slice(0, index).split("\n").length;
}

function importProblem(root, from, written) {
  if (!written.startsWith(".")) return null; // a package
  const target = relative("web/src", join("web/src", dirname(from), written)).replaceAll("\\", "/");
  if (target.startsWith("..")) return `"${written}": outside web/src`;
  const to = layerOf(target);
  const own = layerOf(from);
  if (own === null) return "this file has no layer";
  if (to === null) return `"${written}": ${target} has no layer`;
  if (to === own) return null;
  if (rankOf(to) >= rankOf(own)) return `"${written}": ${own} may not import ${to}`;
  return null;
}

const imports = /\b(?:import|export)\b[^;"'`]*?\bfrom\s*(["'])([^"']+)\1|\bimport\s*(["'])([^"']+)\3|\bimport\s*\(\s*(["'])([^"']+)\5/g;
const banned = [
  [/\bexport\s+default\b/g, "a default export"],
  [/\bexport\s*\*\s*(?:as\s+\w+\s*)?from\b/g, "a barrel: export * from"],
  [/\bexport\s+(?:type\s+)?\{[^}]*\}\s*from\b/g, "a barrel: export from"],
  [/[:<,|&(=]\s*any\b(?!\s*[:(\w])|\bas\s+any\b|\bany\s*\[\]|<\s*any\s*>/g, "any"],
];

export function checkTs(root) {
  const wrong = [];
  for (const path of filesBelow(root, "web/src", [".ts", ".tsx"])) {
    const from = path.slice("web/src/".length);
    const source = readFileSync(join(root, path), "utf8");
    const code = bare(source, false);
    const skeleton = bare(source, true);
    if (layerOf(from) === null) wrong.push(`${path}: has no place in the layers`);
    for (const match of code.matchAll(imports)) {
      const problem = importProblem(root, from, match[2] ?? match[4] ?? match[6]);
      if (problem !== null) wrong.push(`${path}:${lineOf(code, match.index)}: ${problem}`);
    }
    if (/(^|\/)index\.tsx?$/.test(from)) wrong.push(`${path}: a barrel by its name`);
    for (const [pattern, what] of banned) {
      for (const match of skeleton.matchAll(pattern)) {
        wrong.push(`${path}:${lineOf(skeleton, match.index)}: ${what}`);
      }
    }
  }
  return wrong;
}

