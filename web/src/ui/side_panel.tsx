// A panel that stands at the right edge until it is closed, beside whatever else one does; on phones a sheet at the bottom.

import type { ComponentChildren, JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { X } from "lucide";
import { t } from "../i18n/i18n.ts";
import { IconButton } from "./controls.tsx";

export function SidePanel(props: {
  readonly title: string;
  readonly testid: string;
  readonly onClose: () => void;
  /** Beside the title. */
  readonly actions?: ComponentChildren;
  readonly children: ComponentChildren;
}): JSX.Element {
  const panel = useRef<HTMLElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    panel.current?.focus({ preventScroll: true });
    return () => {
      // Whoever closes it by its own buttons is brought back; whoever works elsewhere stays there.
      const inside = document.activeElement === document.body || panel.current?.contains(document.activeElement) === true;
      if (inside && before instanceof HTMLElement) before.focus({ preventScroll: true });
    };
  }, []);
  return (
    <section
      ref={panel}
      class="panel side-panel"
      role="region"
      aria-label={props.title}
      tabIndex={-1}
      data-testid={props.testid}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || event.isComposing || event.defaultPrevented) return;
        event.preventDefault();
        event.stopPropagation();
        props.onClose();
      }}
    >
      <header class="side-head">
        <h2>{props.title}</h2>
        {props.actions}
        <IconButton icon={X} label={t("help.close")} onPress={props.onClose} tip="none" />
      </header>
      {props.children}
    </section>
  );
}
