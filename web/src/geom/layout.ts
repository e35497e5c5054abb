// Laying text out in a box: lines, and the largest font size at which nothing overflows. Pure: how wide a piece is at
// a font size of 1 comes from the caller, so that widths are measured once and searching sizes costs no measuring.
// Not here: drawing, and where the box lies.

import { graphemesOf, isCjk, piecesOf } from "./breaks.ts";

/** Width of a string at font size 1, in the same unit. */
export type Measure = (text: string) => number;

export interface Line {
  readonly text: string;
  readonly width: number;
}

export interface TextLayout {
  readonly size: number;
  readonly lineHeight: number;
  readonly lines: readonly Line[];
  readonly width: number;
  readonly height: number;
  /** The width the lines were broken at. */
  readonly room: number;
}

export const LINE_HEIGHT = 1.25;
/** Below this nothing is legible anyway; longer texts are clipped. */
const SIZE_MIN = 0.5;

interface Run {
  readonly text: string;
  readonly width: number;
  readonly full: number; // with the space after it
  readonly space: string;
}

/** A text cut into measured pieces, by paragraph: everything a layout at any size needs. */
export type MeasuredText = readonly (readonly Run[])[];

export function measureText(text: string, measure: Measure): MeasuredText {
  return text.split("\n").map((paragraph) =>
    piecesOf(paragraph).map((piece) => {
      const width = measure(piece.text);
      const full = piece.space === "" ? width : width + measure(" ") * piece.space.length;
      return { text: piece.text, width, full, space: piece.space };
    }),
  );
}

function chop(run: Run, room: number, measure: Measure): Line[] {
  const lines: Line[] = [];
  let text = "";
  let width = 0;
  for (const g of graphemesOf(run.text)) {
    const w = measure(g);
    if (text !== "" && width + w > room) {
      lines.push({ text, width });
      text = "";
      width = 0;
    }
    text += g;
    width += w;
  }
  lines.push({ text, width });
  return lines;
}

/** Lines at font size 1 for a room of `room`; a piece wider than the room is chopped between characters. */
function breakLines(measured: MeasuredText, room: number, measure: Measure): readonly Line[] {
  const lines: Line[] = [];
  for (const runs of measured) {
    let text = "";
    let width = 0; // without the spaces that hang at the end
    let cursor = 0;
    for (const run of runs) {
      if (text !== "" && cursor + run.width > room) {
        lines.push({ text: text.trimEnd(), width });
        text = "";
        cursor = 0;
      }
      if (run.width > room && text === "") {
        const parts = chop(run, room, measure);
        lines.push(...parts.slice(0, -1));
        const rest = parts.at(-1) ?? { text: "", width: 0 };
        text = rest.text + run.space;
        width = rest.width;
        cursor = rest.width + run.full - run.width;
        continue;
      }
      text += run.text + run.space;
      width = cursor + run.width;
      cursor += run.full;
    }
    lines.push({ text: text.trimEnd(), width: text === "" ? 0 : width });
  }
  return lines;
}

export function layoutAt(
  measured: MeasuredText,
  size: number,
  roomWidth: number,
  measure: Measure,
): TextLayout {
  const unit = breakLines(measured, roomWidth / size + 1e-6, measure);
  const lines = unit.map((line) => ({ text: line.text, width: line.width * size }));
  const lineHeight = size * LINE_HEIGHT;
  const width = lines.reduce((widest, line) => Math.max(widest, line.width), 0);
  return { size, lineHeight, lines, width, height: lineHeight * lines.length, room: roomWidth };
}

function longestWord(measured: MeasuredText): number {
  let widest = 0;
  for (const runs of measured) for (const run of runs) widest = Math.max(widest, run.width);
  return widest;
}

/** Below this share of the widest line, a last line looks lost. */
const ORPHAN = 0.45;
const BALANCED_LINES_MAX = 6;

/** Chinese, Japanese and Korean in the same number of more even lines, when the last would hold a character or two. */
export function balanceText(
  measured: MeasuredText,
  layout: TextLayout,
  measure: Measure,
): TextLayout {
  const { lines, size, room } = layout;
  const last = lines.at(-1);
  if (measured.length > 1 || lines.length < 2 || lines.length > BALANCED_LINES_MAX) return layout;
  if (last === undefined || !isCjk(last.text) || last.width >= layout.width * ORPHAN) return layout;
  let narrow = layout.width / 2;
  let wide = room;
  for (let i = 0; i < 8; i++) {
    const middle = (narrow + wide) / 2;
    const tried = layoutAt(measured, size, middle, measure);
    if (tried.lines.length <= lines.length) wide = middle;
    else narrow = middle;
  }
  return layoutAt(measured, size, wide, measure);
}

/**
 * The largest size up to `sizeMax` at which the text fits `room`. Words stay whole down to a little under half of
 * `sizeMax`; longer ones are chopped rather than made tiny.
 */
export function fitText(
  measured: MeasuredText,
  sizeMax: number,
  room: { readonly w: number; readonly h: number },
  measure: Measure,
): TextLayout {
  const wholeWords = room.w / Math.max(1e-6, longestWord(measured));
  const cap = Math.min(sizeMax, Math.max(wholeWords, sizeMax * 0.45));
  const fits = (layout: TextLayout): boolean => layout.height <= room.h + 1e-6;
  const first = layoutAt(measured, cap, room.w, measure);
  if (fits(first)) return first;
  let low = Math.min(SIZE_MIN, cap);
  let high = cap;
  for (let i = 0; i < 12 && high - low > cap / 200; i++) {
    const middle = (low + high) / 2;
    if (fits(layoutAt(measured, middle, room.w, measure))) low = middle;
    else high = middle;
  }
  return layoutAt(measured, low, room.w, measure);
}
