// The board for those who cannot see the canvas: its objects as a list in reading order, frames as groups with what lies
// on them. Visually hidden, one tab stop; arrow keys move through it, and focus and the canvas selection follow each
// other. Comments follow as a list of their own. Rebuilt at most every 400 ms while the board changes, and never while nothing changed.

import { effect, untracked } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import { Field, Kind } from "../engine/generated.ts";
import type { ObjectId, ObjectView } from "../engine/types.ts";
import { readingOrder } from "../geom/reading.ts";
import { language, t } from "../i18n/i18n.ts";
import type { Key } from "../i18n/i18n.ts";
import type { Thread } from "../state/comments.ts";
import type { ReadMarks } from "../state/read_marks.ts";
import { REACTIONS, reactionsOf } from "../state/reactions.ts";
import { Color, colorOf, placeOf, textOf } from "../state/read.ts";
import type { Commands } from "../state/tooling.ts";
import type { BoardStore } from "../state/types.ts";

const REBUILD_MS = 400;
const ENTRIES_MAX = 1500;
const NUDGE = 10;

function kindKey(kind: number): Key {
  switch (kind) {
    case Kind.STICKY:
      return "kind.sticky";
    case Kind.TEXT:
      return "kind.text";
    case Kind.FRAME:
      return "kind.frame";
    case Kind.SHAPE:
      return "kind.shape";
    case Kind.TRACK:
      return "kind.track";
    default:
      return "kind.other";
  }
}

export interface Comments {
  readonly threads: ReadonlySignal<readonly Thread[]>;
  readonly marks: ReadMarks;
}

function nameOf(store: BoardStore, user: number): string {
  return store.names.get(user) ?? t("comment.someone");
}

/** What a screen reader says for an object. */
export function entryText(store: BoardStore, view: ObjectView): string {
  const said = kindAndText(store, view);
  const reactions = reactionsOf(view).map(({ reaction, users }) => {
    return `${REACTIONS[reaction] ?? ""} ${users.map((user) => nameOf(store, user)).join(t("list.comma"))}`;
  });
  return reactions.length === 0 ? said : t("outline.reactions", { said, list: reactions.join(t("list.comma")) });
}

function kindAndText(store: BoardStore, view: ObjectView): string {
  const title = view.kind === Kind.TRACK ? view.fields.get(Field.TITLE) : undefined;
  const text = (typeof title === "string" ? title : textOf(view)).trim() || t("outline.empty_text");
  if (view.kind === Kind.FRAME) {
    return t("outline.frame", { text, n: store.scene.childrenOf(view.id).length });
  }
  const kind = t(kindKey(view.kind));
  const color = colorOf(view);
  const named = view.kind === Kind.STICKY && color !== Color.NONE;
  const said = named
    ? t("outline.entry", { kind, text, color: t(`color.${color}` as Key) })
    : t("outline.entry_plain", { kind, text });
  const author = store.names.get(view.user);
  return author === undefined || view.kind !== Kind.STICKY ? said : `${said} (${t("outline.by", { name: author })})`;
}

function threadText(store: BoardStore, { marks }: Comments, thread: Thread): string {
  const [first] = thread.messages;
  const name = nameOf(store, first?.user ?? 0);
  const said = t("comment.pin", { name, text: first?.text ?? "", n: thread.messages.length });
  return marks.unread(thread).length > 0 ? `${said}, ${t("comment.unread")}` : said;
}

