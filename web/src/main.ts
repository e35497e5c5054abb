// The program's front door: reads the address, opens what this device keeps, and mounts the page that belongs to it.
// A board's token comes in the fragment, is kept, and leaves the address bar before anything else happens.

import { effect, signal } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import { loadEngineModule } from "./engine/wasm.ts";
import { speak } from "./i18n/i18n.ts";
import { openBoardView } from "./main_board.ts";
import { tell } from "./state/notices.ts";
import { createPlaying, wishIn, type PlayerReport, type Wish } from "./state/playing.ts";
import { loadPrefs } from "./state/prefs.ts";
import { TrackError } from "./state/tracks.ts";
import type { Prefs } from "./state/types.ts";
import { openBoard } from "./sync/board.ts";
import { openSeenBoards, type SeenBoards } from "./sync/boards.ts";
import { openDatabase, type BoardRow, type Database } from "./sync/database.ts";
import { openHome, tokenIn } from "./sync/home.ts";
import type { Inspector } from "./sync/inspect.ts";
import { openTrackDesk } from "./sync/tracks.ts";
import { mountHome } from "./ui/home.tsx";
import { mountWaiting } from "./ui/waiting.tsx";
import { mountWelcome, type Promised } from "./ui/welcome.tsx";

/** Where build.mjs put the engine. */
declare const PROTO_WASM_URL: string;

declare global {
  /** For tests and the curious: see web/README.md. */
  var __plenum: (Inspector & { watching(): PlayerReport | null }) | undefined;
}

/** The board's row, with the token of the address if there is one. */
async function arrive(seen: SeenBoards, board: string): Promise<BoardRow> {
  const token = tokenIn(location.hash);
  if (location.hash !== "") history.replaceState(null, "", location.pathname);
  const known = await seen.get(board);
  const changed = token !== null && token !== known?.token;
  // A board never seen and opened without a link stays unlisted: its row has no token.
  if (token === null && known === null) {
    return { board, token: "", title: "", role: null, links: {}, visitedAt: 0, thumbnail: null };
  }
  return seen.update(board, { visitedAt: Date.now(), ...(changed ? { token, role: null } : {}) });
}

/** The talk-track that the link leads to, as the server tells it to whoever holds the link. Nobody waits for it. */
function promisedBy({ board, token }: BoardRow, wish: Wish | null): ReadonlySignal<Promised> | null {
  if (wish === null || token === "") return null;
  const promised = signal<Promised>("asked");
  openTrackDesk(board, token)
    .promised(wish.track)
    .then(
      (track) => (promised.value = track),
      (error: unknown) => (promised.value = error instanceof TrackError && error.code === "not_found" ? "missing" : "asked"),
    );
  return promised;
}

/** Opening a link asks only for a name. */
function askName(root: HTMLElement, prefs: Prefs, row: BoardRow, wish: Wish | null): Promise<void> {
  if (prefs.name.value !== "") return Promise.resolve();
  return new Promise((resolve) => {
    const unmount = mountWelcome(root, {
      title: row.title === "" ? null : row.title,
      promised: promisedBy(row, wish),
      prefs,
      onEnter(name) {
        prefs.name.value = name;
        unmount();
        resolve();
      },
    });
  });
}

/** What this device keeps; another tab may have to let go of it first. */
async function openDevice(root: HTMLElement, prefs: Prefs, gone: () => void): Promise<Database> {
  const spoken = speak(prefs.language.value);
  let opened = false;
  let unmount: () => void = () => undefined;
  const waits = async (): Promise<void> => {
    await spoken;
    if (!opened) unmount = mountWaiting(root, prefs);
  };
  const [db] = await Promise.all([openDatabase({ waits: () => void waits(), gone }), spoken]);
  opened = true;
  unmount();
  return db;
}

async function showBoard(
  root: HTMLElement,
  db: Database,
  prefs: Prefs,
  board: string,
  outdated: ReadonlySignal<boolean>,
): Promise<void> {
  const module = loadEngineModule(PROTO_WASM_URL);
  const seen = openSeenBoards(db);
  const playing = createPlaying();
  playing.wish.value = wishIn(location.hash);
  const row = await arrive(seen, board);
  // Another link of the same board, pasted over this one, changes only the fragment: open it as a new visit.
  addEventListener("hashchange", () => {
    if (tokenIn(location.hash) !== null) location.reload();
    else playing.wish.value = wishIn(location.hash);
  });
  await askName(root, prefs, row, playing.wish.value);
  const { store, inspector } = await openBoard({ db, seen, row, module: await module, prefs });
  globalThis.__plenum = { ...inspector, watching: () => playing.player.peek()?.report() ?? null };
  effect(() => {
    document.title = store.title.value === "" ? "Plenum" : `${store.title.value} · Plenum`;
  });
  effect(() => {
    if (outdated.value) tell(store.notices, "error", "notice.outdated");
  });
  openBoardView(root, store, prefs, {
    keepThumbnail: (thumbnail) => void seen.update(board, { thumbnail }),
    playing,
  });
}

async function start(): Promise<void> {
  const root = document.getElementById("app");
  if (!root) throw new Error("index.html has no #app");
  // Only where the context is secure; elsewhere the board works, but not without a network.
  if ("serviceWorker" in navigator) navigator.serviceWorker.register("/sw.js").catch(console.warn);
  const prefs = loadPrefs();
  const outdated = signal(false);
  const db = await openDevice(root, prefs, () => (outdated.value = true));
  const board = /^\/b\/([^/]+)$/.exec(location.pathname)?.[1];
  if (board !== undefined) await showBoard(root, db, prefs, decodeURIComponent(board), outdated);
  else {
    mountHome(root, openHome(db), prefs);
    effect(() => {
      if (outdated.value) location.reload(); // nothing is lost by it here
    });
  }
}

void start();
