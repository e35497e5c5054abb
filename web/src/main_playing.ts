// Brings talk-tracks to an open board: loaded when the first one is wanted. Joins the player (talk) and its bar and panel
// (ui) through state/playing.ts, and lays the board as it was over the living one.

import { effect, untracked } from "@preact/signals";
import { saveFile } from "./export/picture.ts";
import type { Ms } from "./engine/types.ts";
import { language, languageTag, t } from "./i18n/i18n.ts";
import { mountCanvas } from "./render/canvas.ts";
import type { Moments } from "./state/moment.ts";
import type { Playing, Wish } from "./state/playing.ts";
import type { RecordingDoor } from "./state/recording.ts";
import { createTooling } from "./state/tooling.ts";
import type { Tooling } from "./state/tooling.ts";
import { TrackError, type Track } from "./state/tracks.ts";
import type { BoardStore, CanvasStore, Notice, Prefs } from "./state/types.ts";
import { markdownOf } from "./talk/digest.ts";
import { TrackPlayer } from "./talk/player.ts";
import { fileName, filesOf } from "./talk/player_export.ts";
import { bindPlayerKeys } from "./talk/player_keys.ts";
import { loadTrack } from "./talk/player_load.ts";
import { watchedOf } from "./talk/player_progress.ts";
import { copyText } from "./ui/copy_text.ts";
import { mountPlaying } from "./ui/playing.tsx";

export interface PlayingDeps {
  readonly store: BoardStore;
  readonly prefs: Prefs;
  readonly playing: Playing;
  readonly moments: Moments;
  readonly tooling: Tooling;
  readonly door: RecordingDoor | null;
  /** The canvas's element, and the one that the chrome lies in. */
  readonly host: HTMLElement;
  readonly page: HTMLElement;
}

function notice(store: BoardStore, tone: Notice["tone"], key: string, values: Notice["values"] = {}): void {
  store.notices.value = [...store.notices.peek(), { id: -Date.now(), tone, key, values, kept: null }];
}

/** A link that gives nobody more than is meant: to watch and comment. Without one that may be handed on, the bare address. */
function linkTo(store: BoardStore, track: string, recorded: Ms): string {
  const links = store.links.peek();
  const role = store.role.peek();
  const rules = role === "owner" || role === "facilitator";
  const given = rules ? (links.commenter ?? links.viewer) : links[role];
  const at = `t=${encodeURIComponent(track)}.${Math.round(recorded)}`;
  if (given === undefined) return `${location.origin}${location.pathname}#${at}`;
  return given.includes("#") ? `${given}&${at}` : `${given}#${at}`;
}

async function copyLink(store: BoardStore, url: string): Promise<void> {
  if (await copyText(url)) notice(store, "info", "notice.link_copied");
  else notice(store, "warn", "notice.link_failed", { url });
}

async function download(store: BoardStore, track: Track): Promise<void> {
  try {
    for (const { name, from } of await filesOf(store.tracks, track)) {
      if (typeof from !== "string") saveFile(from, name);
      else Object.assign(document.createElement("a"), { href: from, download: name }).click();
    }
  } catch (error) {
    console.warn(error);
    notice(store, "error", "notice.track_failed");
  }
}

function saveDigest({ store, playing }: PlayingDeps): void {
  const player = playing.player.peek();
  if (player === null) return;
  const { track, title, madeMs } = player.track.peek();
  const when = new Intl.DateTimeFormat(languageTag(), { dateStyle: "long" }).format(madeMs);
  const named = title === "" ? t("tracks.untitled") : title;
  const by = t("player.digest_by", { name: player.author.peek().name, when });
  const text = markdownOf(named, by, player.digest.peek(), (recorded) => linkTo(store, track, recorded));
  saveFile(new Blob([text], { type: "text/markdown" }), `${fileName(named)}.md`);
}

/** The board as it was, over the living one, which goes on beneath. */
function showPast({ store, prefs, playing, host }: PlayingDeps): () => void {
  return effect(() => {
    const past = playing.past.value;
    if (past === null) return undefined;
    return untracked(() => {
      const layer = document.createElement("div");
      layer.className = "board-past";
      layer.dataset["testid"] = "board-past";
      host.append(layer);
      const nobody = createTooling();
      const then: CanvasStore = {
        scene: past.scene,
        names: past.names,
        camera: store.camera,
        viewport: store.viewport,
        selection: effectless(),
        editing: nobody.following as never,
        canEdit: nobody.helpOpen,
        people: store.people,
        presence: new Map(),
        presenceVersion: store.presenceVersion,
        tracks: store.tracks,
      };
      const canvas = mountCanvas(layer, then, prefs, nobody, playing);
      return () => {
        canvas.close();
        layer.remove();
      };
    });
  });
}
