// How far this guest watched each track: kept on this device, to go on from there, and told to the server now and then,
// for the author. Losing it loses nothing but the place.

import type { Ms } from "../engine/types.ts";
import type { TrackDesk } from "../state/tracks.ts";

const PREFIX = "plenum.track.";
const TELL_MS_MIN = 10_000;
/** So near its end a track counts as seen, and begins anew next time. */
const END_MS = 3_000;

export interface Watched {
  readonly at: Ms;
  readonly furthest: Ms;
}

export function watchedOf(track: string): Watched {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(PREFIX + track) ?? "null");
    if (Array.isArray(kept) && kept.length === 2 && kept.every((part) => typeof part === "number")) {
      return { at: kept[0] as Ms, furthest: kept[1] as Ms };
    }
  } catch {
    // Storage is forbidden, or what stands there is not ours.
  }
  return { at: 0 as Ms, furthest: 0 as Ms };
}

export interface Progress {
  /** Where to begin. */
  readonly from: Ms;
  moved(at: Ms, playing: boolean): void;
  close(): void;
}

/** `refused`: the server did not take it; it is told again with what comes next. */
export function keepProgress(desk: TrackDesk, track: string, length: Ms, refused: () => void): Progress {
  const before = watchedOf(track);
  let { at, furthest } = before;
  let toldAt = -Infinity;
  let told = 0;

  function keep(): void {
    try {
      localStorage.setItem(PREFIX + track, JSON.stringify([Math.round(at), Math.round(furthest)]));
    } catch {
      // The place is forgotten with the page.
    }
  }

  function tell(): void {
    toldAt = performance.now();
    keep();
    if (furthest <= told) return;
    const before = told;
    told = furthest;
    desk.progress(track, furthest).catch(() => {
      told = before;
      refused();
    });
  }

  const onHide = (): void => tell();
  addEventListener("pagehide", onHide);
  return {
    from: before.at < length - END_MS ? before.at : (0 as Ms),
    moved(now, playing) {
      at = now;
      if (!playing) return;
      furthest = Math.max(furthest, now) as Ms;
      if (performance.now() - toldAt >= TELL_MS_MIN) tell();
    },
    close() {
      removeEventListener("pagehide", onHide);
      tell();
    },
  };
}
