// The mathematics of looking at the board: a view is the board point at the screen's top left and the number of
// screen pixels per board unit. Pure; the camera signal itself lives in state.

import type { BoardPoint, BoardRect, ScreenPoint, ScreenSize } from "./types.ts";

export interface View {
  readonly x: number;
  readonly y: number;
  readonly zoom: number;
}

export const ZOOM_MIN = 0.05;
export const ZOOM_MAX = 8;

export function clampZoom(zoom: number): number {
  return Math.min(ZOOM_MAX, Math.max(ZOOM_MIN, zoom));
}

export function toBoard(view: View, p: ScreenPoint): BoardPoint {
  return { x: view.x + p.x / view.zoom, y: view.y + p.y / view.zoom };
}

export function toScreen(view: View, p: BoardPoint): ScreenPoint {
  return { x: (p.x - view.x) * view.zoom, y: (p.y - view.y) * view.zoom };
}

export function viewRect(view: View, size: ScreenSize): BoardRect {
  return { x: view.x, y: view.y, w: size.w / view.zoom, h: size.h / view.zoom };
}

export function panBy(view: View, dx: number, dy: number): View {
  return { x: view.x - dx / view.zoom, y: view.y - dy / view.zoom, zoom: view.zoom };
}

/** Zoom so that the board point under `at` stays under it. */
export function zoomAt(view: View, at: ScreenPoint, zoom: number): View {
  const next = clampZoom(zoom);
  const p = toBoard(view, at);
  return { x: p.x - at.x / next, y: p.y - at.y / next, zoom: next };
}

/** Show `rect` whole and centred, no closer than `zoom_max`, leaving the given margins free for chrome. */
export function fitView(
  rect: BoardRect,
  size: ScreenSize,
  margin: { readonly x: number; readonly top: number; readonly bottom: number },
  zoomMax: number,
): View {
  const w = Math.max(1, size.w - 2 * margin.x);
  const h = Math.max(1, size.h - margin.top - margin.bottom);
  const zoom = clampZoom(Math.min(zoomMax, w / Math.max(1, rect.w), h / Math.max(1, rect.h)));
  return {
    x: rect.x + rect.w / 2 - (margin.x + w / 2) / zoom,
    y: rect.y + rect.h / 2 - (margin.top + h / 2) / zoom,
    zoom,
  };
}

/** The next step of the zoom buttons: quarters around 100 %, doubling further out. */
export function zoomStep(zoom: number, direction: 1 | -1): number {
  const steps = [0.05, 0.1, 0.15, 0.25, 0.33, 0.5, 0.67, 0.75, 1, 1.25, 1.5, 2, 3, 4, 6, 8];
  const found =
    direction > 0
      ? steps.find((step) => step > zoom * 1.01)
      : steps.findLast((step) => step < zoom * 0.99);
  return found ?? clampZoom(zoom);
}
