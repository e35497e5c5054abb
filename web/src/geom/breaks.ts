// Where a line of text may break: between words in scripts with spaces, between characters in Chinese, Japanese and
// Korean, keeping closing punctuation with what precedes it and opening punctuation with what follows (kinsoku).
// Pure: a string in, pieces out. Joining the pieces gives the string back.

/** A run that never breaks inside (unless wider than a line) and the spaces that may hang after it. */
export interface Piece {
  readonly text: string;
  readonly space: string;
}

const CJK =
  /[\u1100-\u11ff\u2e80-\u2fdf\u3000-\u30ff\u3100-\u31ff\u3200-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef]|[\ud840-\ud88d][\udc00-\udfff]/;
/** May not begin a line. */
const NOT_FIRST =
  "、。，．・：；？！ー）〕］｝〉》」』】〗’”…‥～％,.:;?!)]}%ぁぃぅぇぉっゃゅょァィゥェォッャュョ々";
/** May not end a line. */
const NOT_LAST = "（〔［｛〈《「『【〖‘“([{$￥¥£€";

const segmenter =
  typeof Intl !== "undefined" && "Segmenter" in Intl
    ? new Intl.Segmenter(undefined, { granularity: "grapheme" })
    : null;

/** User-perceived characters: what may stand alone on a line. */
export function graphemesOf(text: string): readonly string[] {
  if (segmenter === null) return Array.from(text);
  return Array.from(segmenter.segment(text), (s) => s.segment);
}

export function isCjk(text: string): boolean {
  return CJK.test(text);
}

function splitWord(word: string): readonly string[] {
  if (!CJK.test(word)) return splitHyphens(word);
  const pieces: string[] = [];
  let open = ""; // a Latin run or what must stay with the next character
  let glue = false;
  for (const g of graphemesOf(word)) {
    const cjk = CJK.test(g) && !NOT_FIRST.includes(g) && !NOT_LAST.includes(g);
    const last = pieces.length - 1;
    if (NOT_FIRST.includes(g)) {
      if (open !== "") open += g;
      else if (last >= 0) pieces[last] += g;
      else open = g;
      continue;
    }
    if (NOT_LAST.includes(g)) {
      if (open !== "" && !glue) pieces.push(open);
      open = glue ? open + g : g;
      glue = true;
      continue;
    }
    if (cjk) {
      if (open !== "" && !glue) {
        pieces.push(open);
        open = "";
      }
      pieces.push(open + g);
      open = "";
    } else {
      open += g;
    }
    glue = false;
  }
  if (open !== "") pieces.push(open);
  return pieces;
}

/** A hyphen inside a long word is a place to break, after it. */
function splitHyphens(word: string): readonly string[] {
  if (!/.-./.test(word)) return [word];
  return word.split(/(?<=[^-]-)(?=[^-\d])/);
}

/** The pieces of one paragraph (no newline inside). */
export function piecesOf(paragraph: string): readonly Piece[] {
  const pieces: Piece[] = [];
  const words = paragraph.match(/[^ \t\u3000]+[ \t\u3000]*|[ \t\u3000]+/g) ?? [];
  for (const match of words) {
    const word = match.replace(/[ \t\u3000]+$/, "");
    const space = match.slice(word.length);
    const parts = word === "" ? [""] : splitWord(word);
    parts.forEach((text, i) => pieces.push({ text, space: i === parts.length - 1 ? space : "" }));
  }
  return pieces;
}