export function mountOutline(
  root: HTMLElement,
  store: BoardStore,
  commands: Commands,
  comments: Comments,
): () => void {
  const list = document.createElement("div");
  list.className = "sr-only";
  list.dataset["testid"] = "outline";
  list.setAttribute("role", "group");
  root.append(list);
  let entries: HTMLElement[] = [];
  let timer = 0;

  /** A comment's entry has the id of its thread. */
  const idOf = (entry: Element): ObjectId => (entry as HTMLElement).dataset["object"] as ObjectId;
  const focusedId = (): ObjectId | null => {
    const active = document.activeElement;
    return active !== null && list.contains(active) && active instanceof HTMLElement
      ? ((active.dataset["object"] as ObjectId | undefined) ?? null)
      : null;
  };

  function entryFor(view: ObjectView): HTMLElement {
    const entry = document.createElement("button");
    entry.type = "button";
    entry.tabIndex = -1;
    entry.dataset["object"] = view.id;
    entry.textContent = entryText(store, view);
    entry.addEventListener("focus", () => onFocus(view.id));
    entries.push(entry);
    return entry;
  }

  function itemsFor(views: readonly ObjectView[], depth: number): HTMLElement {
    const ul = document.createElement("ul");
    const ordered = readingOrder(views, (view) => store.scene.rectOf(view));
    // Frames first: they are the board's chapters; what lies beside them follows.
    for (const view of [...ordered].sort((a, b) => Number(b.kind === Kind.FRAME) - Number(a.kind === Kind.FRAME))) {
      if (entries.length >= ENTRIES_MAX) break;
      const item = document.createElement("li");
      item.append(entryFor(view));
      const children = view.kind === Kind.FRAME && depth < 8 ? store.scene.childrenOf(view.id) : [];
      if (children.length > 0) item.append(itemsFor(children, depth + 1));
      ul.append(item);
    }
    return ul;
  }

  function commentItems(): readonly HTMLElement[] {
    const open = comments.threads.peek().filter((thread) => !thread.resolved);
    if (open.length === 0) return [];
    const heading = document.createElement("p");
    heading.textContent = t("outline.comments");
    const ul = document.createElement("ul");
    for (const thread of open.slice(0, Math.max(0, ENTRIES_MAX - entries.length))) {
      const entry = document.createElement("button");
      entry.type = "button";
      entry.tabIndex = -1;
      entry.dataset["object"] = thread.id;
      entry.dataset["thread"] = "";
      entry.textContent = threadText(store, comments, thread);
      entry.addEventListener("click", () => commands.openThread(thread.id));
      entries.push(entry);
      const item = document.createElement("li");
      item.append(entry);
      ul.append(item);
    }
    return [heading, ul];
  }

  function rebuild(): void {
    timer = 0;
    const focused = focusedId();
    entries = [];
    const all = store.scene.inOrder();
    const top = all.filter((view) => placeOf(view).parent === null);
    list.setAttribute("aria-label", t("outline.title"));
    const hint = document.createElement("p");
    hint.textContent = t("outline.hint");
    const tree = itemsFor(top, 0);
    const parts: HTMLElement[] = [hint, tree];
    const drawn = entries.length;
    if (all.length > drawn) {
      const more = document.createElement("p");
      more.textContent = t("outline.more", { n: all.length - drawn });
      parts.push(more);
    }
    parts.push(...commentItems());
    list.replaceChildren(...parts);
    const again = entries.find((entry) => idOf(entry) === focused);
    setStop(again ?? entries.find((entry) => store.selection.peek().has(idOf(entry))) ?? entries[0]);
    again?.focus({ preventScroll: true });
  }

  /** One entry is the list's tab stop. */
  function setStop(stop: HTMLElement | undefined): void {
    for (const entry of entries) entry.tabIndex = entry === stop ? 0 : -1;
  }

  function onFocus(id: ObjectId): void {
    const chosen = store.selection.peek();
    if (chosen.size !== 1 || !chosen.has(id)) store.selection.value = new Set([id]);
    commands.reveal(id);
  }

  function go(to: HTMLElement | undefined): void {
    if (to === undefined) return;
    setStop(to);
    to.focus({ preventScroll: true });
  }

  function onKey(event: KeyboardEvent): void {
    const at = entries.findIndex((entry) => entry === document.activeElement);
    if (at < 0) return;
    const arrows: Readonly<Record<string, readonly [number, number]>> = {
      ArrowLeft: [-NUDGE, 0],
      ArrowRight: [NUDGE, 0],
      ArrowUp: [0, -NUDGE],
      ArrowDown: [0, NUDGE],
    };
    const arrow = arrows[event.key];
    const thread = entries[at]?.dataset["thread"] !== undefined;
    if (thread && event.key === "Enter") commands.openThread(idOf(entries[at]!));
    else if (arrow !== undefined && event.altKey) commands.nudge(arrow[0], arrow[1]);
    else if (event.key === "ArrowDown" || event.key === "ArrowRight") go(entries[at + 1]);
    else if (event.key === "ArrowUp" || event.key === "ArrowLeft") go(entries[at - 1]);
    else if (event.key === "Home") go(entries[0]);
    else if (event.key === "End") go(entries.at(-1));
    else if (event.key === "Enter") commands.editText();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  function soon(): void {
    if (timer === 0) timer = window.setTimeout(rebuild, REBUILD_MS);
  }

  list.addEventListener("keydown", onKey);
  const stops = [
    effect(() => {
      void [store.scene.version.value, language.value];
      for (const thread of comments.threads.value) void comments.marks.unread(thread);
      untracked(soon);
    }),
    effect(() => {
      const [first] = store.selection.value;
      untracked(() => {
        const entry = entries.find((e) => idOf(e) === first);
        if (entry !== undefined && focusedId() === null) setStop(entry);
      });
    }),
  ];
  return () => {
    for (const stop of stops) stop();
    clearTimeout(timer);
    list.remove();
  };
}
