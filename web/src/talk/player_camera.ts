// Whose hand the camera is in: the speaker's, or the viewer's. The player shows what the speaker framed; as soon as anything
// else moves the camera, or the viewer touches the board, it lets go, and goes back smoothly when asked to.

import { effect, signal, untracked } from "@preact/signals";
import type { BoardRect } from "../geom/types.ts";
import { cameraBetween, reducedMotion, stopGlide } from "../state/glide.ts";
import type { Insets } from "../state/playing.ts";
import type { ToolName, Tooling } from "../state/tooling.ts";
import type { BoardStore, Camera } from "../state/types.ts";
import { framed } from "./camera_path.ts";

const BACK_MS = 360;
const POINTING: ReadonlySet<ToolName> = new Set(["comment", "laser"]);

export interface SpeakerCameraDeps {
  readonly store: BoardStore;
  readonly tooling: Tooling;
  readonly host: HTMLElement;
  readonly insets: { readonly value: Insets; peek(): Insets };
  /** Something else than time asks for a new look: the window, a bar. */
  readonly stale: () => void;
}

export class SpeakerCamera {
  readonly following = signal(false);
  private placed: Camera | null = null;
  private from: Camera | null = null;
  private since = 0;
  private readonly stops: (() => void)[] = [];

  constructor(private readonly deps: SpeakerCameraDeps) {
    const { store, tooling, host, insets, stale } = deps;
    const touched = (): void => this.letGo();
    // A comment or the laser points at what the speaker shows: nobody looks elsewhere for that.
    const pressed = (): void => void (POINTING.has(tooling.tool.peek()) || touched());
    host.addEventListener("pointerdown", pressed);
    this.stops.push(
      () => host.removeEventListener("pointerdown", pressed),
      effect(() => {
        const now = store.camera.value;
        if (now !== this.placed) untracked(touched);
      }),
      effect(() => {
        void [store.viewport.value, insets.value];
        untracked(stale);
      }),
      effect(() => {
        if (store.editing.value !== null) untracked(touched);
      }),
    );
  }

  follow(): void {
    const { store, tooling, stale } = this.deps;
    if (this.following.peek()) return;
    tooling.following.value = null;
    stopGlide(store.camera);
    this.placed = this.from = store.camera.peek();
    this.since = performance.now();
    this.following.value = true;
    stale();
  }

  letGo(): void {
    if (!this.following.peek()) return;
    this.following.value = false;
    this.from = null;
  }

  /** True while it is still on its way back. */
  show(view: BoardRect, now: number): boolean {
    if (!this.following.peek()) return false;
    const { store, insets } = this.deps;
    const goal = framed(view, store.viewport.peek(), insets.peek());
    const t = reducedMotion() ? 1 : Math.min(1, Math.max(0, (now - this.since) / BACK_MS));
    if (t === 1) this.from = null;
    this.place(this.from ? cameraBetween(this.from, goal, 1 - (1 - t) ** 3) : goal);
    return this.from !== null;
  }

  close(): void {
    for (const stop of this.stops) stop();
  }

  private place(camera: Camera): void {
    const now = this.deps.store.camera.peek();
    if (now.x === camera.x && now.y === camera.y && now.zoom === camera.zoom) return;
    this.placed = camera;
    this.deps.store.camera.value = camera;
  }
}
