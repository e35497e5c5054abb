// Words in the person's language: one JSON file per language with the same keys. A value in braces is replaced; a key
// with ".one" is used instead when `n` takes the singular in that language. Reading `t` inside a component or an effect
// subscribes it to the language. English comes with the program, for it stands in where another language lacks a word; other
// languages are fetched when somebody speaks them.

import { signal } from "@preact/signals";
import en from "./en.json";

export type Language = "en" | "zh";
export type Key = keyof typeof en;
export type Values = Readonly<Record<string, string | number>>;

type Words = Readonly<Record<string, string>>;

const tables = new Map<Language, Words>([["en", en]]);
const fetched: Readonly<Record<Language, () => Promise<Words>>> = {
  en: async () => en,
  zh: async () => (await import("./zh.json")).default,
};
const tags: Readonly<Record<Language, string>> = { en: "en", zh: "zh-CN" };

export const language = signal<Language>("en");

let wanted: Language = "en";

/** The language is `next` when this resolves, or what it was, when its words cannot be had now. */
export async function speak(next: Language): Promise<void> {
  wanted = next;
  try {
    if (!tables.has(next)) tables.set(next, await fetched[next]());
    if (wanted === next) language.value = next; // else somebody changed their mind meanwhile
  } catch (error) {
    console.warn(error);
  }
}

export function languageTag(): string {
  return tags[language.value];
}

/** A key known at compile time. */
export function t(key: Key, values: Values = {}): string {
  return tAny(key, values);
}

/** A key that came as data, such as a notice's; an unknown one reads as itself. */
export function tAny(key: string, values: Values = {}): string {
  const table: Words = tables.get(language.value) ?? en;
  const { n } = values;
  const singular =
    typeof n === "number" && new Intl.PluralRules(languageTag()).select(n) === "one"
      ? table[`${key}.one`]
      : undefined;
  const words = singular ?? table[key] ?? (en as Words)[key] ?? key;
  return words.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

/** "in 3 minutes", "tomorrow". */
export function timeUntil(at: number, now: number): string {
  const format = new Intl.RelativeTimeFormat(languageTag(), { numeric: "auto" });
  const minutes = Math.max(1, Math.round((at - now) / 60_000));
  if (minutes < 60) return format.format(minutes, "minute");
  if (minutes < 60 * 24) return format.format(Math.round(minutes / 60), "hour");
  if (minutes < 60 * 24 * 60) return format.format(Math.round(minutes / (60 * 24)), "day");
  return new Intl.DateTimeFormat(languageTag(), { dateStyle: "medium" }).format(at);
}

/** "3 minutes ago", "yesterday". */
export function timeAgo(at: number, now: number): string {
  const format = new Intl.RelativeTimeFormat(languageTag(), { numeric: "auto" });
  const minutes = (at - now) / 60_000;
  if (minutes > -1) return t("time.now");
  if (minutes > -60) return format.format(Math.round(minutes), "minute");
  if (minutes > -60 * 24) return format.format(Math.round(minutes / 60), "hour");
  if (minutes > -60 * 24 * 30) return format.format(Math.round(minutes / (60 * 24)), "day");
  return new Intl.DateTimeFormat(languageTag(), { dateStyle: "medium" }).format(at);
}
