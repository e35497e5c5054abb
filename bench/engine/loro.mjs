// loro-crdt: one call per edit, one commit in the end.
import { readFileSync } from "node:fs";
import { LoroDoc } from "loro-crdt";

export const name = "loro-crdt";
export const { version } = JSON.parse(
  readFileSync(new URL("node_modules/loro-crdt/package.json", import.meta.url), "utf8"),
);

export function newDoc(startContent) {
  const doc = new LoroDoc();
  if (startContent !== "") doc.getText("text").insert(0, startContent);
  doc.commit();
  return doc;
}

export function edit(doc, patches) {
  const text = doc.getText("text");
  for (const [at, removed, inserted] of patches) {
    if (removed > 0) text.delete(at, removed);
    if (inserted !== "") text.insert(at, inserted);
  }
  doc.commit();
  return doc;
}

export const textOf = (doc) => doc.getText("text").toString();

function read(bytes) {
  const doc = new LoroDoc();
  doc.import(bytes);
  return doc;
}
export const formats = {
  updates: { write: (doc) => doc.export({ mode: "update" }), read },
  snapshot: { write: (doc) => doc.export({ mode: "snapshot" }), read },
};
