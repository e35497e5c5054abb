// yjs as its README uses it: one transaction per edit, by Y.Text's own methods.
import { readFileSync } from "node:fs";
import * as Y from "yjs";

export const name = "yjs";
export const { version } = JSON.parse(readFileSync(new URL("node_modules/yjs/package.json", import.meta.url), "utf8"));

export function newDoc(startContent) {
  const doc = new Y.Doc();
  if (startContent !== "") doc.getText("text").insert(0, startContent);
  return doc;
}

export function edit(doc, patches) {
  const text = doc.getText("text");
  for (const [at, removed, inserted] of patches) {
    if (removed > 0) text.delete(at, removed);
    if (inserted !== "") text.insert(at, inserted);
  }
  return doc;
}

/** The same with somebody who would send each edit on. */
export function editHeard(doc, patches) {
  let bytes = 0;
  doc.on("update", (update) => {
    bytes += update.length;
  });
  edit(doc, patches);
  if (bytes === 0 && patches.length > 0) throw new Error("no update was heard");
  return doc;
}

export const textOf = (doc) => doc.getText("text").toString();

function read(apply) {
  return (bytes) => {
    const doc = new Y.Doc();
    apply(doc, bytes);
    return doc;
  };
}
export const formats = {
  "update v1": { write: Y.encodeStateAsUpdate, read: read(Y.applyUpdate) },
  "update v2": { write: Y.encodeStateAsUpdateV2, read: read(Y.applyUpdateV2) },
};
