// A talk-track's captions: the lines that were typed while recording, lines added afterwards, or a WebVTT file.

import { FileUp, Plus, X } from "lucide";
import type { JSX } from "preact";
import { useRef, useState } from "preact/hooks";
import { t } from "../i18n/i18n.ts";
import type { Ms } from "../engine/types.ts";
import type { Cue } from "../state/takes.ts";
import { IconButton } from "./controls.tsx";
import { Icon } from "./icons.tsx";
import { TimeField } from "./record_chapters.tsx";
import type { DraftProps } from "./record_review.tsx";

const LINE_MS = 4000;
const FILE_BYTES_MAX = 1_000_000;

export function CaptionLines(props: DraftProps): JSX.Element {
  const { recorder, draft, change } = props;
  const { cues } = draft;
  const file = useRef<HTMLInputElement>(null);
  const [wrong, setWrong] = useState(false);
  const set = (next: readonly Cue[]): void => change({ cues: [...next].sort((a, b) => a.from - b.from) });
  const put = (index: number, part: Partial<Cue>): void =>
    set(cues.map((cue, i) => (i === index ? { ...cue, ...part } : cue)));
  const read = async (chosen: File): Promise<void> => {
    const read = chosen.size > FILE_BYTES_MAX ? [] : recorder.readCaptions(await chosen.text());
    setWrong(read.length === 0);
    if (read.length > 0) set(read);
  };
  const add = (): void => {
    const from = (cues.at(-1)?.to ?? draft.from) as Ms;
    set([...cues, { from, to: (from + LINE_MS) as Ms, text: "" }]);
  };
  return (
    <details class="record-more" open={cues.length > 0} data-testid="record-lines">
      <summary>
        {t("record.captions")} <span class="muted">{cues.length > 0 ? cues.length : ""}</span>
      </summary>
      {cues.map((cue, i) => (
        <div class="record-row" key={i} data-testid="record-line">
          <TimeField
            label={t("record.line_at")}
            value={cue.from}
            onSet={(from) => put(i, { from, to: Math.max(cue.to, from + 1000) as Ms })}
          />
          <input
            class="field"
            aria-label={t("record.line_text")}
            value={cue.text}
            maxLength={300}
            onInput={(event) => put(i, { text: event.currentTarget.value })}
          />
          <IconButton
            icon={X}
            label={t("record.remove")}
            kind="narrow"
            tip="none"
            onPress={() => set(cues.filter((_, other) => other !== i))}
          />
        </div>
      ))}
      <div class="record-row-ways">
        <button type="button" class="button small" onClick={add}>
          <Icon of={Plus} size={15} />
          {t("record.line_add")}
        </button>
        <button type="button" class="button small" onClick={() => file.current?.click()}>
          <Icon of={FileUp} size={15} />
          {t("record.vtt")}
        </button>
        <input
          ref={file}
          type="file"
          accept=".vtt,text/vtt"
          hidden
          data-testid="record-vtt"
          onChange={(event) => {
            const [chosen] = event.currentTarget.files ?? [];
            if (chosen !== undefined) void read(chosen);
            event.currentTarget.value = "";
          }}
        />
      </div>
      {wrong && (
        <p class="record-error" role="alert">
          {t("record.vtt_wrong")}
        </p>
      )}
    </details>
  );
}
