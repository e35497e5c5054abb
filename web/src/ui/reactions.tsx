// Giving reactions to what is selected, and the names of those who gave the one under the pointer.

import { SmilePlus } from "lucide";
import type { JSX } from "preact";
import { t } from "../i18n/i18n.ts";
import type { Key } from "../i18n/i18n.ts";
import type { ObjectView } from "../engine/types.ts";
import { boardToScreen } from "../state/camera.ts";
import { REACTIONS, reactionsOf } from "../state/reactions.ts";
import type { Commands, Tooling } from "../state/tooling.ts";
import type { BoardStore } from "../state/types.ts";
import { IconButton, Popover } from "./controls.tsx";

const NAMES_MAX = 8;

export function reactionName(reaction: number): string {
  return t(`reaction.${reaction}` as Key);
}

/** "Ana, 李雷 and 3 more". */
function namesOf(store: BoardStore, users: readonly number[]): string {
  const names = users.slice(0, NAMES_MAX).map((user) => store.names.get(user) ?? t("comment.someone"));
  const said = names.join(t("list.comma"));
  return users.length > NAMES_MAX ? t("reaction.more", { names: said, n: users.length - NAMES_MAX }) : said;
}

export function React(props: {
  readonly store: BoardStore;
  readonly commands: Commands;
  readonly views: readonly ObjectView[];
}): JSX.Element {
  const { store, commands, views } = props;
  const mine = (reaction: number): boolean =>
    views.every((view) => {
      return reactionsOf(view).some((entry) => entry.reaction === reaction && entry.users.includes(store.me.value));
    });
  return (
    <Popover
      label={t("reaction.give")}
      placement="top"
      kind="tray reactions"
      testid="reactions"
      button={(open, toggle) => (
        <IconButton
          icon={SmilePlus}
          label={t("reaction.give")}
          testid="react"
          active={open}
          onPress={toggle}
          tip={open ? "none" : "above"}
        />
      )}
    >
      {(close) =>
        REACTIONS.map((sign, reaction) => (
          <button
            type="button"
            key={reaction}
            class="icon-button reaction"
            aria-label={reactionName(reaction)}
            aria-pressed={mine(reaction)}
            data-testid={`react-${reaction}`}
            data-tip={reactionName(reaction)}
            data-tip-side="above"
            onClick={() => {
              commands.react(reaction);
              close();
            }}
          >
            <span aria-hidden="true">{sign}</span>
          </button>
        ))
      }
    </Popover>
  );
}

/** Who gave the reaction under the pointer. */
export function BadgeTip(props: { readonly store: BoardStore; readonly tooling: Tooling }): JSX.Element | null {
  const { store, tooling } = props;
  const badge = tooling.badge.value;
  if (badge === null) return null;
  void store.scene.version.value;
  const view = store.scene.objects.get(badge.id);
  const given = view === undefined ? undefined : reactionsOf(view).find(({ reaction }) => reaction === badge.reaction);
  if (given === undefined) return null;
  const camera = store.camera.value;
  const at = boardToScreen(camera, { x: badge.rect.x + badge.rect.w / 2, y: badge.rect.y });
  return (
    <div class="badge-tip" data-testid="badge-tip" style={{ left: `${at.x}px`, top: `${at.y}px` }}>
      {namesOf(store, given.users)}
    </div>
  );
}
