// Where the talk-track begins and ends: one line with two handles, and a listen at either. Moving a handle shows the
// board as the speaker had it in view.

import { Pause, Play } from "lucide";
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { t } from "../i18n/i18n.ts";
import type { Ms } from "../engine/types.ts";
import { timeText } from "../state/time_text.ts";
import { IconButton } from "./controls.tsx";
import type { DraftProps } from "./record_review.tsx";

const STEP_MS = 100;
const LEAST_MS = 500;
/** How much of the end is played to hear whether it is the right one. */
const TAIL_MS = 4000;

function Handle(props: {
  readonly label: string;
  readonly value: Ms;
  readonly max: Ms;
  readonly testid: string;
  readonly onMove: (ms: Ms) => void;
}): JSX.Element {
  return (
    <input
      type="range"
      class="record-handle"
      aria-label={props.label}
      aria-valuetext={timeText(props.value)}
      data-testid={props.testid}
      min={0}
      max={props.max}
      step={STEP_MS}
      value={props.value}
      onInput={(event) => props.onMove(Number(event.currentTarget.value) as Ms)}
    />
  );
}

export function Trim(props: DraftProps & { readonly listenOnly?: boolean }): JSX.Element {
  const { recorder, draft, change, listenOnly = false } = props;
  const [playing, setPlaying] = useState<"none" | "start" | "end">("none");
  const player = useRef<{ stop(): void } | null>(null);
  const whole = Math.max(recorder.atMs.value, LEAST_MS) as Ms;
  const line = useRef<HTMLDivElement>(null);
  const stop = (): void => {
    player.current?.stop();
    player.current = null;
    setPlaying("none");
  };
  useEffect(() => () => player.current?.stop(), []);
  useEffect(() => {
    line.current?.style.setProperty("--from", `${(100 * draft.from) / whole}%`);
    line.current?.style.setProperty("--to", `${(100 * Math.min(draft.to, whole)) / whole}%`);
  }, [draft.from, draft.to, whole]);
  const play = (which: "start" | "end"): void => {
    const was = playing;
    stop();
    if (was === which) return;
    const from = which === "start" ? draft.from : Math.max(draft.from, draft.to - TAIL_MS);
    setPlaying(which);
    player.current = recorder.play(from as Ms, draft.to, stop);
  };
  const move = (part: { readonly from: Ms } | { readonly to: Ms }): void => {
    stop();
    change(part);
    recorder.show("from" in part ? part.from : part.to);
  };
  return (
    <fieldset class="record-trim">
      <legend>{listenOnly ? t("record.listen") : t("record.trim")}</legend>
      <div class="record-trim-row">
        <IconButton
          icon={playing === "start" ? Pause : Play}
          label={t("record.play_start")}
          testid="record-play"
          onPress={() => play("start")}
          tip="above"
        />
        <div class="record-line" ref={line}>
          {!listenOnly && (
            <>
              <Handle
                label={t("record.trim_start")}
                value={draft.from}
                max={whole}
                testid="record-from"
                onMove={(ms) => move({ from: Math.min(ms, draft.to - LEAST_MS) as Ms })}
              />
              <Handle
                label={t("record.trim_end")}
                value={draft.to}
                max={whole}
                testid="record-to"
                onMove={(ms) => move({ to: Math.max(ms, draft.from + LEAST_MS) as Ms })}
              />
            </>
          )}
        </div>
        {!listenOnly && (
          <IconButton
            icon={playing === "end" ? Pause : Play}
            label={t("record.play_end")}
            onPress={() => play("end")}
            tip="above"
          />
        )}
      </div>
      <div class="record-trim-times muted">
        <span>{timeText(draft.from)}</span>
        <span>{timeText(draft.to)}</span>
      </div>
    </fieldset>
  );
}
