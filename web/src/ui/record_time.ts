// Times of a recording as people type them, and sizes as they read them.

import { languageTag } from "../i18n/i18n.ts";

/** "2:07", "127" or "1:02:03" as ms; null for what is no time. */
export function timeFrom(text: string): number | null {
  const parts = text.trim().split(":");
  if (parts.length > 3 || !parts.every((part) => /^\d{1,4}$/.test(part))) return null;
  return parts.reduce((sum, part) => sum * 60 + Number(part), 0) * 1000;
}

export function sizeText(bytes: number): string {
  const megabytes = bytes / 1e6;
  const format = new Intl.NumberFormat(languageTag(), { maximumFractionDigits: megabytes < 10 ? 1 : 0 });
  return `${format.format(megabytes)} MB`;
}
