// What the parts of talking over a board share: threads, what was read of them, drafts, and who wrote what.

import type { ReadonlySignal } from "@preact/signals";
import type { Message, Thread } from "../state/comments.ts";
import type { Moment, Moments } from "../state/moment.ts";
import { hueOf } from "../state/names.ts";
import type { ReadMarks } from "../state/read_marks.ts";
import type { CanvasPort, Commands, Tooling } from "../state/tooling.ts";
import type { BoardStore } from "../state/types.ts";
import { t } from "../i18n/i18n.ts";

/** Written but not sent; `moment` is where a talk-track was when it was begun. */
export interface Draft {
  readonly text: string;
  readonly moment: Moment | null;
}

export interface Talk {
  readonly store: BoardStore;
  readonly tooling: Tooling;
  readonly commands: Commands;
  readonly moments: Moments;
  readonly threads: ReadonlySignal<readonly Thread[]>;
  readonly marks: ReadMarks;
  readonly port: Pick<CanvasPort, "host" | "rectShown" | "onFrame" | "paint">;
  /** How much of the screen's bottom a player takes; 0 without one. */
  readonly playerPx: ReadonlySignal<number>;
  /** By thread, "" for one that is not pinned yet: a card that is closed loses nothing. */
  readonly drafts: Map<string, Draft>;
}

export interface Author {
  readonly name: string;
  readonly hue: number;
}

/** A name changes when its person comes with another one, which `people` tells. */
export function authorOf(store: BoardStore, user: number): Author {
  const here = store.people.value.find((person) => person.user === user);
  return { name: store.names.get(user) ?? here?.name ?? t("comment.someone"), hue: here?.hue ?? hueOf(user) };
}

/** Messages are their makers'; facilitators may change any (SPEC B5). */
export function mayChange(store: BoardStore, message: Message): boolean {
  const { role } = store;
  const rules = role.value === "facilitator" || role.value === "owner";
  return store.canComment.value && (rules || message.user === store.me.value);
}

export function threadNow(talk: Talk, id: string | null): Thread | null {
  return talk.threads.value.find((thread) => thread.id === id) ?? null;
}
