// A track's time as a line: where it is, what was said where, who else is where. A slider to keyboards and screen readers;
// marks are buttons of their own only to the pointer, since the digest lists them for everybody.

import type { JSX } from "preact";
import { useRef, useState } from "preact/hooks";
import type { Ms } from "../engine/types.ts";
import { t } from "../i18n/i18n.ts";
import type { Mark, Player, Watcher } from "../state/playing.ts";
import { timeText } from "../state/time_text.ts";
import { initialOf } from "./people.tsx";
import { isLed } from "./player_props.ts";

const STEP_MS = 5_000;
const PAGE_MS = 30_000;
/** While the pointer drags, the track is asked to follow no more often. */
const DRAG_EVERY_MS = 80;
const MARK_PX = 5;
const CHAPTER_KEYS: Readonly<Record<string, 1 | -1>> = { ArrowLeft: -1, ArrowRight: 1 };
const HEAT_CELLS = 60;
/** More of them would hide the line. */
const WATCHERS_MAX = 24;

const share = (at: number, length: number): string => `${(100 * Math.min(1, Math.max(0, at / Math.max(1, length)))).toFixed(2)}%`;

/** How much was reacted along the track, as a strip of cells. */
function Heat(props: { readonly marks: readonly Mark[]; readonly length: Ms }): JSX.Element | null {
  const cells = new Array<number>(HEAT_CELLS).fill(0);
  for (const mark of props.marks) {
    if (mark.is !== "reaction") continue;
    const cell = Math.min(HEAT_CELLS - 1, Math.floor((mark.at / Math.max(1, props.length)) * HEAT_CELLS));
    cells[cell]! += mark.count;
  }
  const most = Math.max(...cells);
  if (most === 0) return null;
  return (
    <span class="scrub-heat" data-testid="heat" aria-hidden="true">
      {cells.map((count, i) => (
        <i key={i} style={{ height: count === 0 ? "0" : `${25 + (75 * count) / most}%` }} />
      ))}
    </span>
  );
}

function Ticks(props: { readonly player: Player }): JSX.Element {
  const { player } = props;
  return (
    <>
      {player.marks.value.map((mark) =>
        mark.is === "reaction" ? null : (
          <span
            key={mark.key}
            class={`scrub-mark scrub-${mark.is}`}
            data-testid={`mark-${mark.is}`}
            style={{ left: share(mark.at, player.length) }}
          />
        ),
      )}
    </>
  );
}

function Others(props: { readonly watchers: readonly Watcher[]; readonly length: Ms }): JSX.Element {
  return (
    <>
      {props.watchers.slice(0, WATCHERS_MAX).map((watcher) => (
        <span
          key={watcher.session}
          class="scrub-watcher"
          data-testid="watcher"
          data-together={watcher.together ? "" : undefined}
          title={watcher.name}
          style={{ left: share(watcher.at, props.length), background: `var(--person${watcher.hue % 12})` }}
        >
          {initialOf(watcher.name)}
        </span>
      ))}
    </>
  );
}

/** What lies under the pointer: its time, and the words of the mark or chapter there. */
function Peek(props: { readonly player: Player; readonly at: Ms }): JSX.Element {
  const { player, at } = props;
  const marks = player.marks.value;
  const near = marks.find((mark) => mark.is === "comment" && Math.abs(mark.at - at) < player.length / 90);
  const chapter = marks.findLast((mark) => mark.is === "chapter" && mark.at <= at);
  const words = near ? `${near.name}: ${near.text}` : (chapter?.text ?? "");
  return (
    <span class="scrub-peek" style={{ left: share(at, player.length) }} aria-hidden="true">
      <b>{timeText(at)}</b>
      {words !== "" && <span>{words}</span>}
    </span>
  );
}

