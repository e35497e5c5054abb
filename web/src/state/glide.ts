// Moving the camera there smoothly: one flight per camera, ended by the next one or by the person's own hand.
// With reduced motion the camera is simply there.

import type { Signal } from "@preact/signals";
import type { Camera } from "./types.ts";

const FLIGHT_MS = 180;
const flights = new WeakMap<Signal<Camera>, number>();

const motion = typeof matchMedia === "undefined" ? null : matchMedia("(prefers-reduced-motion: reduce)");

/** Live: asked anew each time, cheap enough for every frame. */
export function reducedMotion(): boolean {
  return motion?.matches === true;
}

export function stopGlide(camera: Signal<Camera>): void {
  const frame = flights.get(camera);
  if (frame !== undefined) cancelAnimationFrame(frame);
  flights.delete(camera);
}

export function glideTo(camera: Signal<Camera>, target: Camera): void {
  stopGlide(camera);
  if (reducedMotion() || document.hidden) {
    camera.value = target;
    return;
  }
  const from = camera.peek();
  const startedAt = performance.now();
  const step = (now: number): void => {
    const t = Math.min(1, Math.max(0, (now - startedAt) / FLIGHT_MS));
    const ease = 1 - (1 - t) ** 3;
    camera.value = t === 1 ? target : cameraBetween(from, target, ease);
    if (t === 1) flights.delete(camera);
    else flights.set(camera, requestAnimationFrame(step));
  };
  flights.set(camera, requestAnimationFrame(step));
}

/** Zoom runs geometrically; the point that both views share stays on its line. */
export function cameraBetween(a: Camera, b: Camera, t: number): Camera {
  const zoom = a.zoom * (b.zoom / a.zoom) ** t;
  if (Math.abs(a.zoom - b.zoom) < 1e-6) {
    return { x: a.x + (b.x - a.x) * t, y: a.y + (b.y - a.y) * t, zoom };
  }
  const k = (1 / a.zoom - 1 / zoom) / (1 / a.zoom - 1 / b.zoom);
  return { x: a.x + (b.x - a.x) * k, y: a.y + (b.y - a.y) * k, zoom };
}
