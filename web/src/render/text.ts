// Where an object's text stands: its box, its font size, its lines; measured with the canvas and kept per object until
// text, size or style change. Drawing the lines is here too, since every kind draws them the same way.
// Not here: breaking and fitting (geom/layout.ts), backgrounds (shapes/*).

import { Kind } from "../engine/generated.ts";
import type { ObjectId, ObjectView } from "../engine/types.ts";
import { balanceText, fitText, layoutAt, measureText } from "../geom/layout.ts";
import type { Measure, MeasuredText, TextLayout } from "../geom/layout.ts";
import { textAreaOf } from "../geom/outline.ts";
import type { BoardRect } from "../geom/types.ts";
import { Align, Color, alignOf, colorOf, fontOf, formOf, textOf } from "../state/read.ts";
import type { TextBox } from "../state/tooling.ts";
import type { Theme } from "./theme.ts";

export const TEXT_FONT = 20; // a free text's size when it has none of its own
const SHAPE_FONT = 16;
const REFERENCE_PX = 100; // widths are measured at this size and scaled
const WIDTHS_MAX = 20_000;
const KEPT_MAX = 12_000;

interface Kept {
  readonly key: string;
  readonly box: TextBox;
}

interface Style {
  readonly area: BoardRect;
  readonly sizeMax: number;
  readonly fitted: boolean;
  readonly vertical: "middle" | "top";
  readonly weight: number;
}

/** The height a sticky keeps free for its author's name. */
export function authorStrip(rect: BoardRect): number {
  return Math.min(rect.w, rect.h) * 0.17;
}

function styleOf(view: ObjectView, rect: BoardRect): Style {
  const side = Math.min(rect.w, rect.h);
  switch (view.kind) {
    case Kind.STICKY: {
      const pad = side * 0.085;
      const strip = authorStrip(rect);
      const area = {
        x: rect.x + pad,
        y: rect.y + pad,
        w: rect.w - 2 * pad,
        h: rect.h - pad - strip,
      };
      const sizeMax = fontOf(view) ?? side * 0.121;
      return { area, sizeMax, fitted: true, vertical: "middle", weight: 500 };
    }
    case Kind.SHAPE: {
      const inner = textAreaOf(formOf(view), rect);
      const pad = Math.min(10, Math.min(inner.w, inner.h) * 0.1);
      const area = {
        x: inner.x + pad,
        y: inner.y + pad,
        w: inner.w - 2 * pad,
        h: inner.h - 2 * pad,
      };
      return {
        area,
        sizeMax: fontOf(view) ?? SHAPE_FONT,
        fitted: true,
        vertical: "middle",
        weight: 500,
      };
    }
    default:
      return {
        area: rect,
        sizeMax: fontOf(view) ?? TEXT_FONT,
        fitted: false,
        vertical: "top",
        weight: 450,
      };
  }
}

function colorFor(view: ObjectView, theme: Theme): string {
  const color = colorOf(view);
  if (view.kind === Kind.TEXT) return theme.inks[color] ?? theme.text;
  if (color === Color.NONE) return theme.text;
  return color === Color.DARK ? theme.onDark : theme.onFill;
}

function alignName(view: ObjectView): "center" | "start" | "end" {
  switch (alignOf(view)) {
    case Align.START:
      return "start";
    case Align.END:
      return "end";
    default:
      return "center";
  }
}

export interface Texts {
  /** The object's own text, kept until it changes. */
  boxOf(view: ObjectView, rect: BoardRect): TextBox;
  /** Another text in the same place: what is being typed. */
  boxFor(view: ObjectView, rect: BoardRect, text: string): TextBox;
  /** `text` cut to `width` at `size`, with an ellipsis when it was longer. */
  clipped(text: string, size: number, weight: number, width: number): string;
  widthOf(text: string, size: number, weight: number): number;
  forget(id: ObjectId): void;
  setTheme(theme: Theme): void;
}

