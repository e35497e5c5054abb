// All threads of the board in a list, the one with the latest message first; a press goes to the pin and opens its card.

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { t, timeAgo } from "../i18n/i18n.ts";
import type { Thread } from "../state/comments.ts";
import { textOf } from "../state/read.ts";
import { PHONE_PX } from "../state/screen.ts";
import { Segments } from "./controls.tsx";
import { MomentChip } from "./message.tsx";
import { Face } from "./people.tsx";
import { SidePanel } from "./side_panel.tsx";
import { authorOf } from "./talk.ts";
import type { Talk } from "./talk.ts";

const EXCERPT = 60;

/** What the thread is about, in a few words; "" for a place on the board. */
function about(talk: Talk, thread: Thread): string {
  const { object } = thread.anchor;
  if (object === null) return "";
  const view = talk.store.scene.objects.get(object);
  if (view === undefined) return t("comment.about_gone");
  const text = textOf(view).replace(/\s+/g, " ").trim();
  return text === "" ? "" : t("comment.about", { text: text.length > EXCERPT ? `${text.slice(0, EXCERPT)}…` : text });
}

function Row(props: { readonly talk: Talk; readonly thread: Thread; readonly onOpen: () => void }): JSX.Element | null {
  const { talk, thread } = props;
  const [first] = thread.messages;
  const last = thread.messages.at(-1);
  if (first === undefined || last === undefined) return null;
  const author = authorOf(talk.store, first.user);
  const unread = talk.marks.unread(thread).length;
  const at = talk.marks.heardAt(last.id);
  const answers = thread.messages.length - 1;
  const place = about(talk, thread);
  const moment = thread.moment;
  return (
    <li class="thread-row" data-testid="thread-row" data-thread={thread.id}>
      <button
        type="button"
        class="thread-open"
        aria-current={talk.tooling.thread.value === thread.id}
        onClick={props.onOpen}
      >
        <Face name={author.name} hue={author.hue} />
        <span class="thread-what">
          <span class="message-head">
            <strong>{author.name}</strong>
            {at !== null && <time>{timeAgo(at, Date.now())}</time>}
            {unread > 0 && <span class="unread-dot" role="img" aria-label={t("comment.unread_n", { n: unread })} />}
          </span>
          <span class="thread-text">{first.text}</span>
          {(answers > 0 || place !== "") && (
            <span class="thread-more">
              {answers > 0 && <span>{t("comment.answers", { n: answers })}</span>}
              {place !== "" && <span class="thread-about">{place}</span>}
            </span>
          )}
        </span>
      </button>
      {moment !== null && <MomentChip talk={talk} moment={moment} />}
    </li>
  );
}

export function CommentsPanel(props: { readonly talk: Talk; readonly onClose: () => void }): JSX.Element {
  const { talk } = props;
  const [resolved, setResolved] = useState(false);
  const all = talk.threads.value;
  const shown = all.filter((thread) => thread.resolved === resolved);
  const open = (thread: Thread): void => {
    // A phone shows one sheet at a time.
    if (talk.store.viewport.peek().w < PHONE_PX) props.onClose();
    talk.commands.openThread(thread.id);
  };
  const none = talk.store.canComment.value ? t("comment.none") : t("comment.none_viewer");
  const count = (of: boolean): number => all.filter((thread) => thread.resolved === of).length;
  return (
    <SidePanel title={t("comment.title")} testid="comments-panel" onClose={props.onClose}>
      <div class="side-choice">
        <Segments
          label={t("comment.which")}
          testid="comments-which"
          value={resolved ? 1 : 0}
          options={[
            { value: 0, label: t("comment.open_n", { n: count(false) }) },
            { value: 1, label: t("comment.resolved_n", { n: count(true) }) },
          ]}
          onPick={(value) => setResolved(value === 1)}
        />
      </div>
      {shown.length === 0 ? (
        <p class="side-empty muted">
          {resolved ? t("comment.none_resolved") : none}
        </p>
      ) : (
        <ul class="thread-list">
          {shown.map((thread) => (
            <Row key={thread.id} talk={talk} thread={thread} onOpen={() => open(thread)} />
          ))}
        </ul>
      )}
    </SidePanel>
  );
}
