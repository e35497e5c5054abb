// The links of a board for who rules over it: listed, made, changed and withdrawn through the server. The list is the
// server's; what an answer says replaces its row here. Times are moved to this device's clock.

import { signal } from "@preact/signals";
import type { Ms } from "../engine/types.ts";
import type { GivenLink, LinkDesk, Role } from "../state/types.ts";
import { ApiError, askLinks, roleNamed, type Json } from "./api.ts";

/** Refusals that have words of their own; ui shows the key's text. */
const TOLD = new Set(["perm", "state", "quota", "limit", "read_only", "draining"]);

/** Of links made together, what people hand out most often comes first. */
const OFTEN: readonly Role[] = ["editor", "commenter", "viewer", "facilitator", "owner"];

function wordsOf(error: unknown): string {
  if (!(error instanceof ApiError)) return "share.error_away";
  return TOLD.has(error.code) ? `share.error_${error.code}` : "share.error_other";
}

function timeFrom(value: unknown, ahead: number): Ms | null {
  return typeof value === "number" ? ((value - ahead) as Ms) : null;
}

/** Null for one that was withdrawn, or that makes no sense here. */
function linkFrom(row: unknown, ahead: number): GivenLink | null {
  if (typeof row !== "object" || row === null) return null;
  const { link, role, url, own, made_ms: made, expires_ms: expires, revoked } = row as Json;
  const named = roleNamed(role);
  if (typeof link !== "string" || typeof url !== "string" || named === null || revoked === true) return null;
  return { link, role: named, url, own: own === true, madeAt: timeFrom(made, ahead), endsAt: timeFrom(expires, ahead) };
}

function unless(link: string): (row: GivenLink) => boolean {
  return (row) => row.link !== link;
}

export function openLinkDesk(board: string, token: string): LinkDesk {
  const given = signal<readonly GivenLink[] | null>(null);
  let ahead = 0; // the server's clock before ours

  const ask = async (method: "GET" | "POST" | "PUT" | "DELETE", link: string, body?: Json): Promise<Json> => {
    try {
      return await askLinks(board, token, method, link, body);
    } catch (error) {
      throw new Error(wordsOf(error), { cause: error });
    }
  };
  const take = (answer: Json): GivenLink => {
    const fresh = linkFrom(answer, ahead);
    if (fresh === null) throw new Error("share.error_other");
    const before = given.value ?? [];
    const known = before.find((row) => row.link === fresh.link);
    const row = { ...fresh, own: known?.own ?? false };
    given.value = known ? before.map((old) => (old.link === row.link ? row : old)) : [row, ...before];
    return row;
  };
  return {
    given,
    async refresh() {
      const { now_ms: now, links } = await ask("GET", "");
      ahead = typeof now === "number" ? now - Date.now() : 0;
      const rows = Array.isArray(links) ? links.map((row: unknown) => linkFrom(row, ahead)) : [];
      const standing = rows.filter((row) => row !== null);
      given.value = standing.sort(
        (a, b) => (b.madeAt ?? 0) - (a.madeAt ?? 0) || OFTEN.indexOf(a.role) - OFTEN.indexOf(b.role),
      );
    },
    async make(role, lastsMs) {
      return take(await ask("POST", "", { role, lasts_ms: lastsMs }));
    },
    async setRole(link, role) {
      take(await ask("PUT", link, { role }));
    },
    async withdraw(link) {
      await ask("DELETE", link);
      given.value = (given.value ?? []).filter(unless(link));
    },
  };
}
