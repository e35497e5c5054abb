// How shortcuts read on this computer: cmd and option signs on a Mac, words elsewhere.

import { t } from "../i18n/i18n.ts";
import { SHORTCUTS } from "../state/shortcuts.ts";
import type { ShortcutId } from "../state/shortcuts.ts";

const mac = /Mac|iPhone|iPad/.test(navigator.platform);

export function keycap(key: string): string {
  switch (key) {
    case "$mod":
      return mac ? "⌘" : "Ctrl";
    case "Shift":
      return mac ? "⇧" : "Shift";
    case "Alt":
      return mac ? "⌥" : "Alt";
    case "arrows":
      return t("keycap.arrows");
    case "drag":
      return t("keycap.drag");
    case "Space":
      return t("keycap.space");
    default:
      return key;
  }
}

export function shortcutText(id: ShortcutId): string {
  const found = SHORTCUTS.find((shortcut) => shortcut.id === id);
  return found === undefined ? "" : found.shown.map(keycap).join(mac ? "" : "+");
}
