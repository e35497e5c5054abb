// The boards this device has seen: what the home page lists, and the tokens that open them again. A board's token stands
// here and nowhere else; the address bar loses it as soon as it is kept.

import type { Role } from "../state/types.ts";
import type { BoardRow, Database } from "./database.ts";

export interface SeenBoards {
  get(board: string): Promise<BoardRow | null>;
  /** Newest visit first. */
  all(): Promise<readonly BoardRow[]>;
  /** Changes parts of a row, making it when it is missing. */
  update(board: string, patch: Partial<Omit<BoardRow, "board">>): Promise<BoardRow>;
  /** Forgets a board and all that this device keeps of it. */
  forget(board: string): Promise<void>;
}

const EMPTY: Omit<BoardRow, "board"> = {
  token: "",
  title: "",
  role: null,
  links: {},
  visitedAt: 0,
  thumbnail: null,
};

export function openSeenBoards(db: Database): SeenBoards {
  return {
    async get(board) {
      return (await db.get("boards", board)) ?? null;
    },
    async all() {
      const rows = await db.getAll("boards");
      return rows.filter((row) => row.token !== "").sort((a, b) => b.visitedAt - a.visitedAt);
    },
    async update(board, patch) {
      const tx = db.transaction("boards", "readwrite");
      const row: BoardRow = { ...EMPTY, ...(await tx.store.get(board)), ...patch, board };
      await Promise.all([tx.store.put(row), tx.done]);
      return row;
    },
    async forget(board) {
      const tx = db.transaction(["boards", "outbox", "replicas", "snapshots", "takes", "chunks"], "readwrite");
      const range = IDBKeyRange.bound([board], [board, []]);
      await Promise.all([
        tx.objectStore("boards").delete(board),
        tx.objectStore("snapshots").delete(board),
        tx.objectStore("outbox").delete(range),
        tx.objectStore("replicas").delete(range),
        tx.objectStore("takes").delete(range),
        tx.objectStore("chunks").delete(range),
        tx.done,
      ]);
    },
  };
}

/** The link that opens `board` on this server with `token`. */
export function linkOf(board: string, token: string): string {
  return `${location.origin}/b/${board}#k=${token}`;
}

/** A link's role comes with the first ticket; then the link is one this person may hand out. */
export function linksWith(row: BoardRow, role: Role): BoardRow["links"] {
  return row.links[role] ? row.links : { ...row.links, [role]: linkOf(row.board, row.token) };
}
