// The bar while a talk-track is recorded: what is heard, how long it is, whether it is safe, and what the speaker may
// do. It stands above the tools and takes nothing from the board.

import {
  Captions,
  ChevronLeft,
  ChevronRight,
  CloudAlert,
  CloudCheck,
  CloudOff,
  HardDrive,
  MicOff,
  MousePointerClick,
  Pause,
  Play,
  RotateCcw,
  Square,
  Timer,
  Undo2,
  WandSparkles,
} from "lucide";
import type { IconNode } from "lucide";
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { Limits } from "../engine/generated.ts";
import type { Ms } from "../engine/types.ts";
import { t } from "../i18n/i18n.ts";
import type { Recorder, Sent } from "../state/recording.ts";
import { slidesOf } from "../state/slides.ts";
import { pausesBefore } from "../state/takes.ts";
import { timeText } from "../state/time_text.ts";
import type { Commands, Tooling } from "../state/tooling.ts";
import type { BoardStore } from "../state/types.ts";
import { IconButton, MenuItem, Popover } from "./controls.tsx";
import { Icon } from "./icons.tsx";
import { CameraPicture, Level } from "./record_setup.tsx";

/** A caption goes with the timeline, whose texts the server counts in bytes: at most three to a UTF-16 unit. */
const CAPTION_UNITS_MAX = Math.floor(Limits.TITLE_BYTES_MAX / 3);
/** From then on the bar says how much is left. */
const SOON_MS = 5 * 60_000;

export interface RecordProps {
  readonly recorder: Recorder;
  readonly store: BoardStore;
  readonly tooling: Tooling;
  readonly commands: Commands;
}

function safety({ sending }: Sent, full: boolean): { readonly icon: IconNode; readonly words: string } {
  if (full) return { icon: CloudAlert, words: t("record.safe_full") };
  switch (sending.is) {
    case "resting":
      return { icon: HardDrive, words: t("record.safe_device") };
    case "sending":
    case "sent":
      return { icon: CloudCheck, words: t("record.safe_server") };
    case "waiting":
      return { icon: CloudOff, words: t("record.safe_waiting") };
    case "failed":
      return { icon: CloudOff, words: t("record.safe_failed") };
  }
}

function Safety(props: RecordProps): JSX.Element {
  const sent = props.recorder.sent.value;
  const full = props.store.takes.spilled.value !== null;
  const { icon, words } = safety(sent, full);
  return (
    <span
      class="record-safety"
      data-testid="record-safety"
      data-state={sent.sending.is}
      data-full={full ? "" : undefined}
      data-tip={words}
      data-tip-side="above"
    >
      <Icon of={icon} size={16} />
      <span class="sr-only">{words}</span>
    </span>
  );
}

function CaptionField(props: { readonly recorder: Recorder; readonly close: () => void }): JSX.Element {
  const { recorder, close } = props;
  const field = useRef<HTMLInputElement>(null);
  const [text, setText] = useState("");
  const [shown, setShown] = useState("");
  useEffect(() => field.current?.focus({ preventScroll: true }), []);
  const say = (): void => {
    recorder.caption(text.trim());
    setShown(text.trim());
    setText("");
  };
  return (
    <div class="record-caption">
      {shown !== "" && <p class="record-caption-now">{shown}</p>}
      <input
        ref={field}
        class="field"
        data-testid="record-caption"
        aria-label={t("record.caption")}
        placeholder={t("record.caption_hint")}
        value={text}
        maxLength={CAPTION_UNITS_MAX}
        onInput={(event) => setText(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.isComposing) return;
          if (event.key === "Enter") say();
          if (event.key === "Escape") close();
        }}
      />
    </div>
  );
}

/** While it is paused: from which earlier place on to say it again. */
function Again(props: { readonly recorder: Recorder }): JSX.Element | null {
  const { recorder } = props;
  const take = recorder.take.value;
  if (take === null) return null;
  const places = [0 as Ms, ...pausesBefore(take, recorder.atMs.value)];
  return (
    <Popover
      label={t("record.again")}
      placement="top"
      kind="menu"
      button={(open, toggle) => (
        <IconButton
          icon={Undo2}
          label={t("record.again")}
          testid="record-again"
          active={open}
          onPress={toggle}
          tip={open ? "none" : "above"}
        />
      )}
    >
      {(close) => (
        <>
          <p class="record-again-hint muted">{t("record.again_hint")}</p>
          {places.map((ms) => (
            <MenuItem
              key={ms}
              label={t("record.again_from", { time: timeText(ms) })}
              onPress={() => {
                close();
                void recorder.recordFrom(ms);
              }}
            />
          ))}
        </>
      )}
    </Popover>
  );
}

function Restart(props: { readonly recorder: Recorder }): JSX.Element {
  const { recorder } = props;
  return (
    <Popover
      label={t("record.restart")}
      placement="top"
      kind="menu"
      button={(open, toggle) => (
        <IconButton
          icon={RotateCcw}
          label={t("record.restart")}
          testid="record-restart"
          active={open}
          onPress={toggle}
          tip={open ? "none" : "above"}
        />
      )}
    >
      {(close) => (
        <div class="record-sure">
          <p>{t("record.restart_sure", { time: timeText(recorder.atMs.value) })}</p>
          <div>
            <button type="button" class="button small" onClick={close}>
              {t("record.keep")}
            </button>
            <button
              type="button"
              class="button small danger"
              data-testid="record-restart-sure"
              onClick={() => {
                close();
                void recorder.restart();
              }}
            >
              {t("record.restart")}
            </button>
          </div>
        </div>
      )}
    </Popover>
  );
}

