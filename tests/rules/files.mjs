// Walks the source tree, skipping what is built or installed. Paths are relative to the root, with "/".
import { readdirSync } from "node:fs";
import { join } from "node:path";

const skipped = new Set(["node_modules", "build", "dist", ".git", "corpus", "golden", "plenum-data"]);

/** Files below `folder` whose name ends with one of `endings`; none when the folder is missing. */
export function filesBelow(root, folder, endings) {
  const found = [];
  const walk = (at) => {
    let entries;
    try {
      entries = readdirSync(join(root, at), { withFileTypes: true });
    } catch {
      return;
    }
    for (const entry of entries) {
      const path = at === "" ? entry.name : `${at}/${entry.name}`;
      if (entry.isDirectory()) {
        if (!skipped.has(entry.name)) walk(path);
      } else if (endings.some((ending) => entry.name.endsWith(ending))) {
        found.push(path);
      }
    }
  };
  walk(folder);
  return found.sort();
}
