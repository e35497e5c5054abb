// A patch applied to a view: the same view as the engine would write anew (tests compare the two). Pure.

import type { FieldValue, ObjectView, Patch, TextSplice } from "./types.ts";

function spliced(text: string, splices: readonly TextSplice[]): string {
  for (const [at, removed, inserted] of splices) text = text.slice(0, at) + inserted + text.slice(at + removed);
  return text;
}

export function patchedView(view: ObjectView, { pending, fields, splices }: Patch): ObjectView {
  if (fields.size === 0 && splices.size === 0) return { ...view, pending };
  const next = new Map<number, FieldValue>(view.fields);
  for (const [field, value] of fields) next.set(field, value);
  for (const [field, list] of splices) {
    const text = next.get(field);
    next.set(field, spliced(typeof text === "string" ? text : "", list));
  }
  return { ...view, pending, fields: next };
}
