// The player's bar: who speaks and what follows, back, play, time, pace, captions, watching together; above it what is said
// at this moment, the caption, and the way back to the speaker. On a phone the rest of it is behind one button.
//
// data-testid: player (data-status, data-view, data-following), player-toggle, player-back, scrubber, mark-comment,
// mark-chapter, heat, watcher, player-time, player-rate, player-pace, player-captions, caption, player-view,
// player-speaker, player-together, player-join, player-leave, player-comment, player-react, react-N, player-more,
// player-close, player-told, player-trouble (data-is), player-retry, player-changed, changed-show.

import { Captions, Check, History, MessageCirclePlus, Pause, Play, RotateCcw, SmilePlus, Users, X } from "lucide";
import type { JSX } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { t } from "../i18n/i18n.ts";
import { RATES, type Player } from "../state/playing.ts";
import { PANEL_PX } from "../state/screen.ts";
import { timeText } from "../state/time_text.ts";
import { IconButton, MenuItem, Popover } from "./controls.tsx";
import { Icon } from "./icons.tsx";
import { initialOf } from "./people.tsx";
import { More, Reactions } from "./player_more.tsx";
import { BACK_MS, isLed, isSilent, showsCaptions, type PlayerProps } from "./player_props.ts";
import { SaidAtBar } from "./said.tsx";
import { Scrubber } from "./scrubber.tsx";

const GAP_PX = 10;
const TOP_PX = 76;
const SIDE_PX = 16;
const CAPTION_PX = 46; // one line, always kept free, so that the view does not jump with each

/** The camera's picture in the round, or the first letter of the name. */
function Speaker(props: { readonly player: Player }): JSX.Element {
  const { player } = props;
  const round = useRef<HTMLSpanElement>(null);
  const video = player.video.value;
  const { name, hue } = player.author.value;
  useLayoutEffect(() => {
    if (video === null) return;
    round.current?.append(video);
    return () => video.remove();
  }, [video]);
  return (
    <span class="face" data-playing={player.status.value === "playing" ? "" : undefined}>
      <span class="face-round" ref={round} style={{ background: `var(--person${hue % 12})` }} aria-hidden="true">
        {video === null && initialOf(name)}
      </span>
    </span>
  );
}

/** Who leads this viewer, and makes play and pause theirs. */
function leaderOf(player: Player): string | null {
  const together = player.together.value;
  return isLed(player) && together.is === "together" ? together.host : null;
}

/** "Following the speaker · as it is now": what the camera does, and which board is shown. */
function Follows(props: PlayerProps): JSX.Element {
  const { player } = props;
  const recorded = player.view.value === "recorded";
  const past = player.past.value;
  const camera = player.following.value ? "player.following" : "player.let_go";
  const leader = leaderOf(player);
  const coming = recorded && past !== "shown" && past !== "none"; // or it does not come
  const shown = coming ? t(`player.past_${past}`) : t(recorded ? "player.as_recorded" : "player.as_now");
  return (
    <span class="player-follows">
      {leader === null ? <span class="player-camera">{t(camera)}</span> : <span>{t("player.leads", { name: leader })}</span>}
      <span class={leader === null ? "player-camera" : undefined} aria-hidden="true">·</span>
      <button
        type="button"
        class="player-view"
        data-testid="player-view"
        aria-pressed={recorded}
        data-tip={t(recorded ? "player.to_now" : "player.to_recorded")}
        data-tip-side="above"
        onClick={() => player.setView(recorded ? "now" : "recorded")}
      >
        {shown}
      </button>
    </span>
  );
}

/** The recording does not come. */
function Hitch(props: { readonly player: Player }): JSX.Element | null {
  const { player } = props;
  const trouble = player.trouble.value;
  if (trouble === "none") return null;
  return (
    <span class="player-trouble" data-testid="player-trouble" data-is={trouble}>
      <span>{t(`player.${trouble}`)}</span>
      {trouble === "failed" && (
        <button type="button" class="player-view" data-testid="player-retry" onClick={() => player.retry()}>
          {t("player.try_again")}
        </button>
      )}
    </span>
  );
}

function PlayButton(props: { readonly player: Player }): JSX.Element {
  const { player } = props;
  const status = player.status.value;
  const plays = status === "playing" || status === "waiting";
  return (
    <button
      type="button"
      class="play-button"
      data-testid="player-toggle"
      data-waiting={status === "waiting" || status === "loading" ? "" : undefined}
      aria-label={t(plays ? "player.pause" : "player.play")}
      disabled={status === "failed" || isLed(player)}
      onClick={() => player.toggle()}
    >
      <Icon of={plays ? Pause : Play} size={20} />
    </button>
  );
}

