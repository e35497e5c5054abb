// The home page's store: the boards seen on this device, and making a new one.

import { signal } from "@preact/signals";
import type { Ms } from "../engine/types.ts";
import type { HomeStore, SeenBoard } from "../state/types.ts";
import { ApiError, makeBoard } from "./api.ts";
import { linkOf, openSeenBoards, type SeenBoards } from "./boards.ts";
import type { BoardRow, Database } from "./database.ts";

function seenFrom(row: BoardRow): SeenBoard {
  return {
    board: row.board,
    title: row.title,
    url: linkOf(row.board, row.token),
    visitedAt: row.visitedAt as Ms,
    thumbnail: row.thumbnail,
  };
}

/** Refusals that have words of their own; ui shows the key's text. */
const TOLD = new Set(["limit", "read_only", "quota", "perm"]);

function refusalKey(code: string): string {
  return TOLD.has(code) ? `error.${code}` : "error.other";
}

async function create(seen: SeenBoards): Promise<void> {
  try {
    const { board, links } = await makeBoard("");
    const own = links.owner ?? links.editor;
    if (own === undefined) throw new Error("the new board came without a link");
    const token = tokenIn(new URL(own).hash) ?? "";
    await seen.update(board, { token, links, role: "owner", visitedAt: Date.now() });
    location.assign(`/b/${board}#k=${token}`);
  } catch (error) {
    throw new Error(error instanceof ApiError ? refusalKey(error.code) : "home.failed", { cause: error });
  }
}

/** The token in a link's fragment. */
export function tokenIn(hash: string): string | null {
  return new URLSearchParams(hash.replace(/^#/, "")).get("k");
}

export function openHome(db: Database): HomeStore {
  const seen = openSeenBoards(db);
  const boards = signal<readonly SeenBoard[] | null>(null);
  const refresh = async (): Promise<void> => {
    boards.value = (await seen.all()).map(seenFrom);
  };
  void refresh();
  return {
    boards,
    create: () => create(seen),
    async forget(board) {
      await seen.forget(board);
      await refresh();
    },
  };
}
