// Every text and background that theme.css pairs meets WCAG AA in both themes: 4.5 to 1 for text, 3 to 1 for icons.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

type Rgb = readonly [number, number, number];

function block(css: string, selector: string): ReadonlyMap<string, string> {
  const start = css.indexOf(`${selector} {`);
  assert.ok(start >= 0, selector);
  const body = css.slice(start, css.indexOf("}", start));
  return new Map([...body.matchAll(/--([\w-]+):\s*([^;]+);/g)].map((m) => [m[1]!, m[2]!.trim()]));
}

function rgb(hex: string): Rgb {
  const digits = /^#([0-9a-f]{6})/i.exec(hex)?.[1];
  assert.ok(digits, hex);
  return [0, 2, 4].map((i) => parseInt(digits.slice(i, i + 2), 16)) as unknown as Rgb;
}

function luminance(color: Rgb): number {
  const [r, g, b] = color.map((v) => {
    const c = v / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  }) as unknown as Rgb;
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: Rgb, b: Rgb): number {
  const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

function mix(over: Rgb, under: Rgb, alpha: number): Rgb {
  return over.map((v, i) => v * alpha + under[i]! * (1 - alpha)) as unknown as Rgb;
}

const css = readFileSync(process.env.PLENUM_THEME ?? "web/src/theme.css", "utf8");
const light = block(css, ":root");
const dark = new Map([...light, ...block(css, ':root[data-theme="dark"]')]);
const AUTHOR_ALPHA = 0.78; // render/shapes/sticky.ts

for (const [name, theme] of [["light", light], ["dark", dark]] as const) {
  const color = (token: string): Rgb => rgb(theme.get(token) ?? "");
  const reads = (text: Rgb, ground: Rgb, least: number, what: string): void => {
    const ratio = contrast(text, ground);
    assert.ok(ratio >= least, `${name}: ${what} has ${ratio.toFixed(2)}, needs ${least}`);
  };

  test(`text reads on every ground of the ${name} theme`, () => {
    for (const ground of ["page", "panel", "raised", "frame"]) {
      reads(color("text"), color(ground), 4.5, `text on ${ground}`);
    }
    for (const ground of ["page", "panel", "frame", "raised"]) reads(color("muted"), color(ground), 4.5, `muted on ${ground}`);
    for (const tone of ["danger", "warn"]) reads(color(tone), color("panel"), 4.5, tone);
    for (const accent of ["accent", "accent-strong"]) reads(color("on-accent"), color(accent), 4.5, `on ${accent}`);
    reads(color("accent"), color("accent-soft"), 3, "an active tool's icon");
    reads(color("accent-strong"), color("accent-soft"), 4.5, "a moment's time");
  });

  test(`text and author read on every paper of the ${name} theme`, () => {
    for (let i = 0; i <= 10; i++) {
      const paper = color(`p${i}`);
      const ink = color(i === 8 ? "on-p8" : "on-p");
      reads(ink, paper, 4.5, `text on paper ${i}`);
      reads(mix(ink, paper, AUTHOR_ALPHA), paper, 4.5, `author on paper ${i}`);
    }
  });

  test(`names read on every person's colour in the ${name} theme`, () => {
    for (let i = 0; i < 12; i++) reads(color("on-person"), color(`person${i}`), 4.5, `person ${i}`);
  });

  test(`free text reads in every ink but white on the ${name} page`, () => {
    for (const i of [0, 1, 2, 3, 4, 5, 7, 8, 9, 10]) reads(color(`i${i}`), color("page"), 4.5, `ink ${i}`);
  });
}