function Pace(props: { readonly player: Player }): JSX.Element {
  const { player } = props;
  return (
    <Popover
      label={t("player.rate")}
      placement="top"
      kind="menu narrow-menu"
      button={(open, toggle) => (
        <button
          type="button"
          class="player-rate"
          data-testid="player-rate"
          aria-label={t("player.rate_is", { n: player.rate.value })}
          aria-expanded={open}
          disabled={isLed(player)}
          onClick={toggle}
        >
          {player.rate.value}×
        </button>
      )}
    >
      {(close) =>
        RATES.map((rate) => (
          <button
            key={rate}
            type="button"
            class="menu-item"
            data-rate={rate}
            onClick={() => {
              player.setRate(rate);
              close();
            }}
          >
            <span class="menu-label">{rate}×</span>
            {player.rate.value === rate && <Icon of={Check} size={16} />}
          </button>
        ))
      }
    </Popover>
  );
}

function Comment(props: PlayerProps): JSX.Element | null {
  if (!props.store.canComment.value) return null;
  return (
    <IconButton
      icon={MessageCirclePlus}
      label={t("player.comment")}
      testid="player-comment"
      onPress={() => props.commands.comment()}
      tip="above"
    />
  );
}

function React(props: PlayerProps): JSX.Element | null {
  if (!props.store.canComment.value) return null;
  return (
    <Popover
      label={t("player.react")}
      placement="top"
      kind="tray"
      button={(open, toggle) => (
        <IconButton
          icon={SmilePlus}
          label={t("player.react")}
          testid="player-react"
          active={open}
          onPress={toggle}
          tip={open ? "none" : "above"}
        />
      )}
    >
      {() => <Reactions player={props.player} />}
    </Popover>
  );
}

function TogetherButton(props: PlayerProps): JSX.Element | null {
  const { player, store } = props;
  const together = player.together.value;
  if (together.is === "together") {
    return (
      <button type="button" class="button player-together" data-on="" data-testid="player-leave" onClick={() => player.leave()}>
        <Icon of={Users} />
        <span>{t("player.leave", { n: together.others + 1 })}</span>
      </button>
    );
  }
  const { offered } = together;
  if (offered !== null) {
    return (
      <button type="button" class="button primary player-together" data-testid="player-join" onClick={() => player.join()}>
        <Icon of={Users} />
        <span>{t("player.join", { name: offered.name })}</span>
      </button>
    );
  }
  if (!store.canComment.value) return null;
  return (
    <Popover
      label={t("player.together")}
      placement="top-end"
      kind="menu"
      button={(open, toggle) => (
        <button type="button" class="button player-together" data-testid="player-together" aria-expanded={open} onClick={toggle}>
          <Icon of={Users} />
          <span>{t("player.together")}</span>
        </button>
      )}
    >
      {(close) =>
        ([false, true] as const).map((hosted) => (
          <MenuItem
            key={String(hosted)}
            label={t(hosted ? "player.together_host" : "player.together_all")}
            testid={hosted ? "together-host" : "together-all"}
            onPress={() => {
              player.startTogether(hosted);
              close();
            }}
          />
        ))
      }
    </Popover>
  );
}

/** For those who hear the screen: the chapter that begins, and what is said. */
function Told(props: { readonly player: Player }): JSX.Element {
  const { player } = props;
  const chapter = player.marks.value.findLast((mark) => mark.is === "chapter" && mark.at <= player.at.value);
  const before = useRef(chapter?.key);
  const [told, tell] = useState("");
  useEffect(() => {
    if (before.current === chapter?.key) return;
    before.current = chapter?.key;
    if (chapter !== undefined) tell(t("player.chapter_is", { title: chapter.text }));
  }, [chapter?.key]);
  const said = player.said.value.filter(({ is }) => is === "comment");
  return (
    <div class="sr-only" role="status" aria-live="polite" data-testid="player-told">
      <p>{told}</p>
      {player.trouble.value !== "none" && <p>{t(`player.${player.trouble.value}`)}</p>}
      {said.map((mark) => <p key={mark.key}>{t("player.said", { name: mark.name, text: mark.text })}</p>)}
    </div>
  );
}

function Caption(props: PlayerProps): JSX.Element | null {
  const { player } = props;
  if (!showsCaptions(props) || player.caption.value === "") return null;
  return <p class="caption" data-testid="caption">{player.caption.value}</p>;
}

/** On a phone, also who leads: there is no other place for it. */
function Time(props: { readonly player: Player; readonly phone: boolean }): JSX.Element {
  const { player, phone } = props;
  const leader = phone ? leaderOf(player) : null;
  return (
    <span class="player-time" data-testid="player-time">
      {timeText(player.at.value)} / {timeText(player.length)}
      {leader !== null && ` · ${t("player.leads", { name: leader })}`}
    </span>
  );
}

