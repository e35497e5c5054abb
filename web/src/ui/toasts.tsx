// Notices: what happened, what was kept, and the kept text to copy. A notice without kept text leaves by itself; one with
// it stays until the person says so.

import { Check, CircleAlert, Copy, Info, TriangleAlert, X } from "lucide";
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { t, tAny } from "../i18n/i18n.ts";
import type { BoardStore, Notice } from "../state/types.ts";
import { IconButton } from "./controls.tsx";
import { copyText } from "./copy_text.ts";
import { Icon } from "./icons.tsx";

const STAY_MS = 7000;
const ICONS = { info: Info, warn: TriangleAlert, error: CircleAlert } as const;

function Toast(props: { readonly notice: Notice; readonly dismiss: () => void }): JSX.Element {
  const { notice, dismiss } = props;
  const [copied, setCopied] = useState(false);
  const { kept, offer } = notice;
  useEffect(() => {
    if (kept !== null) return;
    const timer = setTimeout(dismiss, STAY_MS);
    return () => clearTimeout(timer);
  }, [notice.id]);
  return (
    <div class={`panel toast toast-${notice.tone}`} data-testid="toast" data-key={notice.key}>
      <Icon of={ICONS[notice.tone]} size={18} />
      <div class="toast-body">
        <p>{tAny(notice.key, notice.values)}</p>
        {kept !== null && <pre class="toast-kept" tabIndex={0}>{kept}</pre>}
        {kept !== null && (
          <button
            type="button"
            class="button small"
            onClick={() => void copyText(kept).then((done) => setCopied(done))}
          >
            <Icon of={copied ? Check : Copy} size={15} />
            {copied ? t("notice.copied") : t("notice.copy_kept")}
          </button>
        )}
        {offer !== null && (
          <button type="button" class="button small" data-testid="toast-offer" onClick={offer.take}>
            {tAny(offer.key)}
          </button>
        )}
      </div>
      <IconButton icon={X} label={t("notice.dismiss")} kind="narrow" size={16} onPress={dismiss} tip="none" />
    </div>
  );
}

export function Toasts(props: { readonly store: BoardStore }): JSX.Element {
  const { notices } = props.store;
  const dismiss = (id: number): void => {
    notices.value = notices.peek().filter((notice) => notice.id !== id);
  };
  return (
    <div class="toasts" role="status" aria-live="polite">
      {notices.value.map((notice) => (
        <Toast key={notice.id} notice={notice} dismiss={() => dismiss(notice.id)} />
      ))}
    </div>
  );
}
