// The pictures on talk-tracks' cards: loaded when a card is first drawn, and only for tracks this person may watch. Until
// one is there, and when there is none, the card is drawn without.

import { effect } from "@preact/signals";
import type { TrackDesk } from "../state/tracks.ts";

export interface Covers {
  of(track: string): HTMLImageElement | null;
  close(): void;
}

export function createCovers(desk: TrackDesk, changed: (track: string) => void): Covers {
  const images = new Map<string, HTMLImageElement>();
  let covered: ReadonlySet<string> = new Set();
  const stop = effect(() => {
    const now = new Set((desk.tracks.value ?? []).filter((track) => track.cover).map((track) => track.track));
    const before = covered;
    covered = now;
    for (const track of now) if (!before.has(track)) changed(track);
  });
  return {
    of(track) {
      if (!covered.has(track)) return null;
      const known = images.get(track);
      if (known !== undefined) return known.complete && known.naturalWidth > 0 ? known : null;
      const image = new Image();
      images.set(track, image);
      image.addEventListener("load", () => changed(track));
      image.src = desk.coverUrl(track);
      return null;
    },
    close: stop,
  };
}