function BackToSpeaker(props: { readonly player: Player }): JSX.Element | null {
  const { player } = props;
  if (player.following.value) return null;
  const { name, hue } = player.author.value;
  return (
    <button
      type="button"
      class="to-speaker"
      data-testid="player-speaker"
      style={{ background: `var(--person${hue % 12})` }}
      onClick={() => player.follow()}
    >
      {name === "" ? t("player.speaker") : t("player.speaker_named", { name })}
    </button>
  );
}

/** Said once of a track, until the viewer answers. */
function Changed(props: { readonly player: Player }): JSX.Element | null {
  const { player } = props;
  const [answered, answer] = useState(false);
  const may = player.past.value !== "perm" && player.past.value !== "failed";
  if (answered || !player.changed.value || !may) return null;
  return (
    <div class="panel toast player-changed" role="status" data-testid="player-changed">
      <Icon of={History} size={18} />
      <div class="toast-body">
        <p>{t("player.changed")}</p>
        <button
          type="button"
          class="button small"
          data-testid="changed-show"
          onClick={() => {
            answer(true);
            player.setView("recorded");
          }}
        >
          {t("player.to_recorded")}
        </button>
      </div>
      <IconButton icon={X} label={t("notice.dismiss")} kind="narrow" size={16} onPress={() => answer(true)} tip="none" />
    </div>
  );
}

/** The bar says how much of the screen it and its like cover, so that what the speaker framed stays clear of it. */
function useInsets(props: PlayerProps): { readonly current: HTMLDivElement | null } {
  const { playing, phone, panel } = props;
  const bar = useRef<HTMLDivElement>(null);
  const beside = panel.value !== null;
  const captions = showsCaptions(props);
  useEffect(() => {
    const { current } = bar;
    if (current === null) return;
    const measure = (): void => {
      const below = innerHeight - current.getBoundingClientRect().top + GAP_PX;
      const bottom = Math.max(0, below + (captions ? CAPTION_PX : 0));
      const side = phone ? GAP_PX : SIDE_PX;
      const right = beside && !phone ? side + PANEL_PX : side;
      const before = playing.insets.peek();
      if (before.bottom === bottom && before.left === side && before.right === right) return;
      playing.insets.value = { left: side, right, top: TOP_PX, bottom };
    };
    const observer = new ResizeObserver(measure);
    observer.observe(current);
    addEventListener("resize", measure);
    measure();
    const placed = requestAnimationFrame(measure); // a panel below it may be drawn after it
    return () => {
      cancelAnimationFrame(placed);
      observer.disconnect();
      removeEventListener("resize", measure);
    };
  }, [phone, beside, captions]);
  return bar;
}

export function PlayerBar(props: PlayerProps): JSX.Element {
  const { player, playing, phone, folded } = props;
  const bar = useInsets(props);
  const track = player.track.value;
  const time = <Time player={player} phone={phone} />;
  const hitch = player.trouble.value !== "none";
  return (
    <div class="player-place">
      <BackToSpeaker player={player} />
      <Changed player={player} />
      <SaidAtBar {...props} />
      <Told player={player} />
      <Caption {...props} />
      <div
        ref={bar}
        class="panel player"
        role="region"
        aria-label={t("player.region", { title: track.title })}
        data-testid="player"
        data-status={player.status.value}
        data-view={player.view.value}
        data-following={player.following.value ? "" : undefined}
      >
        <Speaker player={player} />
        <span class="player-words">
          <b title={track.title}>{track.title === "" ? t("tracks.untitled") : track.title}</b>
          {phone ? <Scrubber player={player} /> : !hitch && <Follows {...props} />}
          {hitch ? <Hitch player={player} /> : phone && time}
        </span>
        {phone ? (
          <>
            <PlayButton player={player} />
            <More {...props} />
          </>
        ) : (
          <>
            <IconButton
              icon={RotateCcw}
              label={t("player.back")}
              testid="player-back"
              disabled={isLed(player)}
              onPress={() => player.skip(BACK_MS)}
              tip="above"
            />
            <PlayButton player={player} />
            <Scrubber player={player} />
            {time}
            {(!folded || player.rate.value !== 1) && <Pace player={player} />}
            {!folded && !isSilent(player) && (
              <IconButton
                icon={Captions}
                label={t("player.captions")}
                testid="player-captions"
                active={playing.captionsOn.value}
                onPress={() => (playing.captionsOn.value = !playing.captionsOn.peek())}
                tip="above"
              />
            )}
            <Comment {...props} />
            <React {...props} />
            <TogetherButton {...props} />
            <More {...props} />
            <IconButton icon={X} label={t("player.close")} kind="narrow" testid="player-close" onPress={() => player.close()} tip="above" />
          </>
        )}
      </div>
    </div>
  );
}
