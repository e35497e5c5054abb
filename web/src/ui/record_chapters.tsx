// A talk-track's chapters: when each begins and what it is called. Suggested from the frames that were visited.

import { Plus, X } from "lucide";
import type { JSX } from "preact";
import { Limits } from "../engine/generated.ts";
import type { Ms } from "../engine/types.ts";
import { t } from "../i18n/i18n.ts";
import { timeText } from "../state/time_text.ts";
import type { Chapter } from "../state/tracks.ts";
import { IconButton } from "./controls.tsx";
import { Icon } from "./icons.tsx";
import type { DraftProps } from "./record_review.tsx";
import { timeFrom } from "./record_time.ts";

export function TimeField(props: {
  readonly label: string;
  readonly value: Ms;
  readonly onSet: (ms: Ms) => void;
}): JSX.Element {
  return (
    <input
      class="field record-at"
      aria-label={props.label}
      value={timeText(props.value)}
      onFocus={(event) => event.currentTarget.select()}
      onChange={(event) => {
        const ms = timeFrom(event.currentTarget.value);
        if (ms === null) event.currentTarget.value = timeText(props.value);
        else props.onSet(ms as Ms);
      }}
    />
  );
}

export function Chapters(props: DraftProps): JSX.Element {
  const { recorder, draft, change } = props;
  const { chapters } = draft;
  const set = (next: readonly Chapter[]): void => change({ chapters: [...next].sort((a, b) => a.atMs - b.atMs) });
  const put = (index: number, part: Partial<Chapter>): void =>
    set(chapters.map((chapter, i) => (i === index ? { ...chapter, ...part } : chapter)));
  return (
    <details class="record-more" open={chapters.length > 0} data-testid="record-chapters">
      <summary>
        {t("record.chapters")} <span class="muted">{chapters.length > 0 ? chapters.length : ""}</span>
      </summary>
      {chapters.map((chapter, i) => (
        <div class="record-row" key={i} data-testid="record-chapter">
          <TimeField label={t("record.chapter_at")} value={chapter.atMs} onSet={(atMs) => put(i, { atMs })} />
          <input
            class="field"
            aria-label={t("record.chapter_name")}
            placeholder={t("record.chapter_name")}
            value={chapter.title}
            maxLength={120}
            onInput={(event) => put(i, { title: event.currentTarget.value })}
          />
          <IconButton
            icon={X}
            label={t("record.remove")}
            kind="narrow"
            tip="none"
            onPress={() => set(chapters.filter((_, other) => other !== i))}
          />
        </div>
      ))}
      <div class="record-row-ways">
        {chapters.length < Limits.TRACK_CHAPTERS_MAX && (
          <button
            type="button"
            class="button small"
            data-testid="record-chapter-add"
            onClick={() => set([...chapters, { atMs: chapters.length === 0 ? draft.from : draft.to, title: "" }])}
          >
            <Icon of={Plus} size={15} />
            {t("record.chapter_add")}
          </button>
        )}
        {chapters.length === 0 && recorder.proposed.value.length > 0 && (
          <button type="button" class="button small" onClick={() => set(recorder.proposed.peek())}>
            {t("record.chapters_frames")}
          </button>
        )}
      </div>
    </details>
  );
}
