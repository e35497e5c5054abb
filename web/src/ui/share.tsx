// Sharing: for who rules over the board its whole desk of links, for everybody else the links this device knows.

import { Link2 } from "lucide";
import type { JSX } from "preact";
import { t } from "../i18n/i18n.ts";
import { mayRule } from "../state/read.ts";
import type { BoardStore, Role } from "../state/types.ts";
import { Popover } from "./controls.tsx";
import { Icon } from "./icons.tsx";
import { CopyLink } from "./share_copy.tsx";
import { Desk } from "./share_desk.tsx";

const ROLES: readonly Role[] = ["editor", "commenter", "viewer", "facilitator", "owner"];

function LinkRow(props: { readonly role: Role; readonly url: string }): JSX.Element {
  const { role, url } = props;
  return (
    <div class="share-row">
      <div class="share-what">
        <strong>{t(`share.role_${role}`)}</strong>
        <span>{t(`share.role_${role}_hint`)}</span>
      </div>
      <CopyLink url={url} role={role} main={role === "editor"} />
    </div>
  );
}

function Known(props: { readonly store: BoardStore }): JSX.Element {
  const links = props.store.links.value;
  const known = ROLES.filter((role) => links[role] !== undefined);
  return (
    <>
      <p class="muted">{known.length === 0 ? t("share.none") : t("share.intro")}</p>
      {known.map((role) => (
        <LinkRow key={role} role={role} url={links[role] ?? ""} />
      ))}
    </>
  );
}

export function Share(props: { readonly store: BoardStore }): JSX.Element {
  const { store } = props;
  return (
    <Popover
      label={t("share.title")}
      placement="bottom-end"
      kind="share"
      testid="share-panel"
      button={(open, toggle) => (
        <button
          type="button"
          class="button primary share-button"
          data-testid="share"
          aria-expanded={open}
          onClick={toggle}
        >
          {t("share.button")}
        </button>
      )}
    >
      {() => (
        <>
          <h2>
            <Icon of={Link2} size={18} />
            {t("share.title")}
          </h2>
          {mayRule(store.role.value) ? <Desk desk={store.desk} role={store.role.value} /> : <Known store={store} />}
        </>
      )}
    </Popover>
  );
}
