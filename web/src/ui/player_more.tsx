// What the player's bar has behind one button: the link to this moment, transcript, comments, a setting; where the bar has
// little room also pace and captions, on a phone all that it has no room for.

import { Ellipsis, History, Link2, ListVideo, MessageCirclePlus, MessageSquareText, RotateCcw, Users, X } from "lucide";
import type { JSX } from "preact";
import { t } from "../i18n/i18n.ts";
import { RATES, type Player } from "../state/playing.ts";
import { REACTIONS } from "../state/reactions.ts";
import { IconButton, MenuItem, Popover, Segments } from "./controls.tsx";
import { BACK_MS, isLed, isSilent, type PlayerProps } from "./player_props.ts";
import { reactionName } from "./reactions.tsx";

export function Reactions(props: { readonly player: Player }): JSX.Element {
  return (
    <>
      {REACTIONS.map((picture, i) => (
        <button
          key={picture}
          type="button"
          class="icon-button reaction-choice"
          data-testid={`react-${i}`}
          aria-label={reactionName(i)}
          onClick={() => props.player.react(i)}
        >
          <span aria-hidden="true">{picture}</span>
        </button>
      ))}
    </>
  );
}

/** All of them at once: one press, and what it is now is seen. */
function Rates(props: PlayerProps): JSX.Element | null {
  const { player } = props;
  if (isLed(player)) return null;
  return (
    <div class="menu-rates">
      <span>{t("player.rate")}</span>
      <Segments
        label={t("player.rate")}
        value={player.rate.value}
        testid="player-pace"
        onPick={(rate) => player.setRate(rate)}
        options={RATES.map((rate) => ({ value: rate as number, label: String(rate) }))}
      />
    </div>
  );
}

function CaptionsRow(props: PlayerProps): JSX.Element | null {
  const { captionsOn } = props.playing;
  if (isSilent(props.player)) return null;
  return (
    <label class="menu-row">
      <span>{t("player.captions")}</span>
      <input
        type="checkbox"
        data-testid="player-captions"
        checked={captionsOn.value}
        onChange={(event) => (captionsOn.value = event.currentTarget.checked)}
      />
    </label>
  );
}

export function More(props: PlayerProps): JSX.Element {
  const { player, playing, panel, phone, folded, store } = props;
  return (
    <Popover
      label={t("player.more")}
      placement="top-end"
      kind="menu"
      button={(open, toggle) => (
        <IconButton
          icon={Ellipsis}
          label={t("player.more")}
          testid="player-more"
          kind={phone ? "" : "narrow"}
          active={open}
          onPress={toggle}
          tip={open ? "none" : "above"}
        />
      )}
    >
      {(close) => {
        const then = (run: () => void) => () => {
          close();
          run();
        };
        return (
          <>
            {phone && <PhoneExtras {...props} then={then} />}
            <MenuItem icon={Link2} label={t("player.copy_link")} testid="player-link" onPress={then(props.copyLink)} />
            <MenuItem icon={ListVideo} label={t("player.transcript")} testid="open-transcript" onPress={then(() => (panel.value = "transcript"))} />
            <MenuItem icon={MessageSquareText} label={t("player.digest")} testid="open-digest" onPress={then(() => (panel.value = "digest"))} />
            {folded && <Rates {...props} />}
            {folded && <CaptionsRow {...props} />}
            {store.canComment.value && (
              <label class="menu-row">
                <span>{t("player.pause_to_write")}</span>
                <input
                  type="checkbox"
                  checked={playing.pauseToWrite.value}
                  onChange={(event) => (playing.pauseToWrite.value = event.currentTarget.checked)}
                />
              </label>
            )}
            {phone && <MenuItem icon={X} label={t("player.close")} testid="player-close" onPress={then(() => player.close())} />}
          </>
        );
      }}
    </Popover>
  );
}

function PhoneExtras(props: PlayerProps & { readonly then: (run: () => void) => () => void }): JSX.Element {
  const { player, then } = props;
  const recorded = player.view.value === "recorded";
  const together = player.together.value;
  const offered = together.is === "alone" ? together.offered : null;
  return (
    <>
      {props.store.canComment.value && (
        <div class="reaction-row" role="group" aria-label={t("player.react")}>
          <Reactions player={player} />
        </div>
      )}
      {props.store.canComment.value && (
        <MenuItem icon={MessageCirclePlus} label={t("player.comment")} testid="player-comment" onPress={then(() => props.commands.comment())} />
      )}
      {!isLed(player) && <MenuItem icon={RotateCcw} label={t("player.back")} onPress={() => player.skip(BACK_MS)} />}
      <MenuItem icon={History} label={t(recorded ? "player.to_now" : "player.to_recorded")} onPress={then(() => player.setView(recorded ? "now" : "recorded"))} />
      {together.is === "together" ? (
        <MenuItem icon={Users} label={t("player.leave", { n: together.others + 1 })} testid="player-leave" onPress={then(() => player.leave())} />
      ) : offered !== null ? (
        <MenuItem icon={Users} label={t("player.join", { name: offered.name })} testid="player-join" onPress={then(() => player.join())} />
      ) : (
        props.store.canComment.value && (
          <MenuItem icon={Users} label={t("player.together")} testid="player-together" onPress={then(() => player.startTogether(false))} />
        )
      )}
    </>
  );
}
