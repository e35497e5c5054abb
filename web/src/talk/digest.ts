// What people said of a track, for the follow-up: comments in order, under the chapter they were made in, each with the link
// to its moment; and the same as Markdown. Pure.

import type { Ms } from "../engine/types.ts";
import type { DigestPart, Mark } from "../state/playing.ts";
import { timeText } from "../state/time_text.ts";

/** Chapters without comments are left out; comments before the first chapter stand under none. */
export function digestOf(marks: readonly Mark[]): readonly DigestPart[] {
  const parts: { title: string; at: Ms; comments: Mark[] }[] = [{ title: "", at: 0 as Ms, comments: [] }];
  const chapterFirst = (a: Mark, b: Mark): number => Number(b.is === "chapter") - Number(a.is === "chapter");
  for (const mark of [...marks].sort((a, b) => a.at - b.at || chapterFirst(a, b))) {
    if (mark.is === "chapter") parts.push({ title: mark.text, at: mark.at, comments: [] });
    else if (mark.is === "comment") parts.at(-1)!.comments.push(mark);
  }
  return parts.filter((part) => part.comments.length > 0);
}

/** What Markdown would take for itself is written so that it reads as it was typed. */
function escaped(text: string): string {
  return text.replace(/([\\`*_{}[\]<>#|~])/g, "\\$1").replace(/^(\s*\d*)([-+.])(?=\s)/gm, "$1\\$2");
}

/** `linkTo` a moment in recorded time. */
export function markdownOf(
  title: string,
  by: string,
  parts: readonly DigestPart[],
  linkTo: (recorded: Ms) => string,
): string {
  const lines = [`# ${escaped(title)}`, "", escaped(by)];
  for (const part of parts) {
    if (part.title !== "") lines.push("", `## ${escaped(part.title)} (${timeText(part.at)})`);
    lines.push("");
    for (const { at, recordedMs, name, text } of part.comments) {
      const said = escaped(text).replace(/\n+/g, "\n  ");
      lines.push(`- [${timeText(at)}](<${linkTo(recordedMs)}>) **${escaped(name)}**: ${said}`);
    }
  }
  return `${lines.join("\n")}\n`;
}
