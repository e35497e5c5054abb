// After recording: what the talk-track is called, what it looks like on the board, what of it is played, and who may
// watch. The board stays free, and moving a handle shows where the speaker was looking then.

import { CloudUpload, ImagePlus, Trash2, Video, X } from "lucide";
import type { JSX } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { t, tAny } from "../i18n/i18n.ts";
import type { Ms } from "../engine/types.ts";
import type { Recorder } from "../state/recording.ts";
import { pausesBefore, type Draft } from "../state/takes.ts";
import { timeText } from "../state/time_text.ts";
import { TrackError } from "../state/tracks.ts";
import type { BoardStore } from "../state/types.ts";
import { IconButton, MenuItem, Popover } from "./controls.tsx";
import { Icon } from "./icons.tsx";
import { CaptionLines } from "./record_captions.tsx";
import { Chapters } from "./record_chapters.tsx";
import { Trim } from "./record_trim.tsx";
import { WhoMayWatch } from "./record_watchers.tsx";

/** Refusals that have words of their own. */
const TOLD = new Set(["offline", "quota", "too_big", "perm", "not_found", "read_only", "draining"]);

export interface ReviewProps {
  readonly recorder: Recorder;
  readonly store: BoardStore;
}

export interface DraftProps {
  readonly recorder: Recorder;
  readonly draft: Draft;
  readonly change: (part: Partial<Draft>) => void;
}

function wordsOf(error: unknown): string {
  const code = error instanceof TrackError && TOLD.has(error.code) ? error.code : "other";
  return tAny(`record.error_${code}`);
}

function Progress(props: ReviewProps): JSX.Element | null {
  const { sending, bytes, of } = props.recorder.sent.value;
  if (sending.is === "resting" || sending.is === "sent") return null;
  const percent = of === 0 ? 0 : Math.round((100 * bytes) / of);
  const words =
    sending.is === "sending"
      ? t("record.sending", { percent })
      : sending.is === "waiting"
        ? t("record.sending_waits")
        : wordsOf(new TrackError(sending.code));
  return (
    <div class="record-progress" role="status" data-testid="record-progress" data-state={sending.is}>
      <span class="record-progress-bar" role="progressbar" aria-valuenow={percent} aria-label={t("record.sending_what")}>
        <i ref={(bar) => void (bar && (bar.style.width = `${percent}%`))} />
      </span>
      <small class="muted">{words}</small>
    </div>
  );
}

function Cover(props: DraftProps & { readonly store: BoardStore }): JSX.Element {
  const { recorder, draft, change, store } = props;
  const { track } = recorder.take.value ?? {};
  const before = store.tracks.tracks.value?.find((row) => row.track === track)?.cover === true;
  const url = useMemo(() => (draft.cover === null ? null : URL.createObjectURL(draft.cover)), [draft.cover]);
  useEffect(() => () => void (url !== null && URL.revokeObjectURL(url)), [url]);
  const take = async (picture: Promise<Blob | null>): Promise<void> => {
    const cover = await picture;
    if (cover !== null) change({ cover });
  };
  const filmed = recorder.take.value?.segments.some((segment) => segment.type.startsWith("video/")) === true;
  return (
    <div class="record-cover" data-testid="record-cover" data-set={url === null ? undefined : ""}>
      {url !== null && <img src={url} alt={t("record.cover")} />}
      {url === null && before && <img src={store.tracks.coverUrl(track ?? "")} alt={t("record.cover")} />}
      <div class="record-cover-ways">
        <IconButton
          icon={ImagePlus}
          label={t("record.cover_board")}
          testid="record-cover-board"
          tip="above"
          onPress={() => void take(recorder.boardPicture(draft.from))}
        />
        {filmed && (
          <IconButton
            icon={Video}
            label={t("record.cover_camera")}
            testid="record-cover-camera"
            tip="above"
            onPress={() => void take(recorder.cameraPicture((draft.from + 500) as Ms))}
          />
        )}
      </div>
      <span class="record-cover-length">{timeText(recorder.playedMs.value)}</span>
    </div>
  );
}

/** Asks once before it throws away. */
function Discard(props: { readonly onSure: () => void }): JSX.Element {
  return (
    <Popover
      label={t("record.discard")}
      placement="top-start"
      kind="menu"
      button={(open, toggle) => (
        <IconButton
          icon={Trash2}
          label={t("record.discard")}
          testid="record-discard"
          active={open}
          tip={open ? "none" : "above"}
          onPress={toggle}
        />
      )}
    >
      {(close) => (
        <div class="record-sure">
          <p>{t("record.discard_sure")}</p>
          <div>
            <button type="button" class="button small" onClick={close}>
              {t("record.keep")}
            </button>
            <button type="button" class="button small danger" data-testid="record-discard-sure" onClick={props.onSure}>
              {t("record.discard")}
            </button>
          </div>
        </div>
      )}
    </Popover>
  );
}