function Frames(props: RecordProps): JSX.Element | null {
  const { recorder, store } = props;
  void store.scene.version.value;
  if (slidesOf(store.scene).length === 0) return null;
  return (
    <span class="record-group record-frames">
      <IconButton icon={ChevronLeft} label={t("record.frame_before")} testid="record-before" tip="above"
        onPress={() => recorder.goToFrame(-1)} />
      <IconButton icon={ChevronRight} label={t("record.frame_next")} testid="record-next" tip="above"
        onPress={() => recorder.goToFrame(1)} />
    </span>
  );
}

function Attention(props: RecordProps): JSX.Element {
  const { recorder, tooling, commands } = props;
  const choice = recorder.choice.value;
  const laser = tooling.tool.value === "laser";
  return (
    <span class="record-group record-attention">
      <IconButton
        icon={WandSparkles}
        label={t("record.laser")}
        shortcut="K"
        testid="record-laser"
        active={laser}
        tip="above"
        onPress={() => commands.pick(laser ? "select" : "laser")}
      />
      <IconButton
        icon={MousePointerClick}
        label={t("record.clicks")}
        testid="record-clicks"
        active={choice.clicks}
        tip="above"
        onPress={() => (recorder.choice.value = { ...choice, clicks: !choice.clicks })}
      />
    </span>
  );
}

/** What the speaker has to know while speaking, the worst first. */
function Told(props: { readonly recorder: Recorder }): JSX.Element | null {
  const { studio, leftMs, sent } = props.recorder;
  const left = leftMs.value;
  const { sending } = sent.value;
  const code = studio.muted.value ? "muted" : sending.is === "failed" ? "failed" : left < SOON_MS ? "left" : null;
  if (code === null) return null;
  return (
    <div class="panel record-told" role="status" data-testid="record-told" data-code={code}>
      <Icon of={code === "muted" ? MicOff : code === "failed" ? CloudOff : Timer} size={16} />
      {code === "left" ? <TimeLeft left={left} /> : <p>{t(code === "muted" ? "record.muted" : "record.safe_failed")}</p>}
    </div>
  );
}

/** A screen reader is told by the minute, eyes by the second. */
function TimeLeft(props: { readonly left: Ms }): JSX.Element {
  const minutes = Math.max(1, Math.round(props.left / 60_000));
  return (
    <p>
      <span aria-hidden="true">{t("record.left_soon", { time: timeText(props.left) })}</span>
      <span class="sr-only">{t("record.left_minutes", { n: minutes })}</span>
    </p>
  );
}

export function Bar(props: RecordProps): JSX.Element {
  const { recorder } = props;
  const { studio } = recorder;
  const phase = recorder.phase.value.is;
  const paused = phase === "paused";
  const [typing, setTyping] = useState(recorder.choice.peek().source === "none");
  const take = recorder.take.value;
  const stream = studio.stream.value;
  const seen = stream !== null && stream.getVideoTracks().length > 0 && studio.lost.value !== "camera";
  return (
    <div class="record-place">
      <Told recorder={recorder} />
      {typing && <CaptionField recorder={recorder} close={() => setTyping(false)} />}
      <div class="panel record-bar" role="group" aria-label={t("record.bar")} data-testid="record-bar" data-phase={phase}>
        {seen && <CameraPicture stream={stream} kind="record-face" />}
        <span class="record-now">
          <span class="record-dot" data-paused={paused ? "" : undefined} />
          <span class="record-time" role="timer" data-testid="record-time">
            {timeText(recorder.atMs.value)}
          </span>
          {stream === null ? null : <Level level={paused ? 0 : studio.level.value} bars={5} />}
          {take?.rehearsal === true && <span class="record-tag">{t("record.rehearsal_tag")}</span>}
          <Safety {...props} />
        </span>
        <span class="record-group">
          <IconButton
            icon={paused ? Play : Pause}
            label={paused ? t("record.resume") : t("record.pause")}
            testid="record-pause"
            tip="above"
            disabled={phase === "ending"}
            onPress={() => (paused ? recorder.resume() : recorder.pause())}
          />
          {paused ? <Again recorder={recorder} /> : <Restart recorder={recorder} />}
        </span>
        <Attention {...props} />
        <Frames {...props} />
        <IconButton icon={Captions} label={t("record.caption")} testid="record-captions" active={typing}
          tip={typing ? "none" : "above"}
          onPress={() => setTyping(!typing)} />
        <button
          type="button"
          class="button primary record-finish"
          data-testid="record-finish"
          disabled={phase === "ending"}
          onClick={() => {
            if (props.tooling.tool.peek() === "laser") props.commands.pick("select");
            void recorder.finish();
          }}
        >
          <Icon of={Square} size={14} />
          {t("record.finish")}
        </button>
      </div>
    </div>
  );
}
