// The link to a moment of a talk-track, and putting it on the clipboard.

import type { Ms } from "./engine/types.ts";
import { tell } from "./state/notices.ts";
import { mayRule } from "./state/read.ts";
import type { Track } from "./state/tracks.ts";
import type { BoardStore } from "./state/types.ts";
import { linkToWatch, roleToWatch } from "./talk/share_link.ts";
import { copyText } from "./ui/copy_text.ts";

/** Who rules over the board hands out a link that serves, made if there is none yet; everybody else the one they came by. */
export async function linkFor({ desk, role, links }: BoardStore, { watch }: Track): Promise<string | null> {
  const own = role.peek();
  if (!mayRule(own)) return links.peek()[own] ?? null;
  try {
    await desk.refresh();
    const given = linkToWatch(desk.given.peek() ?? [], watch, Date.now() as Ms);
    if (given !== null) return given.url;
    const needed = "links" in watch ? null : roleToWatch(watch);
    return needed === null ? null : (await desk.make(needed, 0)).url;
  } catch {
    return links.peek().commenter ?? links.peek().viewer ?? null;
  }
}

/** Without a link to hand out, the bare address: it opens the board for those who know it. */
export function urlOfMoment(link: string | null, { track }: Track, recorded: Ms): string {
  const at = `t=${encodeURIComponent(track)}.${Math.round(recorded)}`;
  if (link === null) return `${location.origin}${location.pathname}#${at}`;
  return link.includes("#") ? `${link}&${at}` : `${link}#${at}`;
}

export async function copyLink(store: BoardStore, track: Track, recorded: Ms): Promise<void> {
  const url = linkFor(store, track).then((link) => urlOfMoment(link, track, recorded));
  if (await copyText(url)) tell(store.notices, "info", "notice.link_copied");
  else tell(store.notices, "warn", "notice.link_failed", { values: { url: await url } });
}
