// The help dialog: the table of shortcuts, printed. It does not block the board: Escape, the cross or a press outside
// closes it.

import { X } from "lucide";
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { t } from "../i18n/i18n.ts";
import { SHORTCUTS } from "../state/shortcuts.ts";
import type { Tooling } from "../state/tooling.ts";
import { IconButton } from "./controls.tsx";
import { keycap } from "./keys.ts";

const GROUPS = ["tools", "edit", "view"] as const;

export function Help(props: { readonly tooling: Tooling }): JSX.Element | null {
  const { helpOpen } = props.tooling;
  const open = helpOpen.value;
  const panel = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!open) return;
    const before = document.activeElement;
    panel.current?.focus({ preventScroll: true });
    return () => {
      if (before instanceof HTMLElement) before.focus({ preventScroll: true });
    };
  }, [open]);
  if (!open) return null;
  const close = (): void => void (helpOpen.value = false);
  return (
    <div class="veil" onPointerDown={(event) => event.target === event.currentTarget && close()}>
      <div
        ref={panel}
        class="panel dialog"
        role="dialog"
        aria-modal="true"
        aria-label={t("help.title")}
        tabIndex={-1}
        data-testid="help-dialog"
      >
        <div class="dialog-head">
          <h2>{t("help.title")}</h2>
          <IconButton icon={X} label={t("help.close")} onPress={close} tip="none" />
        </div>
        <div class="help-groups">
          {GROUPS.map((group) => (
            <section key={group}>
              <h3>{t(`help.${group}`)}</h3>
              <dl>
                {SHORTCUTS.filter((shortcut) => shortcut.group === group).map((shortcut) => (
                  <div key={shortcut.id} class="help-line">
                    <dt>{t(`key.${shortcut.id}`)}</dt>
                    <dd>
                      {shortcut.shown.map((key) => (
                        <kbd key={key}>{keycap(key)}</kbd>
                      ))}
                    </dd>
                  </div>
                ))}
              </dl>
            </section>
          ))}
        </div>
      </div>
    </div>
  );
}
