// Captions: WebVTT into lines and back, and the lines a recorder typed into its timeline. Times here are recorded time;
// the player moves them to played time. Only what a caption needs is read: cue times and text, tags taken off.

import type { Ms } from "../engine/types.ts";
import type { TimelineEvent } from "./timeline.ts";

export interface Line {
  readonly from: Ms;
  readonly to: Ms;
  readonly text: string;
}

const TIME = /^(?:(\d{2,}):)?([0-5]\d):([0-5]\d)[.,](\d{3})$/;
const ENTITIES: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", nbsp: " ", lrm: "", rlm: "" };

function timeFrom(text: string): Ms | null {
  const found = TIME.exec(text);
  if (!found) return null;
  const [, hours = "0", minutes, seconds, ms] = found;
  return (((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000 + Number(ms)) as Ms;
}

function plain(cue: string): string {
  return cue
    .replace(/<[^>]*>/g, "")
    .replace(/&(\w+);/g, (whole, name: string) => ENTITIES[name] ?? whole)
    .trim();
}

/** Cues that make no sense are left out. */
export function linesFrom(vtt: string): readonly Line[] {
  const lines: Line[] = [];
  for (const block of vtt.replace(/^\uFEFF/, "").replace(/\r\n?/g, "\n").split(/\n{2,}/)) {
    const rows = block.split("\n");
    const timing = rows.findIndex((row) => row.includes("-->"));
    if (timing < 0) continue;
    const [begin = "", rest = ""] = rows[timing]!.split("-->");
    const from = timeFrom(begin.trim());
    const to = timeFrom(rest.trim().split(/\s/)[0] ?? "");
    const text = plain(rows.slice(timing + 1).join("\n"));
    if (from !== null && to !== null && to > from && text !== "") lines.push({ from, to, text });
  }
  return lines.sort((a, b) => a.from - b.from);
}

/** What was typed is read in so long, if nothing follows sooner: it is not to stand over the board for minutes. */
const STAY_MS = 6_000;
const STAY_MS_PER_CHARACTER = 150;

/** What was typed while a segment that begins at `fromMs` was recorded. */
export function typedLines(events: readonly TimelineEvent[], fromMs: Ms, lengthMs: Ms): readonly Line[] {
  const typed = events.filter((event) => event.is === "caption");
  return typed.flatMap(({ at, text }, i) => {
    const to = Math.min(typed[i + 1]?.at ?? lengthMs, at + STAY_MS + STAY_MS_PER_CHARACTER * text.length);
    return text.trim() === "" || to <= at ? [] : [{ from: (fromMs + at) as Ms, to: (fromMs + to) as Ms, text: text.trim() }];
  });
}
