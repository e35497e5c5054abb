// The chrome around an open board: panels in the corners, tools, the selection's bar, notices, help. It floats above the
// canvas and never covers it with anything that must be answered, save the end of access.
//
// data-testid: chip (data-state, data-kept), title, title-input, menu, menu-panel, theme, language, own-name, home,
// thread-card, comment-new, comment-text, comment-send, comment-rewrite, comment-edit, comment-delete, comment-resolve,
// comment-close, message, moment, pin (data-thread, data-unread), pin-draft, comments, comments-panel, comments-which,
// thread-row (data-thread), slides, slides-panel, slide (data-slide), slide-grip, present, presenting, present-cover,
// present-end, slide-place, slide-next, slide-back, slide-laser, more, react, reactions, react-N, badge-tip, bar-comment,
// avatars (data-count), avatar, avatars-more, share, share-panel, link-ROLE, copy-ROLE, new-role, new-end, make-link,
// tracks, invite, invite-join,
// given (data-link, data-role), given-role, withdraw, withdraw-sure, share-error, toolbar, tool-NAME, form-N,
// tray-color-N, selection-bar, color-N, text-style, order, duplicate, delete, undo, redo, zoom, zoom-in, zoom-out,
// zoom-fit, help, help-dialog, toast (data-key), editor, board (the canvas host), outline, empty, ended,
// export-png. Pages: new-board, board-card (data-board), forget, name, enter.

import { ChevronLeft, House } from "lucide";
import { computed } from "@preact/signals";
import { render } from "preact";
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { t, tAny } from "../i18n/i18n.ts";
import type { Moments } from "../state/moment.ts";
import type { Playing } from "../state/playing.ts";
import type { CanvasPort, Commands, Tooling } from "../state/tooling.ts";
import type { RecordingDoor } from "../state/recording.ts";
import { PHONE_PX } from "../state/screen.ts";
import type { BoardStore, Prefs } from "../state/types.ts";
import { Chip } from "./chip.tsx";
import { UndoCorner, ZoomCorner } from "./corners.tsx";
import { Help } from "./help.tsx";
import { Icon, Mark } from "./icons.tsx";
import { lazy } from "./lazy.tsx";
import { BoardMenu } from "./menu.tsx";
import { FollowRim } from "./people.tsx";
import { mountPins } from "./pins.ts";
import { SelectionBar } from "./selection_bar.tsx";
import { BadgeTip } from "./reactions.tsx";
import type { Talk } from "./talk.ts";
import { ThreadCard } from "./thread_card.tsx";
import { Title } from "./title.tsx";
import { Toasts } from "./toasts.tsx";
import { Toolbar } from "./toolbar.tsx";
import { TopRight } from "./top_right.tsx";
import { InviteNote } from "./tracks_button.tsx";


const CommentsPanel = lazy(async () => (await import("./comments_panel.tsx")).CommentsPanel);
const SlidesPanel = lazy(async () => (await import("./slides_panel.tsx")).SlidesPanel);
const Present = lazy(async () => (await import("./present.tsx")).Present);

/** What main_board joins to the chrome. */
export interface BoardSlots {
  readonly tooling: Tooling;
  readonly commands: Commands;
  readonly moments: Moments;
  readonly threads: Talk["threads"];
  readonly marks: Talk["marks"];
  readonly port: CanvasPort;
  readonly playing: Playing;
  readonly recording: RecordingDoor;
  exportImage(selectionOnly: boolean): void;
}

interface ChromeProps {
  readonly store: BoardStore;
  readonly prefs: Prefs;
  readonly slots: BoardSlots;
  readonly talk: Talk;
}

function TopLeft(props: ChromeProps): JSX.Element {
  const { store, prefs, slots } = props;
  const [editing, setEditing] = useState(false);
  const phone = store.viewport.value.w < PHONE_PX;
  return (
    <header class="panel top-left">
      <a class="icon-button" href="/" aria-label={t("nav.home")} data-testid="home" data-tip={t("nav.home")}>
        <Icon of={phone ? ChevronLeft : House} />
      </a>
      <span class="divider" />
      <Title store={store} editing={editing} setEditing={setEditing} />
      <BoardMenu
        store={store}
        prefs={prefs}
        actions={{
          rename: () => setEditing(true),
          exportImage: slots.exportImage,
          record: slots.recording.allowed.value ? () => void slots.recording.record() : null,
          help: () => void (slots.tooling.helpOpen.value = true),
        }}
      />
      <Chip connection={store.connection.value} />
    </header>
  );
}

