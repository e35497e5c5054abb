// Saying aloud what others would see at a glance: who came and went, what was commented, and whether what is done is being kept. Polite, and
// never more often than every two seconds: what happens in between is told together, and an older status is dropped.

import { effect, untracked } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import { t } from "../i18n/i18n.ts";
import type { ObjectId } from "../engine/types.ts";
import type { Thread } from "../state/comments.ts";
import type { BoardStore, Connection } from "../state/types.ts";

const GAP_MS = 2000;
const NAMES_MAX = 3;
const COMMENTS_MAX = 2;

/** Saved and saving alternate with every edit: only trouble, and its end, is worth saying. */
function worthSaying(connection: Connection): boolean {
  return connection.is !== "saving" && connection.is !== "connecting";
}

export function mountAnnouncer(
  root: HTMLElement,
  store: BoardStore,
  statusText: (connection: Connection) => string,
  threads: ReadonlySignal<readonly Thread[]>,
): () => void {
  const region = document.createElement("div");
  region.className = "sr-only";
  region.setAttribute("role", "status");
  region.setAttribute("aria-live", "polite");
  region.dataset["testid"] = "announcer";
  root.append(region);

  let known: ReadonlyMap<number, string> | null = null;
  let lastStatus: Connection["is"] = "saved";
  const joined = new Set<string>();
  const left = new Set<string>();
  let comments: readonly string[] = [];
  let heard: ReadonlySet<ObjectId> | null = null;
  let status = "";
  let timer = 0;

  function names(set: ReadonlySet<string>): string {
    return [...set].slice(0, NAMES_MAX).join(t("list.comma")) + (set.size > NAMES_MAX ? "…" : "");
  }

  function speak(): void {
    timer = 0;
    const parts: string[] = [];
    if (joined.size > 0) parts.push(t("say.joined", { names: names(joined) }));
    if (left.size > 0) parts.push(t("say.left", { names: names(left) }));
    parts.push(...comments.slice(-COMMENTS_MAX));
    if (status !== "") parts.push(status);
    joined.clear();
    left.clear();
    comments = [];
    status = "";
    region.textContent = parts.join(". ");
  }

  function soon(): void {
    if (timer === 0) timer = window.setTimeout(speak, GAP_MS);
  }

  const stops = [
    effect(() => {
      const others = store.people.value.filter((person) => !person.self);
      const now = new Map(others.map((person) => [person.session, person.name]));
      untracked(() => {
        // The first list is who was already here.
        if (known !== null) {
          for (const [session, name] of now) if (!known.has(session)) joined.add(name);
          for (const [session, name] of known) if (!now.has(session)) left.add(name);
          if (joined.size + left.size > 0) soon();
        }
        known = store.people.peek().length === 0 ? known : now;
      });
    }),
    effect(() => {
      if (!store.loaded.value) return;
      const messages = threads.value.flatMap((thread) => thread.messages);
      untracked(() => {
        const me = store.me.peek();
        const news = messages.filter(({ id, user }) => heard?.has(id) === false && user !== me);
        heard = new Set(messages.map(({ id }) => id));
        if (news.length === 0) return;
        const said = news.map(({ user, text }) => t("say.comment", { name: store.names.get(user) ?? "", text }));
        comments = [...comments, ...said];
        soon();
      });
    }),
    effect(() => {
      const connection = store.connection.value;
      untracked(() => {
        if (!worthSaying(connection) || connection.is === lastStatus) return;
        lastStatus = connection.is;
        status = statusText(connection);
        soon();
      });
    }),
  ];
  return () => {
    for (const stop of stops) stop();
    clearTimeout(timer);
    region.remove();
  };
}
