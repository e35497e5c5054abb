// The top right corner: who is here, what opens at the right edge, and sharing. On a phone all but the first and the last
// stands in one menu.

import { CirclePlay, Ellipsis, MessagesSquare, Presentation, WandSparkles } from "lucide";
import type { JSX } from "preact";
import { t } from "../i18n/i18n.ts";
import { PHONE_PX } from "../state/screen.ts";
import type { PanelName, Tooling } from "../state/tooling.ts";
import { IconButton, MenuItem, Popover } from "./controls.tsx";
import { People } from "./people.tsx";
import { Share } from "./share.tsx";
import type { Talk } from "./talk.ts";
import { TracksButton } from "./tracks_button.tsx";


function unreadCount(talk: Talk): number {
  const open = talk.threads.value.filter((thread) => !thread.resolved);
  return open.reduce((count, thread) => count + talk.marks.unread(thread).length, 0);
}

function toggle(tooling: Tooling, panel: PanelName): void {
  tooling.panel.value = tooling.panel.peek() === panel ? null : panel;
}

/** What opens at the right edge: icons side by side, or one menu on a phone. */
function Panels(props: { readonly talk: Talk; readonly phone: boolean }): JSX.Element {
  const { talk } = props;
  const { tooling, commands } = talk;
  const unread = unreadCount(talk);
  const panels = [
    {
      panel: "comments",
      icon: MessagesSquare,
      label: unread > 0 ? t("comment.open_unread", { n: unread }) : t("comment.open"),
      marked: unread > 0,
    },
    { panel: "slides", icon: Presentation, label: t("slides.title"), marked: false },
  ] as const;
  if (!props.phone) {
    return (
      <span class="top-icons">
        {panels.map(({ panel, icon, label, marked }) => (
          <span key={panel} class={marked ? "top-icon marked" : "top-icon"}>
            <IconButton
              icon={icon}
              label={label}
              testid={panel}
              active={tooling.panel.value === panel}
              onPress={() => toggle(tooling, panel)}
              tip={tooling.panel.value === null ? "below" : "none"}
            />
          </span>
        ))}
      </span>
    );
  }
  return (
    <Popover
      label={t("top.more")}
      placement="bottom-end"
      kind="menu"
      button={(open, press) => (
        <span class={unread > 0 ? "top-icon marked" : "top-icon"}>
          <IconButton icon={Ellipsis} label={t("top.more")} testid="more" active={open} onPress={press} tip="none" />
        </span>
      )}
    >
      {(close) => {
        const then = (run: () => void) => () => {
          close();
          run();
        };
        const phone = [{ panel: "tracks", icon: CirclePlay, label: t("tracks.button") }, ...panels] as const;
        return (
          <>
            {phone.map(({ panel, icon, label }) => (
              <MenuItem key={panel} icon={icon} label={label} testid={panel} onPress={then(() => toggle(tooling, panel))} />
            ))}
            <MenuItem icon={WandSparkles} label={t("tool.laser")} onPress={then(() => commands.pick("laser"))} />
          </>
        );
      }}
    </Popover>
  );
}

export function TopRight(props: { readonly talk: Talk }): JSX.Element {
  const { talk } = props;
  const { store, tooling } = talk;
  const phone = store.viewport.value.w < PHONE_PX;
  return (
    <div class="panel top-right">
      <People store={store} tooling={tooling} shown={phone ? 1 : 4} />
      <Panels talk={talk} phone={phone} />
      {!phone && <TracksButton tooling={tooling} />}
      <Share store={store} />
    </div>
  );
}
