// One replaced stretch of a string, and how two such changes of the same base fit together. Pure; in UTF-16 units, never
// cutting a surrogate pair. Merging is the engine's: this only says where what was typed belongs after a remote change.

export interface Splice {
  readonly at: number;
  readonly remove: number;
  readonly text: string;
}

function insidePair(s: string, i: number): boolean {
  if (i <= 0 || i >= s.length) return false;
  const before = s.charCodeAt(i - 1);
  const after = s.charCodeAt(i);
  return before >= 0xd800 && before <= 0xdbff && after >= 0xdc00 && after <= 0xdfff;
}

/** The smallest splice that turns `from` into `to`; null when they are equal. `caret` says where in `to` typing ended. */
export function spliceBetween(from: string, to: string, caret: number | null): Splice | null {
  if (from === to) return null;
  const shorter = Math.min(from.length, to.length);
  let end = 0;
  // What stands after the caret was not typed: matching it from the end first puts "aa" + "a" where the caret is.
  const endMax = caret === null ? shorter : Math.min(shorter, to.length - caret);
  while (end < endMax && from[from.length - 1 - end] === to[to.length - 1 - end]) end++;
  while (end > 0 && (insidePair(from, from.length - end) || insidePair(to, to.length - end))) end--;
  let at = 0;
  while (at < shorter - end && from[at] === to[at]) at++;
  while (at > 0 && (insidePair(from, at) || insidePair(to, at))) at--;
  while (end < shorter - at && from[from.length - 1 - end] === to[to.length - 1 - end]) end++;
  while (end > 0 && (insidePair(from, from.length - end) || insidePair(to, to.length - end))) end--;
  return { at, remove: from.length - at - end, text: to.slice(at, to.length - end) };
}

/** Where position `i` of the text before `splice` stands after it. `stay`: a position at an insertion keeps before it. */
export function mapPosition(i: number, splice: Splice | null, stay: boolean): number {
  if (splice === null || i < splice.at || (i === splice.at && stay && splice.remove === 0)) return i;
  if (i >= splice.at + splice.remove) return i + splice.text.length - splice.remove;
  return splice.at + splice.text.length;
}

/** `local` as it reads on a text where `remote` has already happened. Both speak of the same base. */
export function rebase(local: Splice, remote: Splice | null): Splice {
  if (remote === null) return local;
  const at = mapPosition(local.at, remote, true);
  const end = mapPosition(local.at + local.remove, remote, local.remove === 0);
  // What the other side put inside our removed stretch stays: remove only up to where it begins.
  const within = remote.at > local.at && remote.at < local.at + local.remove && remote.text !== "";
  const stop = within ? remote.at : end;
  return { at, remove: Math.max(0, stop - at), text: local.text };
}

export function applySplice(text: string, splice: Splice): string {
  return text.slice(0, splice.at) + splice.text + text.slice(splice.at + splice.remove);
}
