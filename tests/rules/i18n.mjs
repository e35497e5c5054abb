// Every interface language has the same keys, and the same {placeholders} below each key.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { filesBelow } from "./files.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** {"a": {"b": "text"}} as [["a.b", "text"]]. */
function flat(value, prefix = "") {
  return Object.entries(value).flatMap(([key, inner]) =>
    typeof inner === "string" ? [[prefix + key, inner]] : flat(inner, `${prefix}${key}.`),
  );
}
const holes = (text) => [...new Set(text.match(/\{\w+\}/g) ?? [])].sort().join(" ");

const paths = filesBelow(root, "web/src/i18n", [".json"]);
const languages = paths.map((path) => [path, new Map(flat(JSON.parse(readFileSync(join(root, path), "utf8"))))]);
const wrong = languages.length < 2 ? [`only ${languages.length} languages in web/src/i18n`] : [];
const first = languages[0];
for (const [path, texts] of languages.slice(1)) {
  for (const key of first[1].keys()) {
    if (!texts.has(key)) wrong.push(`${path}: lacks ${key}`);
    else if (holes(texts.get(key)) !== holes(first[1].get(key))) wrong.push(`${path}: ${key}: other placeholders`);
  }
  for (const key of texts.keys()) if (!first[1].has(key)) wrong.push(`${first[0]}: lacks ${key}`);
}
for (const [path, texts] of languages) {
  for (const [key, text] of texts) if (text.trim() === "") wrong.push(`${path}: ${key} is empty`);
}
console.log(wrong.length === 0 ? `languages agree: ${first[1].size} keys in ${languages.length}` : wrong.join("\n"));
process.exit(wrong.length === 0 ? 0 : 1);
