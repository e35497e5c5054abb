// The way to the board's talk-tracks, and the invitation to watch one together with others. The panel itself comes when it
// is first wanted.

import { CirclePlay, Users, X } from "lucide";
import type { JSX } from "preact";
import { t } from "../i18n/i18n.ts";
import type { Playing } from "../state/playing.ts";
import type { RecordingDoor } from "../state/recording.ts";
import type { Tooling } from "../state/tooling.ts";
import { IconButton } from "./controls.tsx";
import { Icon } from "./icons.tsx";

export function TracksButton(props: { readonly tooling: Tooling }): JSX.Element {
  const { panel } = props.tooling;
  const open = panel.value === "tracks";
  return (
    <button
      type="button"
      class="button tracks-button"
      data-testid="tracks"
      aria-expanded={open}
      onClick={() => (panel.value = open ? null : "tracks")}
    >
      <Icon of={CirclePlay} />
      {t("tracks.button")}
    </button>
  );
}

/** Whoever is about to record, or records, is not asked before that is over. */
export function InviteNote(props: { readonly playing: Playing; readonly recording: RecordingDoor }): JSX.Element | null {
  const { playing, recording } = props;
  const invite = playing.invite.value;
  const phase = recording.recorder.value?.phase.value.is ?? "resting";
  if (invite === null || phase !== "resting") return null;
  const answer = (join: boolean) => () => {
    playing.invite.value = null;
    if (join) playing.wish.value = { track: invite.track, recordedMs: null, play: false, join: true };
  };
  return (
    <div class="panel invite" role="status" data-testid="invite">
      <Icon of={Users} />
      <span>{t("tracks.invite", { name: invite.name })}</span>
      <button type="button" class="button primary small" data-testid="invite-join" onClick={answer(true)}>
        {t("tracks.join")}
      </button>
      <IconButton icon={X} label={t("notice.dismiss")} kind="narrow" size={16} onPress={answer(false)} tip="none" />
    </div>
  );
}
