// One message of a thread: who said it, when, at which moment of a talk-track, and what. Its author edits it in place and
// takes it back.

import { Clock, Pencil, Trash2 } from "lucide";
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { t, timeAgo } from "../i18n/i18n.ts";
import { removeMessage, rewrite } from "../state/comments.ts";
import type { Message, Thread } from "../state/comments.ts";
import type { Moment } from "../state/moment.ts";
import { timeText } from "../state/time_text.ts";
import { Writing } from "./composer.tsx";
import { IconButton } from "./controls.tsx";
import { Icon } from "./icons.tsx";
import { Face } from "./people.tsx";
import { authorOf, mayChange } from "./talk.ts";
import type { Talk } from "./talk.ts";

/** The moment of a talk-track at which something was said: a press goes there. */
export function MomentChip(props: { readonly talk: Talk; readonly moment: Moment }): JSX.Element {
  const { talk, moment } = props;
  const time = timeText(moment.ms);
  return (
    <button
      type="button"
      class="moment-chip"
      data-testid="moment"
      aria-label={t("comment.moment", { time })}
      onClick={() => (talk.moments.wanted.value = moment)}
    >
      <Icon of={Clock} size={12} />
      {time}
    </button>
  );
}

function Rewriting(props: {
  readonly talk: Talk;
  readonly message: Message;
  readonly onDone: () => void;
}): JSX.Element {
  const { talk, message, onDone } = props;
  const [base] = useState(message.text);
  const [value, setValue] = useState(base);
  const save = (): void => {
    if (value.trim() === "") return;
    const edits = rewrite(message, base, value);
    if (edits.length === 0 || talk.store.edit(edits, talk.store.newGesture()) !== null) onDone();
  };
  return (
    <div
      class="rewriting"
      onKeyDown={(event) => {
        if (event.key !== "Escape" || event.isComposing) return;
        event.preventDefault();
        event.stopPropagation();
        onDone();
      }}
    >
      <Writing
        talk={talk}
        label={t("comment.edit")}
        value={value}
        focus
        testid="comment-rewrite"
        onValue={setValue}
        onSend={save}
      />
      <div class="rewriting-end">
        <button type="button" class="button small" onClick={onDone}>
          {t("comment.cancel")}
        </button>
        <button type="button" class="button small primary" disabled={value.trim() === ""} onClick={save}>
          {t("comment.save")}
        </button>
      </div>
    </div>
  );
}

export function Said(props: { readonly talk: Talk; readonly thread: Thread; readonly message: Message }): JSX.Element {
  const { talk, thread, message } = props;
  const { store } = talk;
  const [editing, setEditing] = useState(false);
  const author = authorOf(store, message.user);
  const at = talk.marks.heardAt(message.id);
  const own = mayChange(store, message);
  const moment = message.moment ?? (message === thread.messages[0] ? thread.moment : null);
  return (
    <li class="message" data-testid="message">
      <Face name={author.name} hue={author.hue} />
      <div class="message-body">
        <div class="message-head">
          <strong>{author.name}</strong>
          {at !== null && <time dateTime={new Date(at).toISOString()}>{timeAgo(at, Date.now())}</time>}
          {moment !== null && <MomentChip talk={talk} moment={moment} />}
        </div>
        {editing ? (
          <Rewriting talk={talk} message={message} onDone={() => setEditing(false)} />
        ) : (
          <p class="message-text">{message.text}</p>
        )}
      </div>
      {own && !editing && (
        <span class="message-tools">
          <IconButton
            icon={Pencil}
            size={15}
            label={t("comment.edit")}
            testid="comment-edit"
            onPress={() => setEditing(true)}
            tip="above"
          />
          <IconButton
            icon={Trash2}
            size={15}
            label={t("comment.delete")}
            testid="comment-delete"
            onPress={() => store.edit(removeMessage(thread, message.id), store.newGesture())}
            tip="above"
          />
        </span>
      )}
    </li>
  );
}
