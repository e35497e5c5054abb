// What plays one piece of a track and says where it is: a media element, whose clock is the only one, or for a silent
// walkthrough the page's own. Not here: which piece comes next (player_reel.ts).

import type { Ms } from "../engine/types.ts";
import type { Piece } from "./cuts.ts";

export type DeckState = "loading" | "ready" | "stalled" | "ended" | "failed";

export interface Deck {
  readonly piece: Piece;
  readonly element: HTMLVideoElement | null;
  /** In the segment's own time. */
  at(): Ms;
  state(): DeckState;
  /** Whether it would run from here at once and for a while. */
  primed(): boolean;
  /** Resolves false when the browser wants a press first. */
  play(): Promise<boolean>;
  pause(): void;
  seek(at: Ms): void;
  setRate(rate: number): void;
  close(): void;
}

/** What plays on for so long after an error has not failed. */
const ERROR_PATIENCE_MS = 500;

class MediaDeck implements Deck {
  readonly element: HTMLVideoElement;
  private stalled = false;
  private failed = false;
  private closed = false;

  constructor(
    readonly piece: Piece,
    url: string,
    rate: number,
    changed: () => void,
  ) {
    const media = document.createElement("video");
    this.element = media;
    media.preload = "auto";
    media.playsInline = true;
    media.disablePictureInPicture = true;
    const told = (stalled: boolean) => () => {
      this.stalled = stalled;
      changed();
    };
    media.addEventListener("waiting", told(true));
    for (const name of ["playing", "canplay", "seeked"]) media.addEventListener(name, told(false));
    for (const name of ["loadedmetadata", "ended", "pause"]) media.addEventListener(name, changed);
    // Firefox without a device for sound says so as an error, and plays on.
    media.addEventListener("error", () => {
      const { currentTime } = media;
      setTimeout(() => {
        if (this.closed || media.currentTime !== currentTime) return;
        this.failed = true;
        changed();
      }, ERROR_PATIENCE_MS);
    });
    media.src = url;
    media.defaultPlaybackRate = media.playbackRate = rate;
    media.currentTime = piece.fromMs / 1000;
  }

  at(): Ms {
    return (this.element.currentTime * 1000) as Ms;
  }
  state(): DeckState {
    if (this.failed) return "failed";
    if (this.element.ended) return "ended";
    if (this.element.readyState < HTMLMediaElement.HAVE_CURRENT_DATA) return "loading";
    return this.stalled || this.element.seeking ? "stalled" : "ready";
  }
  primed(): boolean {
    return !this.element.seeking && this.element.readyState >= HTMLMediaElement.HAVE_FUTURE_DATA;
  }
  async play(): Promise<boolean> {
    try {
      await this.element.play();
      return true;
    } catch (error) {
      // A pause or a close that came in between is no refusal.
      return !(error instanceof DOMException && error.name === "NotAllowedError");
    }
  }
  pause(): void {
    this.element.pause();
  }
  seek(at: Ms): void {
    this.element.currentTime = at / 1000;
  }
  setRate(rate: number): void {
    this.element.playbackRate = rate;
  }
  close(): void {
    this.closed = true;
    this.element.pause();
    this.element.removeAttribute("src");
    this.element.load(); // lets go of the connection
    this.element.remove();
  }
}

class SilentDeck implements Deck {
  readonly element = null;
  private base: Ms;
  private since: number | null = null;
  private rate: number;

  constructor(
    readonly piece: Piece,
    rate: number,
  ) {
    this.base = piece.fromMs;
    this.rate = rate;
  }

  at(): Ms {
    const run = this.since === null ? 0 : (performance.now() - this.since) * this.rate;
    return Math.min(this.piece.fromMs + this.piece.lengthMs, this.base + run) as Ms;
  }
  state(): DeckState {
    return this.at() >= this.piece.fromMs + this.piece.lengthMs ? "ended" : "ready";
  }
  primed(): boolean {
    return true;
  }
  play(): Promise<boolean> {
    this.since ??= performance.now();
    return Promise.resolve(true);
  }
  pause(): void {
    this.base = this.at();
    this.since = null;
  }
  seek(at: Ms): void {
    this.base = at;
    if (this.since !== null) this.since = performance.now();
  }
  setRate(rate: number): void {
    this.seek(this.at());
    this.rate = rate;
  }
  close(): void {
    this.pause();
  }
}

/** `mediaUrl` is asked only for a piece that has media. `changed`: its state may be another. */
export function createDeck(piece: Piece, mediaUrl: (segment: number) => string, rate: number, changed: () => void): Deck {
  return piece.type === "" ? new SilentDeck(piece, rate) : new MediaDeck(piece, mediaUrl(piece.segment), rate, changed);
}