export function createTexts(initial: Theme): Texts {
  const context = document.createElement("canvas").getContext("2d");
  if (context === null) throw new Error("no canvas");
  let theme = initial;
  const kept = new Map<ObjectId, Kept>();
  const widths = new Map<number, Map<string, number>>();

  function measurer(weight: number): Measure {
    let known = widths.get(weight);
    if (known === undefined) widths.set(weight, (known = new Map()));
    const table = known;
    return (text) => {
      const width = table.get(text);
      if (width !== undefined) return width;
      if (context === null) return 0;
      context.font = `${weight} ${REFERENCE_PX}px ${theme.family}`;
      const measured = context.measureText(text).width / REFERENCE_PX;
      if (table.size > WIDTHS_MAX) table.clear();
      table.set(text, measured);
      return measured;
    };
  }

  function boxFor(view: ObjectView, rect: BoardRect, text: string): TextBox {
    const style = styleOf(view, rect);
    const measure = measurer(style.weight);
    const measured: MeasuredText = measureText(text, measure);
    const room = { w: Math.max(1, style.area.w), h: Math.max(1, style.area.h) };
    const align = alignName(view);
    let layout: TextLayout = style.fitted
      ? fitText(measured, style.sizeMax, room, measure)
      : layoutAt(measured, style.sizeMax, room.w, measure);
    if (style.fitted && align === "center") layout = balanceText(measured, layout, measure);
    const free = style.vertical === "middle" ? (style.area.h - layout.height) / 2 : 0;
    return {
      area: style.area,
      layout,
      align,
      top: style.area.y + Math.max(0, free),
      vertical: style.vertical,
      weight: style.weight,
      family: theme.family,
      color: colorFor(view, theme),
    };
  }

  function boxOf(view: ObjectView, rect: BoardRect): TextBox {
    const text = textOf(view);
    const key = `${rect.w} ${rect.h} ${fontOf(view)} ${alignOf(view)} ${colorOf(view)} ${formOf(view)} ${text}`;
    const known = kept.get(view.id);
    if (known !== undefined && known.key === key) return movedBox(known.box, view, rect);
    const box = boxFor(view, rect, text);
    if (kept.size > KEPT_MAX) kept.clear();
    kept.set(view.id, { key, box });
    return box;
  }

  function movedBox(box: TextBox, view: ObjectView, rect: BoardRect): TextBox {
    const { area } = styleOf(view, rect);
    if (area.x === box.area.x && area.y === box.area.y) return box;
    return { ...box, area, top: box.top - box.area.y + area.y };
  }

  function widthOf(text: string, size: number, weight: number): number {
    return measurer(weight)(text) * size;
  }

  function clipped(text: string, size: number, weight: number, width: number): string {
    if (widthOf(text, size, weight) <= width) return text;
    const characters = Array.from(text);
    let low = 0;
    let high = characters.length;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      const tried = characters.slice(0, middle).join("").trimEnd() + "…";
      if (widthOf(tried, size, weight) <= width) low = middle;
      else high = middle - 1;
    }
    return low === 0 ? "" : characters.slice(0, low).join("").trimEnd() + "…";
  }

  return {
    boxOf,
    boxFor,
    clipped,
    widthOf,
    forget: (id) => void kept.delete(id),
    setTheme(next) {
      theme = next;
      kept.clear();
      widths.clear();
    },
  };
}

/** Draws a box's lines in board units; `scale` is device pixels per board unit. */
export function drawText(ctx: CanvasRenderingContext2D, box: TextBox, scale: number): void {
  const { layout } = box;
  const px = layout.size * scale;
  if (px < 2) return;
  ctx.fillStyle = box.color;
  if (px < 4.5) {
    drawGreeked(ctx, box);
    return;
  }
  ctx.font = `${box.weight} ${layout.size}px ${box.family}`;
  ctx.textBaseline = "alphabetic";
  ctx.textAlign = box.align === "center" ? "center" : box.align === "end" ? "right" : "left";
  const x = anchorX(box);
  const bottom = box.area.y + box.area.h;
  let middle = box.top + layout.lineHeight / 2;
  for (const line of layout.lines) {
    if (box.vertical === "middle" && middle > bottom + layout.lineHeight / 2) break;
    if (line.text !== "") ctx.fillText(line.text, x, middle + layout.size * 0.355);
    middle += layout.lineHeight;
  }
}

function anchorX(box: TextBox): number {
  switch (box.align) {
    case "center":
      return box.area.x + box.area.w / 2;
    case "end":
      return box.area.x + box.area.w;
    case "start":
      return box.area.x;
  }
}

/** Too small to read: soft bars where the lines are. */
function drawGreeked(ctx: CanvasRenderingContext2D, box: TextBox): void {
  const alpha = ctx.globalAlpha;
  ctx.globalAlpha = alpha * 0.4;
  let y = box.top + box.layout.lineHeight * 0.28;
  for (const line of box.layout.lines) {
    const slack = box.area.w - line.width;
    const shift = box.align === "center" ? slack / 2 : box.align === "end" ? slack : 0;
    ctx.fillRect(box.area.x + shift, y, line.width, box.layout.lineHeight * 0.42);
    y += box.layout.lineHeight;
  }
  ctx.globalAlpha = alpha;
}
