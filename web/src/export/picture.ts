// Pictures of the board: a small one for the home page, and the whole board or a selection as a PNG. Painting comes in
// as a port, so that a picture looks like the board because it is painted by the same code.

import type { ObjectId } from "../engine/types.ts";
import { boundsOf, growRect } from "../geom/rect.ts";
import type { BoardRect } from "../geom/types.ts";
import type { CanvasPort } from "../state/tooling.ts";
import type { Scene } from "../state/types.ts";

const THUMB = { w: 480, h: 300 } as const;
const THUMB_MARGIN = 40;
const COVER = { w: 640, h: 360 } as const;
const PICTURE_MARGIN = 48;
const PICTURE_SCALE = 2;
const SIDE_MAX = 8192; // what browsers' canvases and most viewers take

function blank(w: number, h: number): { canvas: HTMLCanvasElement; ctx: CanvasRenderingContext2D } | null {
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(w));
  canvas.height = Math.max(1, Math.round(h));
  const ctx = canvas.getContext("2d");
  return ctx === null ? null : { canvas, ctx };
}

function toBlob(canvas: HTMLCanvasElement, type: string): Promise<Blob | null> {
  return new Promise((resolve) => canvas.toBlob(resolve, type, 0.85));
}

function contentBounds(scene: Scene, only: ReadonlySet<ObjectId> | null): BoardRect | null {
  const views = scene.inOrder().filter((view) => only === null || only.has(view.id));
  return boundsOf(views.map((view) => scene.rectOf(view)));
}

/** The whole board at a glance; null while it is empty. */
export async function thumbnailOf(scene: Scene, port: CanvasPort): Promise<Blob | null> {
  const bounds = contentBounds(scene, null);
  const made = bounds === null ? null : blank(THUMB.w, THUMB.h);
  if (bounds === null || made === null) return null;
  const content = growRect(bounds, THUMB_MARGIN);
  const scale = Math.min(THUMB.w / content.w, THUMB.h / content.h, 1);
  const w = THUMB.w / scale;
  const h = THUMB.h / scale;
  const rect = { x: content.x + (content.w - w) / 2, y: content.y + (content.h - h) / 2, w, h };
  port.paint(made.ctx, rect, scale, { background: true, only: null });
  return toBlob(made.canvas, "image/webp");
}

/** What is around `view`, as a talk-track's cover shows it. */
export async function coverOf(port: CanvasPort, view: BoardRect): Promise<Blob | null> {
  const made = blank(COVER.w, COVER.h);
  if (made === null) return null;
  const scale = Math.min(COVER.w / Math.max(1, view.w), COVER.h / Math.max(1, view.h));
  const w = COVER.w / scale;
  const h = COVER.h / scale;
  const rect = { x: view.x + (view.w - w) / 2, y: view.y + (view.h - h) / 2, w, h };
  port.paint(made.ctx, rect, scale, { background: true, only: null });
  return toBlob(made.canvas, "image/webp");
}

/** The board, or the objects in `only`, as a PNG; null when there is nothing to show. */
export async function pictureOf(
  scene: Scene,
  port: CanvasPort,
  only: ReadonlySet<ObjectId> | null,
): Promise<Blob | null> {
  const bounds = contentBounds(scene, only);
  if (bounds === null) return null;
  const rect = growRect(bounds, PICTURE_MARGIN);
  const scale = Math.min(PICTURE_SCALE, SIDE_MAX / rect.w, SIDE_MAX / rect.h);
  const made = blank(rect.w * scale, rect.h * scale);
  if (made === null) return null;
  port.paint(made.ctx, rect, scale, { background: true, only });
  return toBlob(made.canvas, "image/png");
}

/** Hands a file to the person. */
export function saveFile(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = url;
  link.download = name.replace(/[\\/:*?"<>|\u0000-\u001f]+/g, " ").trim() || "board";
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
