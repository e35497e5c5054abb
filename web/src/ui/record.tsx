// Everything of the interface that has to do with recording: one of these at a time, above the board.
//
// data-testid: record-setup, record-source, record-trouble (data-code), record-silent, record-preview (data-live),
// record-microphone, record-camera, record-rehearsal, record-limits, record-start, record-count, record-skip,
// record-bar (data-phase), record-time, record-safety (data-state), record-pause, record-again, record-restart,
// record-restart-sure, record-laser, record-clicks, record-before, record-next, record-captions, record-caption,
// record-finish, record-review, record-progress (data-state), record-cover, record-cover-board, record-cover-camera,
// record-title, record-from, record-to, record-play, record-watch, record-chapters, record-chapter,
// record-chapter-add, record-lines, record-line, record-vtt, record-discard, record-discard-sure, record-keep,
// record-on, record-on-end, record-publish, record-error, record-close, record-left, record-left-go-on,
// record-left-finish, record-left-discard.

import { Disc, X } from "lucide";
import { render } from "preact";
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { t } from "../i18n/i18n.ts";
import type { RecordingDoor } from "../state/recording.ts";
import { lengthOf, type Take } from "../state/takes.ts";
import { timeText } from "../state/time_text.ts";
import { IconButton } from "./controls.tsx";
import { Icon } from "./icons.tsx";
import { Bar, type RecordProps } from "./record_bar.tsx";
import { Review } from "./record_review.tsx";
import { Countdown, Setup } from "./record_setup.tsx";

export interface RecordSlots extends RecordProps {
  readonly door: RecordingDoor;
}

/** A take that was not finished: the page was closed, or the computer went down. */
function LeftOffer(props: RecordSlots & { readonly take: Take; readonly dismiss: () => void }): JSX.Element {
  const { recorder, door, take, dismiss } = props;
  const discard = async (): Promise<void> => {
    await recorder.discardLeft(take);
    await door.refreshLeft();
  };
  return (
    <div class="panel record-left" role="region" aria-label={t("record.left_title")} data-testid="record-left">
      <Icon of={Disc} size={20} />
      <p>{t(take.rehearsal ? "record.left_rehearsal" : "record.left", { time: timeText(lengthOf(take)) })}</p>
      <div class="record-left-ways">
        <button
          type="button"
          class="button primary small"
          data-testid="record-left-go-on"
          onClick={() => void recorder.openLeft(take, "record")}
        >
          {t("record.left_go_on")}
        </button>
        <button
          type="button"
          class="button small"
          data-testid="record-left-finish"
          onClick={() => void recorder.openLeft(take, "review")}
        >
          {t("record.left_finish")}
        </button>
        <button
          type="button"
          class="button small danger"
          data-testid="record-left-discard"
          onClick={() => void discard()}
        >
          {t("record.discard")}
        </button>
      </div>
      <IconButton icon={X} label={t("record.later")} kind="narrow" size={16} onPress={dismiss} tip="none" />
    </div>
  );
}

function RecordRoot(props: RecordSlots): JSX.Element | null {
  const { recorder, door, tooling } = props;
  const [later, setLater] = useState<ReadonlySet<string>>(new Set());
  const phase = recorder.phase.value;
  // These stand where the side panels do.
  const covers = phase.is === "choosing" || phase.is === "reviewing";
  useEffect(() => void (covers && (tooling.panel.value = null)), [covers]);
  switch (phase.is) {
    case "resting": {
      const take = door.left.value.find((left) => !later.has(left.take) && lengthOf(left) > 0);
      if (take === undefined) return null;
      const dismiss = (): void => setLater(new Set([...later, take.take]));
      return <LeftOffer key={take.take} {...props} take={take} dismiss={dismiss} />;
    }
    case "choosing":
      return <Setup recorder={recorder} />;
    case "counting":
      return phase.left === 0 ? null : <Countdown recorder={recorder} left={phase.left} />;
    case "recording":
    case "paused":
    case "ending":
      return <Bar {...props} />;
    case "reviewing":
      return <Review {...props} />;
  }
}

export function mountRecord(root: HTMLElement, slots: RecordSlots): () => void {
  render(<RecordRoot {...slots} />, root);
  return () => render(null, root);
}
