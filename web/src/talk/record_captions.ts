// Captions of a take as lines that can be changed, and as the WebVTT file that the server keeps. Reading is
// captions.ts's.

import type { Ms } from "../engine/types.ts";
import type { Cue } from "../state/takes.ts";

function stamp(ms: Ms): string {
  const whole = Math.max(0, Math.round(ms));
  const two = (value: number): string => String(value).padStart(2, "0");
  const seconds = Math.floor(whole / 1000);
  const clock = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60].map(two).join(":");
  return `${clock}.${String(whole % 1000).padStart(3, "0")}`;
}

function escaped(text: string): string {
  return text
    .replace(/&/g, "&amp;")
    .replace(/</g, "&lt;")
    .replace(/>/g, "&gt;")
    .replace(/\s*\n\s*/g, "\n")
    .trim();
}

export function vttOf(cues: readonly Cue[]): string {
  const blocks = cues
    .filter(({ from, to, text }) => to > from && text.trim() !== "")
    .map(({ from, to, text }) => `${stamp(from)} --> ${stamp(to)}\n${escaped(text)}\n`);
  return ["WEBVTT\n", ...blocks].join("\n");
}
