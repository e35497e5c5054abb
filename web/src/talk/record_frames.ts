// Leafing through the board's frames while recording: to the one after or before the one last gone to, whole and clear of
// what floats above and below. While slides are presented, it is their stage that goes.

import type { Signal } from "@preact/signals";
import type { ObjectId } from "../engine/types.ts";
import type { BoardRect } from "../geom/types.ts";
import { fitted } from "../state/camera.ts";
import { glideTo } from "../state/glide.ts";
import { SAFE } from "../state/playing.ts";
import { slideFrom, slidesOf } from "../state/slides.ts";
import type { BoardStore, Camera } from "../state/types.ts";

const MARGIN_PX = 12;
/** Above a frame stands its title. */
const TITLE_PX = 20;
const ZOOM_MOST = 4;

function cameraBetweenBars(store: BoardStore, rect: BoardRect): Camera {
  const { w, h } = store.viewport.peek();
  const top = SAFE.top + TITLE_PX;
  const camera = fitted(rect, { w, h: h - top - SAFE.bottom }, MARGIN_PX, ZOOM_MOST);
  return { ...camera, y: camera.y - top / camera.zoom };
}

export class Frames {
  private at: ObjectId | null = null;

  /** `slide`: the one being presented; null while nobody presents. */
  constructor(
    private readonly store: BoardStore,
    private readonly slide: Signal<ObjectId | null>,
  ) {}

  /** The frame that the view went to; null when there is none, or when a slide is shown instead. */
  go(step: 1 | -1): ObjectId | null {
    const { store, slide } = this;
    const presented = slide.peek();
    const frame = slideFrom(slidesOf(store.scene), presented ?? this.at, step);
    if (frame === null) return null;
    this.at = frame.id;
    if (presented !== null) {
      slide.value = frame.id;
      return null;
    }
    glideTo(store.camera, cameraBetweenBars(store, store.scene.rectOf(frame)));
    return frame.id;
  }

  /** From the first one again. */
  reset(): void {
    this.at = null;
  }
}
