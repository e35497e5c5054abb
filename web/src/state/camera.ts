// The camera's arithmetic: board to screen and back, zooming about a point, fitting a rectangle. Pure functions over
// Camera values; who moves the camera and when is the tools' and the interface's business.

import type { BoardPoint, BoardRect, ScreenPoint, ScreenSize } from "../geom/types.ts";
import type { Camera } from "./types.ts";

export const ZOOM_MIN = 0.02;
export const ZOOM_MAX = 8;

export function boardToScreen(camera: Camera, at: BoardPoint): ScreenPoint {
  return { x: (at.x - camera.x) * camera.zoom, y: (at.y - camera.y) * camera.zoom };
}

export function screenToBoard(camera: Camera, at: ScreenPoint): BoardPoint {
  return { x: at.x / camera.zoom + camera.x, y: at.y / camera.zoom + camera.y };
}

/** The part of the board a screen of this size shows. */
export function visibleRect(camera: Camera, screen: ScreenSize): BoardRect {
  return { x: camera.x, y: camera.y, w: screen.w / camera.zoom, h: screen.h / camera.zoom };
}

export function panned(camera: Camera, dx: number, dy: number): Camera {
  return { x: camera.x - dx / camera.zoom, y: camera.y - dy / camera.zoom, zoom: camera.zoom };
}

/** Zooms so that the board point under `at` stays under it. */
export function zoomedAt(camera: Camera, at: ScreenPoint, zoom: number): Camera {
  const clamped = Math.min(ZOOM_MAX, Math.max(ZOOM_MIN, zoom));
  const anchor = screenToBoard(camera, at);
  return { x: anchor.x - at.x / clamped, y: anchor.y - at.y / clamped, zoom: clamped };
}

/** Shows `rect` whole and centred, with `margin` screen pixels around it, never closer than `zoomMax`. */
export function fitted(rect: BoardRect, screen: ScreenSize, margin = 64, zoomMax = 1): Camera {
  const roomW = Math.max(1, screen.w - 2 * margin);
  const roomH = Math.max(1, screen.h - 2 * margin);
  const wanted = Math.min(roomW / Math.max(1, rect.w), roomH / Math.max(1, rect.h), zoomMax);
  const zoom = Math.min(ZOOM_MAX, Math.max(ZOOM_MIN, wanted));
  return {
    x: rect.x + rect.w / 2 - screen.w / zoom / 2,
    y: rect.y + rect.h / 2 - screen.h / zoom / 2,
    zoom,
  };
}
