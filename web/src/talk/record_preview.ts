// A listen to what was recorded, from one moment to another, through segments; and a picture of the camera at a
// moment. What a browser has just recorded says nothing of its length: it has to be looked for once before anything
// can be sought.

import type { Ms } from "../engine/types.ts";
import { startOf } from "../state/takes.ts";
import { mediaOf, type MediaPlaces, type Reel } from "./record_review.ts";

const STEP_MS = 100;
const PATIENCE_MS = 4000;
const BEYOND_S = 1e7;
const PICTURE = { w: 640, h: 360 } as const;

function happens(target: EventTarget, name: string): Promise<void> {
  return new Promise((resolve, reject) => {
    target.addEventListener(name, () => resolve(), { once: true });
    target.addEventListener("error", () => reject(new Error("it cannot be played")), { once: true });
    setTimeout(() => reject(new Error("it takes too long")), PATIENCE_MS);
  });
}

async function seek(media: HTMLMediaElement, seconds: number): Promise<void> {
  if (media.readyState < HTMLMediaElement.HAVE_METADATA) await happens(media, "loadedmetadata");
  if (!Number.isFinite(media.duration)) {
    media.currentTime = BEYOND_S;
    await happens(media, "seeked");
  }
  if (Math.abs(media.currentTime - seconds) < 0.01) return;
  media.currentTime = seconds;
  await happens(media, "seeked");
}

interface Listening {
  readonly reel: Reel;
  readonly places: MediaPlaces;
  /** Ten times a second. */
  at(ms: Ms): void;
  over(): void;
}

function segmentAt(reel: Reel, ms: Ms): number {
  const { segments } = reel.take;
  const index = segments.findIndex((segment, i) => ms < startOf(segments, i) + segment.lengthMs);
  return index < 0 ? segments.length - 1 : index;
}

/** Plays `ms` to `untilMs`; what is missing or silent takes its time all the same. */
export function listen(to: Listening, ms: Ms, untilMs: Ms): { stop(): void } {
  let stopped = false;
  let silence: () => void = () => undefined;

  async function sound(index: number, from: Ms): Promise<() => void> {
    const media = await mediaOf(to.reel, index, to.places).catch(() => null);
    if (media === null) return () => undefined;
    const audio = new Audio(media.url);
    const quiet = (): void => {
      audio.pause();
      media.close();
    };
    try {
      await seek(audio, (from - startOf(to.reel.take.segments, index)) / 1000);
      if (!stopped) await audio.play();
    } catch {
      // Then it is seen without being heard.
    }
    return quiet;
  }

  async function run(): Promise<void> {
    for (let at = ms; !stopped && at < untilMs; ) {
      const index = segmentAt(to.reel, at);
      const end = Math.min(untilMs, startOf(to.reel.take.segments, index + 1)) as Ms;
      silence = await sound(index, at);
      const began = performance.now();
      const from = at;
      while (!stopped && at < end) {
        to.at(at);
        await new Promise((resolve) => setTimeout(resolve, STEP_MS));
        at = Math.min(end, from + performance.now() - began) as Ms;
      }
      silence();
    }
    if (!stopped) to.over();
  }
  void run();
  return {
    stop() {
      stopped = true;
      silence();
    },
  };
}

export async function cameraPicture(reel: Reel, ms: Ms, places: MediaPlaces): Promise<Blob | null> {
  const index = segmentAt(reel, ms);
  if (reel.take.segments[index]?.type.startsWith("video/") !== true) return null;
  const media = await mediaOf(reel, index, places).catch(() => null);
  if (media === null) return null;
  const video = document.createElement("video");
  try {
    video.muted = true;
    video.preload = "auto";
    video.src = media.url;
    await seek(video, Math.max(0, (ms - startOf(reel.take.segments, index)) / 1000));
    return await pictureOf(video);
  } catch {
    return null;
  } finally {
    media.close();
  }
}

/** The middle of the camera's picture, 16:9. */
function pictureOf(video: HTMLVideoElement): Promise<Blob | null> {
  const canvas = document.createElement("canvas");
  canvas.width = PICTURE.w;
  canvas.height = PICTURE.h;
  const scale = Math.max(PICTURE.w / video.videoWidth, PICTURE.h / video.videoHeight);
  const w = video.videoWidth * scale;
  const h = video.videoHeight * scale;
  canvas.getContext("2d")?.drawImage(video, (PICTURE.w - w) / 2, (PICTURE.h - h) / 2, w, h);
  return new Promise((resolve) => canvas.toBlob(resolve, "image/webp", 0.85));
}
