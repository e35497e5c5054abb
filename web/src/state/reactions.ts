// Reactions: the one table of what they are, and who gave which to an object. A reaction's number is its place in the table
// and is on the wire (SPEC O8, K7): the table is only ever added to.

import { Field } from "../engine/generated.ts";
import type { Edit, ObjectId, ObjectView } from "../engine/types.ts";

export const REACTIONS = ["👍", "❤️", "👏", "🎉", "😄", "🤔", "👀", "🙏"] as const;

/** Subs of the tally from here on are reactions to a moment of a talk-track (SPEC K7). */
const MOMENTS_FROM = 64;

export interface Reacted {
  readonly reaction: number;
  /** Guest numbers, at least one. */
  readonly users: readonly number[];
}

/** The reactions to the object itself: those of most people first. */
export function reactionsOf(view: ObjectView): readonly Reacted[] {
  const tally = view.fields.get(Field.REACTION);
  if (!Array.isArray(tally) || tally.length === 0) return [];
  const users = new Map<number, number[]>();
  for (const entry of tally as readonly unknown[]) {
    if (!Array.isArray(entry)) continue;
    const [user, sub, value] = entry as readonly unknown[];
    if (typeof user !== "number" || typeof sub !== "number" || value !== 1) continue;
    if (sub >= MOMENTS_FROM || REACTIONS[sub] === undefined) continue;
    const known = users.get(sub);
    if (known === undefined) users.set(sub, [user]);
    else known.push(user);
  }
  return [...users]
    .map(([reaction, who]) => ({ reaction, users: who }))
    .sort((a, b) => b.users.length - a.users.length || a.reaction - b.reaction);
}

/** The edit that gives a reaction, or takes it back when `me` has given it. */
export function toggleReaction(view: ObjectView, reaction: number, me: number): Edit {
  const given = reactionsOf(view).some((entry) => entry.reaction === reaction && entry.users.includes(me));
  return reactionEdit(view.id, reaction, !given);
}

export function reactionEdit(id: ObjectId, reaction: number, given: boolean): Edit {
  return { do: "tally", id, field: Field.REACTION, sub: reaction, value: given ? 1 : 0 };
}
