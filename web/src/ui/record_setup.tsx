// Before recording: voice, camera or neither; which devices, how they sound and look; what the limits are; a
// rehearsal or not. Whatever is in the way is explained with what to do about it. The board stays free.

import { CircleAlert, Mic, X } from "lucide";
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { t } from "../i18n/i18n.ts";
import type { Choice, Device, Recorder } from "../state/recording.ts";
import { BYTES_PER_MS } from "../state/takes.ts";
import { timeText } from "../state/time_text.ts";
import { IconButton, Segments } from "./controls.tsx";
import { Icon } from "./icons.tsx";
import { sizeText } from "./record_time.ts";

interface SetupProps {
  readonly recorder: Recorder;
}

/** The picture of a stream; mirrored, as people know themselves. */
export function CameraPicture(props: { readonly stream: MediaStream | null; readonly kind: string }): JSX.Element {
  const video = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    if (video.current === null) return;
    video.current.srcObject = props.stream;
    if (props.stream !== null) void video.current.play().catch(() => undefined);
  }, [props.stream]);
  return <video ref={video} class={props.kind} muted playsInline aria-hidden="true" />;
}

const BARS = 12;

export function Level(props: { readonly level: number; readonly bars?: number }): JSX.Element {
  const bars = props.bars ?? BARS;
  const lit = Math.round(props.level * bars);
  return (
    <span class="record-level" role="meter" aria-label={t("record.level")} aria-valuenow={lit} aria-valuemax={bars}>
      {Array.from({ length: bars }, (_, i) => (
        <i key={i} data-lit={i < lit ? "" : undefined} />
      ))}
    </span>
  );
}

function DeviceChoice(props: {
  readonly label: string;
  readonly devices: readonly Device[];
  readonly value: string;
  readonly testid: string;
  readonly onPick: (id: string) => void;
}): JSX.Element | null {
  const { label, devices, value } = props;
  if (devices.length === 0) return null;
  return (
    <label class="record-device">
      <span>{label}</span>
      <select
        class="field select"
        data-testid={props.testid}
        value={value === "" ? devices[0]!.id : value}
        onChange={(event) => props.onPick(event.currentTarget.value)}
      >
        {devices.map((device) => (
          <option key={device.id} value={device.id}>
            {device.label}
          </option>
        ))}
      </select>
    </label>
  );
}

function TroubleNote(props: SetupProps): JSX.Element | null {
  const { recorder } = props;
  const trouble = recorder.studio.trouble.value;
  if (trouble === null) return null;
  const hopeless = trouble === "insecure" || trouble === "unsupported";
  return (
    <div class="record-trouble" role="alert" data-testid="record-trouble" data-code={trouble}>
      <Icon of={CircleAlert} size={18} />
      <div>
        <strong>{t(`record.trouble_${trouble}`)}</strong>
        <p>{t(`record.trouble_${trouble}_do`)}</p>
        {!hopeless && (
          <div class="record-trouble-ways">
            <button type="button" class="button small" onClick={() => void recorder.tryOut(recorder.choice.peek())}>
              {t("record.try_again")}
            </button>
            <button
              type="button"
              class="button small"
              data-testid="record-silent"
              onClick={() => void recorder.tryOut({ ...recorder.choice.peek(), source: "none" })}
            >
              {t("record.without")}
            </button>
          </div>
        )}
      </div>
    </div>
  );
}

function Preview(props: SetupProps): JSX.Element | null {
  const { studio, choice } = props.recorder;
  const { source } = choice.value;
  if (studio.trouble.value !== null) return null;
  if (source === "none") return <p class="record-silence">{t("record.silent_hint")}</p>;
  const stream = studio.stream.value;
  return (
    <div class="record-preview" data-source={source} data-testid="record-preview" data-live={stream !== null}>
      {source === "camera" && <CameraPicture stream={stream} kind="record-camera" />}
      {stream === null ? (
        <p class="muted">{t("record.asking")}</p>
      ) : (
        <div class="record-hears">
          <Icon of={Mic} size={16} />
          <Level level={studio.level.value} bars={source === "camera" ? 12 : 20} />
        </div>
      )}
    </div>
  );
}

