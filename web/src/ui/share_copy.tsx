// A link to look at and to copy.

import { Check, Copy } from "lucide";
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { t } from "../i18n/i18n.ts";
import type { Role } from "../state/types.ts";
import { copyText } from "./copy_text.ts";
import { Icon } from "./icons.tsx";

const COPIED_MS = 2000;

export interface CopyLinkProps {
  readonly url: string;
  readonly role: Role;
  /** The one that most people want: it looks so, and has the focus. */
  readonly main?: boolean;
}

export function CopyLink(props: CopyLinkProps): JSX.Element {
  const { url, role, main } = props;
  const [state, setState] = useState<"idle" | "copied" | "failed">("idle");
  const copy = async (): Promise<void> => {
    setState((await copyText(url)) ? "copied" : "failed");
    setTimeout(() => setState("idle"), COPIED_MS);
  };
  return (
    <>
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
          class={main === true ? "button primary" : "button"}
          data-testid={`copy-${role}`}
          {...(main === true ? { "data-autofocus": "" } : {})}
          onClick={() => void copy()}
        >
          <Icon of={state === "copied" ? Check : Copy} size={16} />
          <span aria-live="polite">{state === "copied" ? t("share.copied") : t("share.copy")}</span>
        </button>
      </div>
      {state === "failed" && <p class="share-failed">{t("share.copy_failed")}</p>}
    </>
  );
}
