// How a talk-track's card is laid out: the picture above, words below, the play sign in the picture's middle. Drawing and
// pressing agree by it.

import type { BoardPoint, BoardRect } from "./types.ts";

export interface TrackCard {
  readonly picture: BoardRect;
  readonly words: BoardRect;
  readonly sign: BoardPoint;
  readonly radius: number;
}

const WORDS_SHARE = 0.3;

export function trackCard(r: BoardRect): TrackCard {
  const wordsH = Math.min(r.h * 0.5, Math.max(r.h * WORDS_SHARE, Math.min(56, r.h)));
  const picture = { x: r.x, y: r.y, w: r.w, h: r.h - wordsH };
  return {
    picture,
    words: { x: r.x, y: r.y + picture.h, w: r.w, h: wordsH },
    sign: { x: picture.x + picture.w / 2, y: picture.y + picture.h / 2 },
    radius: Math.min(picture.w, picture.h) * 0.22,
  };
}

export function onPlaySign(r: BoardRect, p: BoardPoint): boolean {
  const { sign, radius } = trackCard(r);
  return Math.hypot(p.x - sign.x, p.y - sign.y) <= radius;
}
