// Brings talk-tracks to an open board: loaded when the first one is wanted. Joins the player (talk) and its bar and panel
// (ui) through state/playing.ts, and lays the board as it was over the living one.

import { effect, signal, untracked } from "@preact/signals";
import { saveFile } from "./export/picture.ts";
import type { Ms } from "./engine/types.ts";
import { languageTag, t } from "./i18n/i18n.ts";
import { mountCanvas } from "./render/canvas.ts";
import type { Moments } from "./state/moment.ts";
import { tell } from "./state/notices.ts";
import type { Player, Playing, Wish } from "./state/playing.ts";
import type { RecordingDoor } from "./state/recording.ts";
import { createTooling } from "./state/tooling.ts";
import type { CanvasPort, Commands, Tooling } from "./state/tooling.ts";
import { TrackError, type Track } from "./state/tracks.ts";
import type { BoardStore, CanvasStore, Prefs } from "./state/types.ts";
import { markdownOf } from "./talk/digest.ts";
import { TrackPlayer } from "./talk/player.ts";
import { fileName, filesOf } from "./talk/player_export.ts";
import { bindPlayerKeys } from "./talk/player_keys.ts";
import { loadTrack } from "./talk/player_load.ts";
import { watchedOf } from "./talk/player_progress.ts";
import { copyLink, linkFor, urlOfMoment } from "./main_link.ts";
import { copyText } from "./ui/copy_text.ts";
import { mountPlaying } from "./ui/playing.tsx";

export interface PlayingDeps {
  readonly store: BoardStore;
  readonly prefs: Prefs;
  readonly playing: Playing;
  readonly moments: Moments;
  readonly tooling: Tooling;
  readonly commands: Commands;
  readonly port: CanvasPort;
  readonly door: RecordingDoor | null;
  /** The canvas's element, and the one that the chrome lies in. */
  readonly host: HTMLElement;
  readonly page: HTMLElement;
}

async function download(store: BoardStore, track: Track): Promise<void> {
  try {
    for (const { name, from } of await filesOf(store.tracks, track)) {
      if (typeof from !== "string") saveFile(from, name);
      else Object.assign(document.createElement("a"), { href: from, download: name }).click();
    }
  } catch (error) {
    console.warn(error);
    tell(store.notices, "error", "notice.track_failed");
  }
}

/** What people said of the track that plays, as Markdown. */
async function digestText(store: BoardStore, player: Player): Promise<string> {
  const track = player.track.peek();
  const when = new Intl.DateTimeFormat(languageTag(), { dateStyle: "long" }).format(track.madeMs);
  const by = t("player.digest_by", { name: player.author.peek().name, when });
  const link = await linkFor(store, track);
  return markdownOf(namedAs(track), by, player.digest.peek(), (recorded) => urlOfMoment(link, track, recorded));
}

function namedAs({ title }: Track): string {
  return title === "" ? t("tracks.untitled") : title;
}

async function copyDigest({ store, playing }: PlayingDeps): Promise<void> {
  const player = playing.player.peek();
  if (player === null) return;
  if (await copyText(digestText(store, player))) tell(store.notices, "info", "notice.digest_copied");
  else await saveDigest({ store, playing });
}

async function saveDigest({ store, playing }: Pick<PlayingDeps, "store" | "playing">): Promise<void> {
  const player = playing.player.peek();
  if (player === null) return;
  const text = await digestText(store, player);
  saveFile(new Blob([text], { type: "text/markdown" }), `${fileName(namedAs(player.track.peek()))}.md`);
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
        selection: signal(new Set()),
        editing: signal(null),
        canEdit: signal(false),
        me: store.me,
        own: signal({ ...store.own.peek(), laser: null }),
        people: store.people,
        presence: new Map(),
        presenceVersion: store.presenceVersion,
        tracks: store.tracks,
      };
      const canvas = mountCanvas(layer, then, prefs, nobody, playing);
      store.lookingBack.value = true;
      return () => {
        store.lookingBack.value = false;
        canvas.close();
        layer.remove();
      };
    });
  });
}

/** Opens what somebody wants to watch; of the track that plays already, goes to the moment. */
function openWished(deps: PlayingDeps): () => void {
  const { store, playing, moments, tooling, host } = deps;
  let newest: Wish | null = null;

  async function open(wish: Wish): Promise<void> {
    newest = wish;
    const shown = playing.player.peek();
    if (shown !== null && shown.track.peek().track === wish.track) {
      if (wish.recordedMs !== null) shown.goTo(wish.recordedMs);
      if (wish.play) shown.play();
      return;
    }
    try {
      const loaded = await loadTrack(store.tracks, wish.track);
      if (newest !== wish) return; // another one was wanted, or the board is closed
      shown?.close();
      const gone = (): void => {
        if (store.connection.peek().is !== "ended") tell(store.notices, "warn", "notice.track_gone"); // else that is said
      };
      const player = new TrackPlayer({ store, playing, moments, tooling, host, loaded, gone });
      playing.player.value = player;
      host.focus({ preventScroll: true }); // the keys that play and pause are there
      if (wish.recordedMs !== null) player.goTo(wish.recordedMs);
      if (wish.join) player.join();
      else if (wish.play) player.play();
    } catch (error) {
      if (newest !== wish) return;
      const gone = error instanceof TrackError && (error.code === "not_found" || error.code === "perm");
      if (!gone) console.warn(error);
      tell(store.notices, "warn", gone ? "notice.track_missing" : "notice.track_failed");
    }
  }

  const stop = effect(() => {
    const wish = playing.wish.value;
    if (wish === null || !store.loaded.value) return;
    untracked(() => {
      playing.wish.value = null;
      void open(wish);
    });
  });
  return () => {
    newest = null;
    stop();
  };
}

const SETTINGS = "plenum.player";

/** How this person likes to watch, kept on this device. */
function keepSettings({ captionsOn, pauseToWrite }: Playing): () => void {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(SETTINGS) ?? "null");
    if (Array.isArray(kept)) {
      captionsOn.value = kept[0] === true;
      pauseToWrite.value = kept[1] !== false;
    }
  } catch {
    // Storage is forbidden, or what stands there is not ours.
  }
  return effect(() => {
    const now = JSON.stringify([captionsOn.value, pauseToWrite.value]);
    try {
      localStorage.setItem(SETTINGS, now);
    } catch {
      // It holds until the page closes.
    }
  });
}

export function openPlaying(deps: PlayingDeps): () => void {
  const { store, playing, prefs, page, host } = deps;
  const chrome = document.createElement("div");
  chrome.className = "board-chrome";
  page.append(chrome);
  const unmount = mountPlaying(chrome, {
    store,
    playing,
    tooling: deps.tooling,
    commands: deps.commands,
    board: deps.port,
    panel: deps.tooling.panel,
    door: deps.door,
    watched: watchedOf,
    copyLink: (track, recorded) => void copyLink(store, track, recorded ?? (0 as Ms)),
    download: (track) => void download(store, track),
    copyDigest: () => void copyDigest(deps),
    saveDigest: () => void saveDigest(deps),
  });
  const stops = [
    effect(() => {
      const player = playing.player.value;
      if (player === null) return undefined;
      return untracked(() => bindPlayerKeys(store, player, host, chrome));
    }),
    effect(() => {
      void prefs.language.value;
      chrome.lang = languageTag();
    }),
    keepSettings(playing),
    showPast(deps),
    openWished(deps),
  ];
  return () => {
    playing.player.peek()?.close();
    for (const stop of stops) stop();
    unmount();
    chrome.remove();
  };
}
