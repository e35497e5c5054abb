// Which of the board's links to hand out with a talk-track: the one that gives least and still lets its reader watch it and
// say something about it. Pure.

import type { Ms } from "../engine/types.ts";
import type { Watchers } from "../state/tracks.ts";
import type { GivenLink, Role } from "../state/types.ts";

/** Nobody hands out more than this by the way. */
const GIVEN: readonly Role[] = ["viewer", "commenter", "editor"];

/** Null: whoever may watch has a link that nobody hands out by the way. */
export function roleToWatch(watch: Watchers): Role | null {
  if ("links" in watch || watch.role === "viewer") return "commenter";
  return GIVEN.includes(watch.role) ? watch.role : null;
}

/** Of the links that stand the one that lasts longest, or null when there is none that serves. */
export function linkToWatch(links: readonly GivenLink[], watch: Watchers, now: Ms): GivenLink | null {
  const role = roleToWatch(watch);
  const serves = (link: GivenLink): boolean =>
    "links" in watch ? watch.links.includes(link.link) && GIVEN.includes(link.role) : link.role === role;
  const lasts = ({ endsAt }: GivenLink): number => endsAt ?? Infinity;
  const standing = links.filter((link) => lasts(link) > now && serves(link));
  return standing.sort((a, b) => lasts(b) - lasts(a))[0] ?? null;
}
