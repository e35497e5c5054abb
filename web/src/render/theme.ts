// The colours of theme.css as the canvas needs them, read once per theme change. Not here: choosing the theme (ui).

export interface Theme {
  readonly page: string;
  readonly dots: string;
  readonly frame: string;
  readonly border: string;
  readonly text: string;
  readonly muted: string;
  readonly panel: string;
  readonly accent: string;
  readonly accentSoft: string;
  readonly onAccent: string;
  /** Of a mark for what is no longer there. */
  readonly gone: string;
  readonly onPerson: string;
  /** Fills by palette index (SPEC V4), without NONE. */
  readonly fills: readonly string[];
  /** The same colours as ink: strokes and free text. */
  readonly inks: readonly string[];
  readonly onFill: string;
  readonly onDark: string;
  readonly stickyEdge: string;
  readonly shadowColor: string;
  readonly shadowNear: number;
  readonly shadowFar: number;
  readonly people: readonly string[];
  readonly family: string;
  readonly emoji: string;
}

const FILLS = 11;
const PEOPLE = 12;

export function readTheme(): Theme {
  const style = getComputedStyle(document.documentElement);
  const read = (name: string): string => style.getPropertyValue(`--${name}`).trim();
  const series = (prefix: string, n: number): readonly string[] =>
    Array.from({ length: n }, (_, i) => read(`${prefix}${i}`));
  return {
    page: read("page"),
    dots: read("dots"),
    frame: read("frame"),
    border: read("border"),
    text: read("text"),
    muted: read("muted"),
    panel: read("panel"),
    accent: read("accent"),
    accentSoft: read("accent-soft"),
    onAccent: read("on-accent"),
    gone: read("gone"),
    onPerson: read("on-person"),
    fills: series("p", FILLS),
    inks: series("i", FILLS),
    onFill: read("on-p"),
    onDark: read("on-p8"),
    stickyEdge: read("sticky-edge"),
    shadowColor: read("shadow-color") || "#000000",
    shadowNear: Number(read("shadow-near")),
    shadowFar: Number(read("shadow-far")),
    people: series("person", PEOPLE),
    family: read("font"),
    emoji: read("emoji"),
  };
}

/** Calls back after the theme attribute changed; returns the way to stop. */
export function watchTheme(changed: () => void): () => void {
  const observer = new MutationObserver(changed);
  observer.observe(document.documentElement, { attributeFilter: ["data-theme", "lang"] });
  return () => observer.disconnect();
}

export function personColor(theme: Theme, hue: number): string {
  return theme.people[hue % theme.people.length] ?? theme.accent;
}