export function Scrubber(props: { readonly player: Player }): JSX.Element {
  const { player } = props;
  const line = useRef<HTMLDivElement>(null);
  const [peek, setPeek] = useState<Ms | null>(null);
  const drag = useRef({ on: false, moved: false, at: 0, from: 0 });
  /** Once it is one, a drag leads back to where it began, too. */
  const dragged = ({ clientX }: PointerEvent): boolean =>
    (drag.current.moved ||= drag.current.on && Math.abs(clientX - drag.current.from) > MARK_PX / 2);
  const at = player.at.value;
  const timeUnder = (event: PointerEvent): Ms => {
    const box = line.current?.getBoundingClientRect();
    if (box === undefined || box.width === 0) return 0 as Ms;
    return (Math.min(1, Math.max(0, (event.clientX - box.left) / box.width)) * player.length) as Ms;
  };
  /** A press on a mark is meant for it, though it be a little beside. */
  const markAt = (at: Ms): Ms => {
    const width = Math.max(1, line.current?.clientWidth ?? 1);
    const near = player.marks.peek().filter((mark) => mark.is !== "reaction" && Math.abs(mark.at - at) < (MARK_PX / width) * player.length);
    near.sort((a, b) => Math.abs(a.at - at) - Math.abs(b.at - at));
    return near[0]?.at ?? at;
  };
  const down = (event: PointerEvent): void => {
    if (event.button !== 0) return;
    drag.current = { on: true, moved: false, at: performance.now(), from: event.clientX };
    line.current?.setPointerCapture(event.pointerId);
    player.seek(markAt(timeUnder(event)));
  };
  const move = (event: PointerEvent): void => {
    const under = timeUnder(event);
    setPeek(under);
    if (!drag.current.on || !dragged(event) || performance.now() - drag.current.at < DRAG_EVERY_MS) return;
    drag.current.at = performance.now();
    player.seek(under);
  };
  const up = (event: PointerEvent): void => {
    if (drag.current.on && dragged(event)) player.seek(timeUnder(event));
    drag.current.on = false;
  };
  const key = (event: KeyboardEvent): void => {
    const chapter = event.shiftKey ? CHAPTER_KEYS[event.key] : undefined;
    const to = keyTarget(event.key, at, player.length);
    if (to === null) return;
    event.preventDefault();
    event.stopPropagation();
    if (chapter === undefined) player.seek(to);
    else player.skipChapter(chapter);
  };
  return (
    <div
      class="scrub"
      ref={line}
      role="slider"
      tabIndex={0}
      data-testid="scrubber"
      aria-label={t("player.scrubber")}
      aria-disabled={isLed(player) ? "true" : undefined}
      aria-valuemin={0}
      aria-valuemax={Math.round(player.length / 1000)}
      aria-valuenow={Math.round(at / 1000)}
      aria-valuetext={t("player.time_of", { at: timeText(at), length: timeText(player.length) })}
      onPointerDown={down}
      onPointerMove={move}
      onPointerUp={up}
      onPointerCancel={up}
      onPointerLeave={() => setPeek(null)}
      onKeyDown={key}
    >
      <Heat marks={player.marks.value} length={player.length} />
      <span class="scrub-line">
        <span class="scrub-done" style={{ width: share(at, player.length) }} />
      </span>
      <Ticks player={player} />
      <Others watchers={player.watchers.value} length={player.length} />
      <span class="scrub-knob" style={{ left: share(at, player.length) }} />
      {peek !== null && <Peek player={player} at={peek} />}
    </div>
  );
}

function keyTarget(key: string, at: Ms, length: Ms): Ms | null {
  switch (key) {
    case "ArrowLeft":
    case "ArrowDown":
      return Math.max(0, at - STEP_MS) as Ms;
    case "ArrowRight":
    case "ArrowUp":
      return Math.min(length, at + STEP_MS) as Ms;
    case "PageDown":
      return Math.max(0, at - PAGE_MS) as Ms;
    case "PageUp":
      return Math.min(length, at + PAGE_MS) as Ms;
    case "Home":
      return 0 as Ms;
    case "End":
      return length;
    default:
      return null;
  }
}
