// Sharing: the links this device may hand out, one per role, each with what it allows.

import { Check, Copy, Link2 } from "lucide";
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { t } from "../i18n/i18n.ts";
import type { BoardStore, Role } from "../state/types.ts";
import { Popover } from "./controls.tsx";
import { copyText } from "./copy_text.ts";
import { Icon } from "./icons.tsx";

const ROLES: readonly Role[] = ["editor", "commenter", "viewer", "facilitator", "owner"];
const COPIED_MS = 2000;

function LinkRow(props: { readonly role: Role; readonly url: string }): JSX.Element {
  const { role, url } = props;
  const [state, setState] = useState<"idle" | "copied" | "failed">("idle");
  const copy = async (): Promise<void> => {
    setState((await copyText(url)) ? "copied" : "failed");
    setTimeout(() => setState("idle"), COPIED_MS);
  };
  return (
    <div class="share-row">
      <div class="share-what">
        <strong>{t(`share.role_${role}`)}</strong>
        <span>{t(`share.role_${role}_hint`)}</span>
      </div>
      <div class="share-link">
        <input
          class="field"
          readOnly
          value={url}
          data-testid={`link-${role}`}
          aria-label={t(`share.role_${role}`)}
          onFocus={(event) => event.currentTarget.select()}
        />
        <button
          type="button"
          class={role === "editor" ? "button primary" : "button"}
          data-testid={`copy-${role}`}
          {...(role === "editor" ? { "data-autofocus": "" } : {})}
          onClick={() => void copy()}
        >
          <Icon of={state === "copied" ? Check : Copy} size={16} />
          <span aria-live="polite">{state === "copied" ? t("share.copied") : t("share.copy")}</span>
        </button>
      </div>
      {state === "failed" && <p class="share-failed">{t("share.copy_failed")}</p>}
    </div>
  );
}

export function Share(props: { readonly store: BoardStore }): JSX.Element {
  const links = props.store.links.value;
  const known = ROLES.filter((role) => links[role] !== undefined);
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
          <p class="muted">{known.length === 0 ? t("share.none") : t("share.intro")}</p>
          {known.map((role) => (
            <LinkRow key={role} role={role} url={links[role] ?? ""} />
          ))}
        </>
      )}
    </Popover>
  );
}
