// What each role may do here: which tools it has, and which edits a commenter may make (SPEC O8, B5). The server decides in
// the end; asking here first means that nobody sees their own work appear and be taken back.

import { Kind } from "../engine/generated.ts";
import type { Edit, EditRef, ObjectId, ObjectView } from "../engine/types.ts";
import type { ToolName } from "./tooling.ts";
import type { BoardStore, Role } from "./types.ts";

/** Kinds whose writer is a commenter in schema.def. */
const KINDS: ReadonlySet<number> = new Set([Kind.THREAD, Kind.MESSAGE, Kind.BALLOT, Kind.PLAYBACK]);

const EDITORS: ReadonlySet<Role> = new Set(["editor", "facilitator", "owner"]);

/** Everybody looks and points, commenters comment, editors make. Subscribes whoever asks. */
export function hasTool(store: BoardStore, tool: ToolName): boolean {
  switch (tool) {
    case "select":
    case "hand":
    case "laser":
      return true;
    case "comment":
      return store.canComment.value;
    default:
      return store.canEdit.value || (store.lookingBack.value && EDITORS.has(store.role.value));
  }
}

/** The board as it was can be looked around in and commented: what else is done with it would happen out of sight. */
export function mayUse(store: BoardStore, tool: ToolName): boolean {
  return hasTool(store, tool) && (!store.lookingBack.value || tool === "hand" || tool === "comment");
}

export function onlyComments(edits: readonly Edit[], objects: ReadonlyMap<ObjectId, ObjectView>): boolean {
  // What another edit of the same call makes is checked where it is made.
  const fine = (id: EditRef): boolean => {
    const kind = typeof id === "number" ? Kind.MESSAGE : objects.get(id)?.kind;
    return kind !== undefined && KINDS.has(kind);
  };
  return edits.every((edit) => {
    switch (edit.do) {
      case "create":
        return KINDS.has(edit.kind);
      case "tally":
        return true;
      case "arrange":
        return edit.objects.every((object) => fine(typeof object === "object" ? object[0] : object));
      default:
        return fine(edit.id);
    }
  });
}
