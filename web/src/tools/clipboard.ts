// Copy, cut and paste through the browser's own clipboard events, which need no permission and work without a secure
// context. Objects travel as JSON inside text/html, so that they pass between boards and browsers; their texts travel
// as plain text for everybody else. Plain lines that are pasted become stickies, table cells side by side.

import { Kind, Field } from "../engine/generated.ts";
import type { Edit } from "../engine/types.ts";
import type { BoardPoint } from "../geom/types.ts";
import { readingOrder } from "../geom/reading.ts";
import { screenToBoard } from "../state/camera.ts";
import { tell } from "../state/notices.ts";
import { textOf } from "../state/read.ts";
import type { Commands } from "../state/tooling.ts";
import { copiesBounds, copiesOf, decodeCopies, encodeCopies, pasteCopies } from "./copies.ts";
import { selectedViews, withContent } from "./hit.ts";
import { isTyping } from "./keyboard.ts";
import { STICKY_GAP, STICKY_SIDE, createEdit } from "./make.ts";
import { frameFor, onTop } from "./place.ts";
import type { Bench } from "./tool.ts";

const STICKIES_MAX = 200;
const MARK = "data-plenum";

function escapeHtml(text: string): string {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
}

function toHtml(json: string, plain: string): string {
  const lines = escapeHtml(plain).replace(/\n/g, "<br>");
  return `<meta charset="utf-8"><div ${MARK}="${encodeURIComponent(json)}">${lines}</div>`;
}

function fromHtml(html: string): string | null {
  const found = new RegExp(`${MARK}="([^"]*)"`).exec(html);
  if (found?.[1] === undefined) return null;
  try {
    return decodeURIComponent(found[1]);
  } catch {
    return null;
  }
}

/** Rows of cells: lines, split at tabs when a table was copied. Empty ones are left out. */
export function cellsOf(plain: string): readonly (readonly string[])[] {
  return plain
    .replace(/\r\n?/g, "\n")
    .split("\n")
    .map((line) => line.split("\t").map((cell) => cell.trim()).filter((cell) => cell !== ""))
    .filter((row) => row.length > 0);
}

export function mountClipboard(
  bench: Bench,
  commands: Commands,
  pointer: () => BoardPoint | null,
): () => void {
  const { store } = bench;

  function target(): BoardPoint {
    const { w, h } = store.viewport.peek();
    return pointer() ?? screenToBoard(store.camera.peek(), { x: w / 2, y: h / 2 });
  }

  function copy(event: ClipboardEvent): boolean {
    const chosen = store.selection.peek();
    const selectedText = document.getSelection()?.isCollapsed === false;
    if (isTyping(event) || chosen.size === 0 || selectedText || event.clipboardData === null) return false;
    event.preventDefault();
    const views = readingOrder(selectedViews(bench), (view) => store.scene.rectOf(view));
    const plain = views.map(textOf).filter((text) => text !== "").join("\n");
    const json = encodeCopies(copiesOf(bench, withContent(bench, chosen)));
    event.clipboardData.setData("text/plain", plain);
    event.clipboardData.setData("text/html", toHtml(json, plain));
    return true;
  }

  function pasteLines(plain: string): void {
    const rows = cellsOf(plain);
    const table = rows.some((row) => row.length > 1);
    const all = rows.flat();
    const cells = all.slice(0, STICKIES_MAX);
    if (cells.length === 0) return;
    if (all.length > cells.length) tellLimit(all.slice(STICKIES_MAX));
    const columns = table
      ? Math.max(...rows.map((row) => row.length))
      : Math.ceil(Math.sqrt(cells.length));
    const step = STICKY_SIDE + STICKY_GAP;
    const middle = target();
    const left = middle.x - (Math.min(columns, cells.length) * step - STICKY_GAP) / 2;
    const top = middle.y - (Math.ceil(cells.length / columns) * step - STICKY_GAP) / 2;
    const spots = table
      ? rows.flatMap((row, y) => row.map((_, x) => ({ x, y })))
      : cells.map((_, i) => ({ x: i % columns, y: Math.floor(i / columns) }));
    const edits: Edit[] = [];
    cells.forEach((_, i) => {
      const spot = spots[i];
      if (spot === undefined) return;
      const at = { x: left + spot.x * step, y: top + spot.y * step, w: STICKY_SIDE, h: STICKY_SIDE };
      const frame = frameFor(bench, Kind.STICKY, at, new Set());
      const color = bench.tooling.stickyColor.peek();
      edits.push(createEdit(Kind.STICKY, at, [onTop(frame?.id ?? null), [Field.COLOR, color]]));
    });
    cells.forEach((text, i) => {
      edits.push({ do: "text", id: i, field: Field.TEXT, at: 0, remove: 0, text });
    });
    const done = store.edit(edits, store.newGesture());
    if (done !== null) store.selection.value = new Set(done.created);
  }

  /** What was too much is not lost: the notice keeps it for copying. */
  function tellLimit(rest: readonly string[]): void {
    tell(store.notices, "warn", "notice.paste_limit", { values: { n: STICKIES_MAX }, kept: rest.join("\n") });
  }

  const onCopy = (event: ClipboardEvent): void => void copy(event);
  const onCut = (event: ClipboardEvent): void => {
    if (store.canEdit.peek() && copy(event)) commands.remove();
  };
  const onPaste = (event: ClipboardEvent): void => {
    const data = event.clipboardData;
    if (isTyping(event) || data === null || !store.canEdit.peek()) return;
    event.preventDefault();
    const json = fromHtml(data.getData("text/html"));
    const copies = json === null ? null : decodeCopies(json);
    const bounds = copies === null ? null : copiesBounds(copies);
    if (copies === null || bounds === null) {
      pasteLines(data.getData("text/plain"));
      return;
    }
    const at = target();
    pasteCopies(bench, copies, at.x - bounds.x - bounds.w / 2, at.y - bounds.y - bounds.h / 2);
  };
  document.addEventListener("copy", onCopy);
  document.addEventListener("cut", onCut);
  document.addEventListener("paste", onPaste);
  return () => {
    document.removeEventListener("copy", onCopy);
    document.removeEventListener("cut", onCut);
    document.removeEventListener("paste", onPaste);
  };
}
