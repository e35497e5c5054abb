// How the person is known and how they like it: name, theme, language, kept in localStorage. A browser that refuses
// storage still gets working preferences; they last as long as the page.

import { effect, signal } from "@preact/signals";
import { Limits } from "../engine/generated.ts";
import { friendlyName } from "./names.ts";
import type { Prefs } from "./types.ts";

const KEYS = { name: "plenum.name", theme: "plenum.theme", language: "plenum.language" } as const;

function stored(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function keep(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // Storage is full or forbidden: the choice holds until the page closes.
  }
}

/** Trimmed, without control characters, and within the server's limit of bytes. */
export function cleanName(raw: string): string {
  let name = raw.replace(/\p{Cc}+/gu, " ").trim();
  const encoder = new TextEncoder();
  while (encoder.encode(name).length > Limits.NAME_BYTES_MAX) name = [...name].slice(0, -1).join("");
  return name;
}

function browserLanguage(): "en" | "zh" {
  const known = navigator.languages.find((tag) => /^(en|zh)\b/i.test(tag));
  return known !== undefined && /^zh/i.test(known) ? "zh" : "en";
}

export function loadPrefs(): Prefs {
  const theme = stored(KEYS.theme);
  const language = stored(KEYS.language);
  const spoken = language === "en" || language === "zh" ? language : browserLanguage();
  const prefs: Prefs = {
    name: signal(cleanName(stored(KEYS.name) ?? "")),
    suggestedName: friendlyName(spoken, crypto.getRandomValues(new Uint32Array(1))[0] ?? 0),
    theme: signal(theme === "light" || theme === "dark" ? theme : "system"),
    language: signal(spoken),
  };
  effect(() => keep(KEYS.name, prefs.name.value));
  effect(() => keep(KEYS.theme, prefs.theme.value));
  effect(() => keep(KEYS.language, prefs.language.value));
  return prefs;
}
