// Theme and language on the document: the attributes that theme.css, the canvas and screen readers go by.

import { effect, signal } from "@preact/signals";
import { languageTag, speak } from "../i18n/i18n.ts";
import type { Prefs } from "../state/types.ts";

/** Keeps the document in step with the preferences until the returned function is called. */
export function applyAppearance(prefs: Prefs): () => void {
  const query = matchMedia("(prefers-color-scheme: dark)");
  const systemDark = signal(query.matches);
  const onChange = (): void => void (systemDark.value = query.matches);
  query.addEventListener("change", onChange);
  const stops = [
    effect(() => {
      const chosen = prefs.theme.value;
      const theme = chosen === "system" ? (systemDark.value ? "dark" : "light") : chosen;
      document.documentElement.dataset["theme"] = theme;
    }),
    effect(() => void speak(prefs.language.value)),
    effect(() => {
      document.documentElement.lang = languageTag();
    }),
  ];
  return () => {
    query.removeEventListener("change", onChange);
    for (const stop of stops) stop();
  };
}
