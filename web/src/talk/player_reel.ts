// Plays a track's pieces through as if they were one: the next piece is made ready on a deck of its own before the one
// that plays runs out. Owns the decks and where the track is; says nothing of the board.

import type { Ms } from "../engine/types.ts";
import { lengthOf, pieceAt, type Piece } from "./cuts.ts";
import { createDeck, type Deck } from "./player_deck.ts";

/** So long before its turn a piece is loaded. */
const AHEAD_MS = 4_000;
/** A stream may end a little before the recorder said it does. */
const END_MS = 30;

export type ReelState = "loading" | "paused" | "playing" | "waiting" | "ended" | "failed";

export interface ReelEvents {
  /** State, piece or media element may be another. */
  changed(): void;
}

export class Reel {
  readonly length: Ms;
  private deck: Deck | null = null;
  private next: Deck | null = null;
  private wanted = false;
  /** It stands ready to play when it is let go. */
  private held = false;
  private atEnd = false;
  private rateNow = 1;

  constructor(
    private readonly pieces: readonly Piece[],
    private readonly mediaUrl: (segment: number) => string,
    private readonly events: ReelEvents,
  ) {
    this.length = lengthOf(pieces);
    const first = pieces[0];
    if (first) this.deck = this.deckFor(first);
  }

  /** Played time. */
  now(): Ms {
    if (this.atEnd) return this.length;
    const { deck } = this;
    if (!deck) return 0 as Ms;
    const within = Math.min(deck.piece.lengthMs, Math.max(0, deck.at() - deck.piece.fromMs));
    return (deck.piece.playedMs + within) as Ms;
  }
  piece(): Piece | null {
    return this.deck?.piece ?? null;
  }
  /** Whether it shall play, also while it waits for data. */
  get wants(): boolean {
    return this.wanted;
  }
  get rate(): number {
    return this.rateNow;
  }
  element(): HTMLVideoElement | null {
    return this.deck?.element ?? null;
  }

  state(): ReelState {
    const deck = this.deck?.state() ?? "failed";
    if (deck === "failed") return "failed";
    if (this.atEnd) return "ended";
    if (deck === "loading") return this.wanted ? "waiting" : "loading";
    if (!this.wanted) return "paused";
    return this.held || deck === "stalled" ? "waiting" : "playing";
  }

  play(): void {
    if (this.atEnd) this.seek(0 as Ms);
    this.wanted = true;
    this.held = false;
    this.run();
    this.events.changed();
  }

  pause(): void {
    this.wanted = this.held = false;
    this.deck?.pause();
    this.events.changed();
  }

  /** Goes there and stands ready, though it shall play: whoever must start at a very moment calls `play` then. */
  hold(to: Ms): void {
    this.wanted = this.held = true;
    this.deck?.pause();
    this.seek(to);
  }
  /** What is held would run at once. */
  get primed(): boolean {
    return this.held && this.deck !== null && this.deck.primed();
  }

  seek(to: Ms): void {
    const played = Math.min(this.length, Math.max(0, to)) as Ms;
    const piece = pieceAt(this.pieces, played);
    if (!piece) return;
    this.atEnd = played >= this.length;
    const within = (piece.fromMs + Math.min(piece.lengthMs, played - piece.playedMs)) as Ms;
    if (this.deck?.piece !== piece) this.put(this.next?.piece === piece ? this.next : this.deckFor(piece));
    this.deck?.seek(within);
    if (this.wanted && !this.held && !this.atEnd) this.run();
    this.events.changed();
  }

  /** Begins anew where it is: its media broke off. */
  again(): void {
    const { deck } = this;
    if (!deck) return;
    const at = this.now();
    this.put(this.deckFor(deck.piece));
    this.seek(at);
  }

  setRate(rate: number): void {
    if (rate === this.rateNow) return;
    this.rateNow = rate;
    this.deck?.setRate(rate);
    this.next?.setRate(rate);
  }

  /** To be called each frame, and now and then while there are none. */
  tick(): void {
    const { deck } = this;
    if (!deck || !this.wanted || this.held || this.atEnd) return;
    const left = deck.piece.fromMs + deck.piece.lengthMs - deck.at();
    const following = this.pieces[deck.piece.index + 1];
    if (following && left < AHEAD_MS * this.rateNow && this.next?.piece !== following) {
      this.next?.close();
      this.next = this.deckFor(following);
    }
    if (left > END_MS * Math.min(1, this.rateNow) && deck.state() !== "ended") return;
    if (following) {
      this.put(this.next ?? this.deckFor(following));
      this.run();
    } else {
      this.wanted = false;
      this.atEnd = true;
      deck.pause();
    }
    this.events.changed();
  }

  close(): void {
    this.wanted = this.held = false;
    this.deck?.close();
    this.next?.close();
    this.deck = this.next = null;
  }

  private deckFor(piece: Piece): Deck {
    return createDeck(piece, this.mediaUrl, this.rateNow, () => this.events.changed());
  }

  private put(deck: Deck): void {
    if (this.next !== deck) this.next?.close();
    this.next = null;
    this.deck?.close();
    this.deck = deck;
  }

  private run(): void {
    const { deck } = this;
    void deck?.play().then((allowed) => {
      if (allowed || this.deck !== deck) return;
      this.wanted = false; // the browser plays nothing before the person pressed something
      this.events.changed();
    });
  }
}
