// What a page shows while another tab of this browser keeps it from opening what the device holds.

import { render } from "preact";
import { t } from "../i18n/i18n.ts";
import type { Prefs } from "../state/types.ts";
import { applyAppearance } from "./appearance.ts";
import { Mark } from "./icons.tsx";

export function mountWaiting(root: HTMLElement, prefs: Prefs): () => void {
  const stopAppearance = applyAppearance(prefs);
  const card = (
    <div class="welcome">
      <div class="panel welcome-card" role="status" data-testid="waiting">
        <Mark size={52} />
        <h1>{t("waiting.title")}</h1>
        <p class="muted">{t("waiting.what")}</p>
      </div>
    </div>
  );
  render(card, root);
  return () => {
    stopAppearance();
    render(null, root);
  };
}
