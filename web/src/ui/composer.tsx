// The field a comment is written in. What is typed is a draft until it is sent, and outlives the card it stands in.

import { Clock, SendHorizontal, X } from "lucide";
import type { JSX } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { t } from "../i18n/i18n.ts";
import type { Moment } from "../state/moment.ts";
import { timeText } from "../state/time_text.ts";
import { IconButton } from "./controls.tsx";
import { Icon } from "./icons.tsx";
import type { Draft, Talk } from "./talk.ts";

const TEXT_MAX = 8000;
const TALL_PX = 160;
const EMPTY: Draft = { text: "", moment: null };

export interface ComposerProps {
  readonly talk: Talk;
  /** Where the draft is kept. */
  readonly draft: string;
  readonly label: string;
  readonly focus: boolean;
  /** False when it could not be written: the draft stays. */
  readonly onSend: (text: string, moment: Moment | null) => boolean;
}

/** As tall as its text, up to a point. */
function fitHeight(area: HTMLTextAreaElement): void {
  area.style.height = "0";
  area.style.height = `${Math.min(TALL_PX, area.scrollHeight + 2)}px`;
}

/** Enter sends where there is a keyboard; on a phone it is how a new line is begun. */
export function sends(event: KeyboardEvent): boolean {
  if (event.key !== "Enter" || event.isComposing || event.keyCode === 229 || event.shiftKey) return false;
  return event.ctrlKey || event.metaKey || !matchMedia("(pointer: coarse)").matches;
}

export function Writing(props: {
  readonly talk: Talk;
  readonly label: string;
  readonly value: string;
  readonly focus: boolean;
  readonly testid: string;
  readonly onValue: (value: string) => void;
  readonly onSend: () => void;
}): JSX.Element {
  const area = useRef<HTMLTextAreaElement>(null);
  const { writing } = props.talk.moments;
  useLayoutEffect(() => {
    if (area.current !== null) fitHeight(area.current);
  }, [props.value]);
  useLayoutEffect(() => {
    // Before the next key comes: what is typed right after a click belongs here, not to the board's shortcuts.
    if (props.focus) area.current?.focus({ preventScroll: true });
    return () => void (writing.value = false);
  }, []);
  return (
    <textarea
      ref={area}
      class="field comment-field"
      rows={1}
      maxLength={TEXT_MAX}
      placeholder={props.label}
      aria-label={props.label}
      data-testid={props.testid}
      value={props.value}
      onFocus={() => (writing.value = true)}
      onBlur={() => (writing.value = false)}
      onInput={(event) => props.onValue(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (!sends(event)) return;
        event.preventDefault();
        props.onSend();
      }}
    />
  );
}

export function Composer(props: ComposerProps): JSX.Element {
  const { talk } = props;
  const [draft, setDraft] = useState(talk.drafts.get(props.draft) ?? EMPTY);
  const keep = (next: Draft): void => {
    if (next.text === "") talk.drafts.delete(props.draft);
    else talk.drafts.set(props.draft, next);
    setDraft(next);
  };
  const type = (text: string): void => {
    // The moment is where the speaker was when the thought began, not when it was finished.
    const moment = draft.text === "" ? talk.moments.now.peek() : draft.moment;
    keep({ text, moment: text === "" ? null : moment });
  };
  const send = (): void => {
    const text = draft.text.trim();
    if (text !== "" && props.onSend(text, draft.moment)) keep(EMPTY);
  };
  return (
    <div class="composer">
      {draft.moment !== null && (
        <span class="moment-chip">
          <Icon of={Clock} size={12} />
          {timeText(draft.moment.ms)}
          <button
            type="button"
            aria-label={t("comment.without_moment")}
            onClick={() => keep({ ...draft, moment: null })}
          >
            <Icon of={X} size={12} />
          </button>
        </span>
      )}
      <div class="composer-line">
        <Writing
          talk={talk}
          label={props.label}
          value={draft.text}
          focus={props.focus}
          testid="comment-text"
          onValue={type}
          onSend={send}
        />
        <IconButton
          icon={SendHorizontal}
          label={t("comment.send")}
          testid="comment-send"
          kind="primary"
          disabled={draft.text.trim() === ""}
          onPress={send}
          tip="none"
        />
      </div>
    </div>
  );
}
