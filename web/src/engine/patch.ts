// A patch applied to a view: the same view as the engine would write anew (tests compare the two). Pure.

import type { FieldValue, MarkRun, ObjectView, Patch, TextSplice } from "./types.ts";

function spliced(text: string, splices: readonly TextSplice[]): string {
  for (const [at, removed, inserted] of splices) text = text.slice(0, at) + inserted + text.slice(at + removed);
  return text;
}

function withMarks(marks: ObjectView["marks"], changed: Patch["marks"]): ObjectView["marks"] {
  if (changed.size === 0) return marks;
  const next = new Map<number, readonly MarkRun[]>(marks);
  for (const [field, runs] of changed) {
    if (runs.length > 0) next.set(field, runs);
    else next.delete(field);
  }
  return next;
}

export function patchedView(view: ObjectView, patch: Patch): ObjectView {
  const { pending, fields, splices } = patch;
  const marks = withMarks(view.marks, patch.marks);
  if (fields.size === 0 && splices.size === 0) return { ...view, pending, marks };
  const next = new Map<number, FieldValue>(view.fields);
  for (const [field, value] of fields) next.set(field, value);
  for (const [field, list] of splices) {
    const text = next.get(field);
    next.set(field, spliced(typeof text === "string" ? text : "", list));
  }
  return { ...view, pending, fields: next, marks };
}