/** Going on, or saying something again: a new segment, from the end or from where the speaker paused. */
function RecordOn(props: ReviewProps): JSX.Element | null {
  const { recorder } = props;
  const take = recorder.take.value;
  if (take === null) return null;
  const end = recorder.atMs.value;
  return (
    <Popover
      label={t("record.record_on")}
      placement="top"
      kind="menu"
      button={(open, toggle) => (
        <button type="button" class="button" data-testid="record-on" aria-expanded={open} onClick={toggle}>
          {t("record.record_on")}
        </button>
      )}
    >
      {(close) => (
        <>
          <MenuItem
            label={t("record.from_end", { time: timeText(end) })}
            testid="record-on-end"
            onPress={() => (close(), void recorder.recordFrom(end))}
          />
          {pausesBefore(take, end).map((ms) => (
            <MenuItem
              key={ms}
              label={t("record.again_from", { time: timeText(ms) })}
              onPress={() => (close(), void recorder.recordFrom(ms))}
            />
          ))}
        </>
      )}
    </Popover>
  );
}

/** A rehearsal is thrown away unless it is kept. */
function Rehearsed(props: ReviewProps): JSX.Element {
  const { recorder } = props;
  return (
    <>
      <p class="record-private">{t("record.rehearsed", { time: timeText(recorder.atMs.value) })}</p>
      <Trim recorder={recorder} draft={recorder.draft.value} change={() => undefined} listenOnly />
      <div class="record-foot">
        <button type="button" class="button" data-testid="record-keep" onClick={() => void recorder.keepRehearsal()}>
          <Icon of={CloudUpload} size={16} />
          {t("record.keep_rehearsal")}
        </button>
        <button
          type="button"
          class="button primary"
          data-testid="record-discard"
          data-autofocus
          onClick={() => void recorder.discard()}
        >
          {t("record.discard")}
        </button>
      </div>
    </>
  );
}

export function Review(props: ReviewProps): JSX.Element {
  const { recorder, store } = props;
  const draft = recorder.draft.value;
  const [failed, setFailed] = useState("");
  const [busy, setBusy] = useState(false);
  const panel = useRef<HTMLDivElement>(null);
  useEffect(() => panel.current?.focus({ preventScroll: true }), []);
  const change = (part: Partial<Draft>): void => void (recorder.draft.value = { ...recorder.draft.peek(), ...part });
  const published = recorder.published.value;
  const rehearsal = recorder.take.value?.rehearsal === true;
  const publish = async (): Promise<void> => {
    setBusy(true);
    setFailed("");
    try {
      await recorder.publish();
    } catch (error) {
      setFailed(wordsOf(error));
      setBusy(false);
    }
  };
  return (
    <section
      ref={panel}
      class="panel record-panel record-review"
      role="dialog"
      aria-label={t("record.review")}
      tabIndex={-1}
      data-testid="record-review"
      onKeyDown={(event) => {
        if (event.key !== "Escape" || event.isComposing || event.defaultPrevented || rehearsal) return;
        event.preventDefault();
        recorder.close();
      }}
    >
      <div class="record-head">
        <h2>{rehearsal ? t("record.rehearsal") : t("record.review")}</h2>
        {!rehearsal && (
          <IconButton
            icon={X}
            label={t("record.later")}
            testid="record-close"
            onPress={() => recorder.close()}
            tip="none"
          />
        )}
      </div>
      {rehearsal ? (
        <Rehearsed {...props} />
      ) : (
        <>
          <div class="record-body">
            <Cover store={store} recorder={recorder} draft={draft} change={change} />
            <label class="record-field">
              <span>{t("record.name")}</span>
              <input
                class="field"
                data-testid="record-title"
                value={draft.title}
                maxLength={120}
                onInput={(event) => change({ title: event.currentTarget.value })}
              />
            </label>
            <Trim recorder={recorder} draft={draft} change={change} />
            <WhoMayWatch store={store} watch={draft.watch} onPick={(watch) => change({ watch })} />
            <Chapters recorder={recorder} draft={draft} change={change} />
            <CaptionLines recorder={recorder} draft={draft} change={change} />
          </div>
          <Progress {...props} />
          {failed !== "" && (
            <p class="record-error" role="alert" data-testid="record-error">
              {failed}
            </p>
          )}
          <div class="record-foot">
            {published ? null : <Discard onSure={() => void recorder.discard()} />}
            <RecordOn {...props} />
            <button
              type="button"
              class="button primary"
              data-testid="record-publish"
              disabled={busy || draft.title.trim() === "" || recorder.playedMs.value === 0}
              onClick={() => void publish()}
            >
              {busy ? t("record.publishing") : published ? t("record.save") : t("record.publish")}
            </button>
          </div>
        </>
      )}
    </section>
  );
}