function OpenPanel(props: ChromeProps): JSX.Element | null {
  const { panel } = props.slots.tooling;
  const close = (): void => void (panel.value = null);
  switch (panel.value) {
    case "comments":
      return <CommentsPanel talk={props.talk} onClose={close} />;
    case "slides":
      return <SlidesPanel talk={props.talk} onClose={close} />;
    case "tracks":
    case "transcript":
    case "digest": // these are drawn with the player (ui/playing.tsx)
    case null:
      return null;
  }
}

/** A fresh board says what to do first; it is gone with the first object. */
function Empty(props: ChromeProps): JSX.Element | null {
  const { store, slots } = props;
  void store.scene.version.value;
  const making = slots.tooling.tool.value !== "select" && slots.tooling.tool.value !== "hand";
  if (!store.loaded.value || making || store.scene.inOrder().length > 0) return null;
  const touch = matchMedia("(pointer: coarse)").matches;
  const hint = touch ? t("board.empty_touch") : t("board.empty_hint", { key: "\u0001" });
  const [before, after] = hint.split("\u0001");
  return (
    <div class="empty" data-testid="empty">
      <Mark size={44} />
      <h2>{t("board.empty_title")}</h2>
      {store.canEdit.value ? (
        <p>
          {before}
          {after !== undefined && <kbd>N</kbd>}
          {after}
        </p>
      ) : (
        <p>{t("board.empty_viewer")}</p>
      )}
    </div>
  );
}

function Loading(props: ChromeProps): JSX.Element | null {
  if (props.store.loaded.value || props.store.connection.value.is === "ended") return null;
  return (
    <div class="loading" role="status">
      <span class="loading-dots" aria-hidden="true">
        <i />
        <i />
        <i />
      </span>
      {t("board.loading")}
    </div>
  );
}

const ENDS = new Set(["revoked", "expired", "token", "not_found"]);

/** The person's own language where we have words for it, the server's text otherwise. */
function tEnd(code: string, text: string): string {
  return ENDS.has(code) ? tAny(`ended.${code}`) : text;
}

function Ended(props: ChromeProps): JSX.Element | null {
  const connection = props.store.connection.value;
  if (connection.is !== "ended") return null;
  return (
    <div class="veil">
      <div class="panel dialog ended" role="alertdialog" aria-label={t("ended.title")} data-testid="ended">
        <Mark size={40} />
        <h2>{t("ended.title")}</h2>
        <p class="muted">{tEnd(connection.code, connection.text)}</p>
        <div class="ended-actions">
          <a class="button" href="/">{t("ended.home")}</a>
          <button type="button" class="button primary" onClick={() => location.reload()}>
            {t("ended.reload")}
          </button>
        </div>
      </div>
    </div>
  );
}

function Chrome(props: ChromeProps): JSX.Element {
  const { store, slots } = props;
  const { tooling, commands } = slots;
  useEffect(() => mountPins(props.talk), [props.talk]);
  return (
    <>
      <FollowRim store={store} tooling={tooling} />
      <Empty {...props} />
      <Loading {...props} />
      <TopLeft {...props} />
      <TopRight talk={props.talk} />
      <OpenPanel {...props} />
      {tooling.slide.value !== null && <Present talk={props.talk} />}
      <BadgeTip store={store} tooling={tooling} />
      <ThreadCard talk={props.talk} />
      <SelectionBar store={store} tooling={tooling} commands={commands} playing={slots.playing} />
      <UndoCorner store={store} />
      <Toolbar store={store} tooling={tooling} commands={commands} />
      <ZoomCorner store={store} tooling={tooling} commands={commands} />
      <Toasts store={store} />
      <InviteNote playing={slots.playing} recording={slots.recording} />
      <Help tooling={tooling} />
      <Ended {...props} />
    </>
  );
}

export function mountBoard(
  root: HTMLElement,
  store: BoardStore,
  prefs: Prefs,
  slots: BoardSlots,
): () => void {
  const { tooling, commands, moments, threads, marks, port } = slots;
  const { player, insets } = slots.playing;
  const playerPx = computed(() => (player.value === null ? 0 : insets.value.bottom));
  const talk: Talk = { store, tooling, commands, moments, threads, marks, port, playerPx, drafts: new Map() };
  render(<Chrome store={store} prefs={prefs} slots={slots} talk={talk} />, root);
  return () => render(null, root);
}