function Limits(props: SetupProps): JSX.Element {
  const { recorder } = props;
  const room = recorder.roomBytes.value;
  const roomMs = Math.min(recorder.limitMs.value, room / BYTES_PER_MS[recorder.choice.value.source]);
  const short = roomMs < recorder.limitMs.value;
  return (
    <p class="record-limits muted" data-short={short ? "" : undefined} data-testid="record-limits">
      {t("record.limits", { minutes: Math.round(recorder.limitMs.value / 60_000) })}{" "}
      {short && t("record.room", { time: timeText(roomMs), size: sizeText(room) })}
    </p>
  );
}

export function Setup(props: SetupProps): JSX.Element {
  const { recorder } = props;
  const { studio } = recorder;
  const choice = recorder.choice.value;
  const panel = useRef<HTMLDivElement>(null);
  useEffect(() => panel.current?.focus({ preventScroll: true }), []);
  const pick = (change: Partial<Choice>): void => void recorder.tryOut({ ...recorder.choice.peek(), ...change });
  const take = recorder.take.value;
  const heard = studio.trouble.value === null && (choice.source === "none" || studio.stream.value !== null);
  const ready = heard && recorder.roomBytes.value > 0;
  return (
    <section
      ref={panel}
      class="panel record-panel record-setup"
      role="dialog"
      aria-label={t("record.title")}
      tabIndex={-1}
      data-testid="record-setup"
      onKeyDown={(event) => event.key === "Escape" && (event.stopPropagation(), recorder.close())}
    >
      <div class="record-head">
        <h2>{take === null ? t("record.title") : t("record.go_on_at", { time: timeText(recorder.atMs.value) })}</h2>
        <IconButton
          icon={X}
          label={t("record.close")}
          testid="record-close"
          onPress={() => recorder.close()}
          tip="none"
        />
      </div>
      <Segments
        label={t("record.source")}
        testid="record-source"
        value={choice.source}
        onPick={(source) => pick({ source })}
        options={[
          { value: "microphone", label: t("record.microphone") },
          { value: "camera", label: t("record.camera") },
          { value: "none", label: t("record.silent") },
        ]}
      />
      <TroubleNote recorder={recorder} />
      <Preview recorder={recorder} />
      {studio.trouble.value === null && choice.source !== "none" && (
        <>
          <DeviceChoice
            label={t("record.microphone")}
            devices={studio.microphones.value}
            value={choice.microphone}
            testid="record-microphone"
            onPick={(microphone) => pick({ microphone })}
          />
          {choice.source === "camera" && (
            <DeviceChoice
              label={t("record.camera")}
              devices={studio.cameras.value}
              value={choice.camera}
              testid="record-camera"
              onPick={(camera) => pick({ camera })}
            />
          )}
        </>
      )}
      {take === null && (
        <label class="record-check">
          <input
            type="checkbox"
            data-testid="record-rehearsal"
            checked={choice.rehearsal}
            onChange={(event) => pick({ rehearsal: event.currentTarget.checked })}
          />
          <span>
            {t("record.rehearsal")}
            <small class="muted">{t("record.rehearsal_hint")}</small>
          </span>
        </label>
      )}
      <Limits recorder={recorder} />
      <button
        type="button"
        class="button primary record-start"
        data-testid="record-start"
        disabled={!ready}
        onClick={() => void recorder.start()}
      >
        <span class="record-dot" />
        {choice.rehearsal ? t("record.start_rehearsal") : t("record.start")}
      </button>
    </section>
  );
}

export function Countdown(props: SetupProps & { readonly left: number }): JSX.Element {
  const { recorder, left } = props;
  const panel = useRef<HTMLDivElement>(null);
  useEffect(() => panel.current?.focus({ preventScroll: true }), []);
  return (
    <div
      ref={panel}
      class="panel record-count"
      role="group"
      aria-label={t("record.title")}
      tabIndex={-1}
      data-testid="record-count"
      onKeyDown={(event) => event.key === "Escape" && (event.stopPropagation(), recorder.close())}
    >
      <span role="status">
        <strong key={left}>{left}</strong>
      </span>
      <div class="record-count-ways">
        <button type="button" class="button small" data-testid="record-skip" onClick={() => recorder.skipCountdown()}>
          {t("record.skip")}
        </button>
        <button type="button" class="button small" onClick={() => recorder.close()}>
          {t("record.cancel")}
        </button>
      </div>
    </div>
  );
}
