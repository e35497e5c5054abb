// The panel at the side: the board's talk-tracks; and of the one that plays its transcript, and what people said of it.
//
// data-testid: tracks-panel, tracks-away, track-row (data-track), track-record, track-go-on, track-finish, track-link,
// track-download, track-remove, track-take-back, panel-tab (data-value), transcript-line, transcript-now, digest-line,
// digest-copy, digest-save.

import { CirclePlay, Disc, Download, Ellipsis, Link2, PencilLine, Trash2, Undo2 } from "lucide";
import type { Signal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { t, timeAgo, timeUntil } from "../i18n/i18n.ts";
import { tell } from "../state/notices.ts";
import type { Playing } from "../state/playing.ts";
import type { RecordingDoor } from "../state/recording.ts";
import { timeText } from "../state/time_text.ts";
import type { PanelName } from "../state/tooling.ts";
import type { Track } from "../state/tracks.ts";
import type { BoardStore } from "../state/types.ts";
import { IconButton, MenuItem, Popover, Segments } from "./controls.tsx";
import { Digest, Transcript } from "./digest.tsx";
import { Icon } from "./icons.tsx";
import { SidePanel } from "./side_panel.tsx";

export interface TracksProps {
  readonly store: BoardStore;
  readonly playing: Playing;
  readonly panel: Signal<PanelName | null>;
  /** Null where nothing can be recorded. */
  readonly door: RecordingDoor | null;
  readonly watched: (track: string) => { readonly furthest: number };
  readonly copyLink: (track: Track) => void;
  readonly download: (track: Track) => void;
  readonly copyDigest: () => void;
  readonly saveDigest: () => void;
}

/** What the server did not do is said: one can press again. */
function sayIfNot(store: BoardStore, asked: Promise<unknown>): void {
  asked.catch(() => tell(store.notices, "warn", "notice.track_unchanged"));
}

function authorOf(store: BoardStore, track: Track): string {
  return store.names.get(track.author) ?? "";
}

/** How many got how far, in tenths, for those who may know. */
function Reach(props: { readonly track: Track }): JSX.Element | null {
  const { reach, views } = props.track;
  if (reach === null || views === 0) return null;
  const most = Math.max(1, ...reach);
  return (
    <span class="reach" role="img" aria-label={t("tracks.reach", { n: views })} title={t("tracks.reach", { n: views })}>
      {reach.map((count, i) => (
        <i key={i} style={{ height: `${Math.max(8, (100 * count) / most)}%` }} />
      ))}
    </span>
  );
}

function RowMenu(props: TracksProps & { readonly track: Track }): JSX.Element {
  const { store, track, door } = props;
  return (
    <Popover
      label={t("player.more")}
      placement="bottom-end"
      kind="menu"
      button={(open, toggle) => (
        <IconButton icon={Ellipsis} label={t("player.more")} testid="track-menu" kind="narrow" active={open} onPress={toggle} tip="none" />
      )}
    >
      {(close) => {
        const then = (run: () => void) => () => {
          close();
          run();
        };
        return (
          <>
            <MenuItem icon={Link2} label={t("tracks.copy_link")} testid="track-link" onPress={then(() => props.copyLink(track))} />
            <MenuItem icon={Download} label={t("tracks.download")} testid="track-download" onPress={then(() => props.download(track))} />
            {track.mayEdit && door !== null && track.author === store.me.value && (
              <MenuItem
                icon={PencilLine}
                label={t("tracks.edit")}
                onPress={then(() => void door.openTrack(track, "review"))}
              />
            )}
            {track.mayEdit && (
              <MenuItem
                icon={Trash2}
                label={t("tracks.remove")}
                danger
                testid="track-remove"
                onPress={then(() => sayIfNot(store, store.tracks.remove(track.track)))}
              />
            )}
          </>
        );
      }}
    </Popover>
  );
}

function Cover(props: { readonly store: BoardStore; readonly track: Track }): JSX.Element {
  const { store, track } = props;
  return (
    <span class="track-cover">
      {track.cover && <img src={store.tracks.coverUrl(track.track)} alt="" loading="lazy" />}
      <Icon of={CirclePlay} size={22} />
    </span>
  );
}

function Row(props: TracksProps & { readonly track: Track }): JSX.Element {
  const { store, playing, track } = props;
  const done = track.playedMs > 0 ? Math.min(1, props.watched(track.track).furthest / track.playedMs) : 0;
  const facts = [authorOf(store, track), timeText(track.playedMs), track.views > 0 ? t("tracks.views", { n: track.views }) : ""];
  const on = playing.player.value?.track.peek().track === track.track;
  return (
    <li class="track-row" data-testid="track-row" data-track={track.track} data-on={on ? "" : undefined}>
      <button
        type="button"
        class="track-open"
        onClick={() => {
          props.panel.value = null;
          playing.wish.value = { track: track.track, recordedMs: null, play: true };
        }}
      >
        <Cover store={store} track={track} />
        <span class="track-words">
          <b>{track.title === "" ? t("tracks.untitled") : track.title}</b>
          <span class="muted">{facts.filter((fact) => fact !== "").join(" · ")}</span>
          {done > 0 && (
            <span class="track-progress" role="img" aria-label={t("tracks.progress", { n: Math.round(done * 100) })}>
              <i style={{ width: `${(done * 100).toFixed(1)}%` }} />
            </span>
          )}
          <Reach track={track} />
        </span>
      </button>
      <RowMenu {...props} />
    </li>
  );
}

/** One's own that was not finished, or was deleted and can still be taken back. */
function Loose(props: TracksProps & { readonly track: Track }): JSX.Element {
  const { store, track, door } = props;
  const deleted = track.state === "deleted";
  const told = [t(deleted ? "tracks.deleted" : "tracks.unfinished", { when: timeAgo(track.madeMs, Date.now()) })];
  if (track.endsMs !== null) told.push(t("tracks.goes", { when: timeUntil(track.endsMs, Date.now()) }));
  const open = (then: "review" | "record") => () => void door?.openTrack(track, then);
  return (
    <li class="track-row track-loose" data-testid="track-row" data-track={track.track} data-state={track.state}>
      <span class="track-words">
        <b>{track.title === "" ? t("tracks.untitled") : track.title}</b>
        <span class="muted">{told.join(" · ")}</span>
      </span>
      {deleted ? (
        <button
          type="button"
          class="button small"
          data-testid="track-take-back"
          onClick={() => sayIfNot(store, store.tracks.change(track.track, { state: "finished" }))}
        >
          <Icon of={Undo2} size={15} />
          {t("tracks.take_back")}
        </button>
      ) : (
        door !== null && (
          <span class="track-actions">
            <button type="button" class="button small" data-testid="track-go-on" onClick={open("record")}>{t("tracks.go_on")}</button>
            <button type="button" class="button small" data-testid="track-finish" onClick={open("review")}>{t("tracks.finish")}</button>
          </span>
        )
      )}
    </li>
  );
}

function List(props: TracksProps): JSX.Element {
  const { store, door } = props;
  const [away, setAway] = useState(false);
  const load = (): void => {
    setAway(false);
    store.tracks.refresh().catch(() => setAway(true));
  };
  useEffect(load, []);
  const tracks = store.tracks.tracks.value;
  const finished = (tracks ?? []).filter((track) => track.state === "finished");
  // Deleted before anything of it was whole, it cannot be brought back.
  const whole = (track: Track): boolean => track.segments.some((segment) => segment.state === "done");
  const unfinished = (tracks ?? []).filter((track) => track.state === "recording");
  const deleted = (tracks ?? []).filter((track) => track.state === "deleted" && whole(track));
  const none = tracks !== null && finished.length + unfinished.length + deleted.length === 0;
  return (
    <>
      {door !== null && door.allowed.value && (
        <button type="button" class="button primary track-record" data-testid="track-record" onClick={() => void door.record()}>
          <Icon of={Disc} />
          {t("tracks.record")}
        </button>
      )}
      {tracks === null && !away && <p class="muted side-empty">{t("tracks.loading")}</p>}
      {tracks === null && away && (
        <div class="side-empty" role="status">
          <p class="muted">{t("tracks.away")}</p>
          <button type="button" class="button small" data-testid="tracks-away" onClick={load}>
            {t("player.try_again")}
          </button>
        </div>
      )}
      {none && <p class="muted side-empty">{t(door?.allowed.value ? "tracks.none" : "tracks.none_viewer")}</p>}
      <ul class="track-list">
        {unfinished.map((track) => <Loose key={track.track} {...props} track={track} />)}
        {finished.map((track) => <Row key={track.track} {...props} track={track} />)}
        {deleted.map((track) => <Loose key={track.track} {...props} track={track} />)}
      </ul>
      {finished.length > 0 && <p class="muted side-foot">{t("tracks.told")}</p>}
    </>
  );
}

type Tab = "tracks" | "transcript" | "digest";

/** Which of ours is open; what belongs to a track that plays is nothing without one. */
function tabOf(panel: PanelName | null, plays: boolean): Tab | null {
  switch (panel) {
    case "tracks":
      return panel;
    case "transcript":
    case "digest":
      return plays ? panel : "tracks";
    default:
      return null;
  }
}

export function TracksPanel(props: TracksProps): JSX.Element | null {
  const { playing, panel } = props;
  const player = playing.player.value;
  const tab = tabOf(panel.value, player !== null);
  if (tab === null) return null;
  return (
    <SidePanel title={t("tracks.title")} testid="tracks-panel" onClose={() => (panel.value = null)}>
      {player !== null && (
        <div class="side-choice side-tabs">
          <Segments
            label={t("tracks.title")}
            value={tab}
            testid="panel-tab"
            onPick={(value) => (panel.value = value)}
            options={[
              { value: "tracks", label: t("tracks.tab") },
              { value: "transcript", label: t("player.transcript") },
              { value: "digest", label: t("player.digest") },
            ]}
          />
        </div>
      )}
      <div class="side-body">
        {tab === "tracks" && <List {...props} />}
        {tab === "transcript" && player !== null && <Transcript key={player.track.peek().track} player={player} />}
        {tab === "digest" && player !== null && <Digest player={player} copy={props.copyDigest} save={props.saveDigest} />}
      </div>
    </SidePanel>
  );
}
