// What a talk-track's player shows and can be told: the port between the player (talk), its bar and panel (ui), the canvas
// (render), and whoever wants a track to be played. Times are played time (SPEC K3) unless a name says otherwise.
// Not here: how a track is played, and the moment others stamp what they write with (moment.ts).

import { signal } from "@preact/signals";
import type { ReadonlySignal, Signal } from "@preact/signals";
import type { Ms, ObjectId } from "../engine/types.ts";
import type { BoardPoint, BoardRect } from "../geom/types.ts";
import type { Track } from "./tracks.ts";
import type { Scene } from "./types.ts";

/** The paces to choose from. */
export const RATES = [0.5, 0.75, 1, 1.25, 1.5, 2] as const;

/** Screen pixels at each side that bars and panels cover. */
export interface Insets {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** Something the speaker showed that is elsewhere by now, or gone: where it stood, and where it is. */
export interface Ghost {
  readonly rect: BoardRect;
  readonly now: BoardPoint | null;
}

/** What the speaker does at this moment, for the canvas to draw over the board. */
export interface Stage {
  readonly name: string;
  readonly hue: number;
  readonly pointer: BoardPoint | null;
  /** The last stretch of the laser's way, oldest first; `age` from 0, fresh, to 1, faded. */
  readonly laser: readonly { readonly point: BoardPoint; readonly age: number }[];
  readonly clicks: readonly { readonly point: BoardPoint; readonly age: number }[];
  readonly selected: readonly BoardRect[];
  readonly ghosts: readonly Ghost[];
}

/** The board as it was, to be shown instead of the living one. */
export interface PastShown {
  readonly scene: Scene;
  readonly names: ReadonlyMap<number, string>;
}

export type PlayerStatus = "loading" | "paused" | "playing" | "waiting" | "ended" | "failed";

/** The recording does not come: it is waited for, fetched again, or given up. */
export type Trouble = "none" | "waiting" | "retrying" | "failed";

/** A comment of the track, or all the reactions of one second of it. */
export interface Mark {
  readonly key: string;
  readonly at: Ms;
  readonly recordedMs: Ms;
  readonly is: "comment" | "reaction" | "chapter";
  /** Who said it, and what; a reaction's picture, a chapter's title. */
  readonly name: string;
  readonly text: string;
  readonly hue: number;
  /** The comment's thread or sticky, for going there; null for what is no object. */
  readonly object: ObjectId | null;
  readonly count: number;
}

export interface CaptionLine {
  readonly from: Ms;
  readonly to: Ms;
  readonly text: string;
}

/** Comments made in one chapter; "" for those before the first. */
export interface DigestPart {
  readonly title: string;
  readonly at: Ms;
  readonly comments: readonly Mark[];
}

/** Another person watching the same track. */
export interface Watcher {
  readonly session: number;
  readonly name: string;
  readonly hue: number;
  readonly at: Ms;
  readonly together: boolean;
}

/** Watching together (a PLAYBACK): who leads, and whether this tab goes along. */
export type Together =
  | { readonly is: "alone"; readonly offered: { readonly playback: ObjectId; readonly name: string; readonly others: number } | null }
  | {
      readonly is: "together";
      readonly playback: ObjectId;
      readonly host: string | null;
      readonly mayLead: boolean;
      readonly others: number;
    };

/** What tests want to know (web/README.md). */
export interface PlayerReport {
  /** Where the clock is, and where it was when the camera was last placed. */
  readonly played: Ms;
  readonly shown: Ms;
  readonly recorded: Ms;
  readonly status: PlayerStatus;
  readonly following: boolean;
  /** What the speaker framed at this moment. */
  readonly framed: BoardRect | null;
  readonly together: boolean;
  readonly pastSeq: number | null;
  /** State hashes of the recording's entries: as recorded, and as rebuilt from history. */
  readonly hashes: readonly { readonly seq: number; readonly recorded: string; readonly rebuilt: string }[];
}

/** One open track. */
export interface Player {
  readonly track: ReadonlySignal<Track>;
  readonly author: ReadonlySignal<{ readonly name: string; readonly hue: number }>;
  readonly status: ReadonlySignal<PlayerStatus>;
  readonly trouble: ReadonlySignal<Trouble>;
  /** To a tenth of a second while it plays. */
  readonly at: ReadonlySignal<Ms>;
  readonly length: Ms;
  readonly rate: ReadonlySignal<number>;
  /** The camera goes with the speaker. */
  readonly following: ReadonlySignal<boolean>;
  readonly view: ReadonlySignal<"now" | "recorded">;
  /** "loading" while the board as it was is on its way; a code when it cannot be shown. */
  readonly past: ReadonlySignal<"none" | "loading" | "shown" | "perm" | "failed">;
  /** Most of what the speaker shows at this moment is gone or elsewhere by now. */
  readonly changed: ReadonlySignal<boolean>;
  readonly captions: ReadonlySignal<readonly CaptionLine[]>;
  readonly caption: ReadonlySignal<string>;
  readonly marks: ReadonlySignal<readonly Mark[]>;
  /** What was said at this moment, for some seconds. */
  readonly said: ReadonlySignal<readonly Mark[]>;
  readonly digest: ReadonlySignal<readonly DigestPart[]>;
  readonly watchers: ReadonlySignal<readonly Watcher[]>;
  readonly together: ReadonlySignal<Together>;
  /** The picture of the camera, when there is one. */
  readonly video: ReadonlySignal<HTMLVideoElement | null>;
  play(): void;
  pause(): void;
  toggle(): void;
  seek(to: Ms): void;
  /** A moment in recorded time, with what the speaker showed then. */
  goTo(recorded: Ms): void;
  skip(by: Ms): void;
  /** To the next chapter, or back to where this one or the one before begins. */
  skipChapter(by: 1 | -1): void;
  /** After it was given up. */
  retry(): void;
  setRate(rate: number): void;
  follow(): void;
  setView(view: "now" | "recorded"): void;
  react(reaction: number): void;
  startTogether(hosted: boolean): void;
  join(): void;
  leave(): void;
  /** When the speaker showed the object best; null when never. */
  momentOf(id: ObjectId): Ms | null;
  /** What the speaker pointed at then: where that is now. */
  pointedAt(at: Ms): BoardPoint | null;
  report(): PlayerReport;
  close(): void;
}

/** Others watch a track together. */
export interface Invite {
  readonly card: ObjectId;
  readonly track: string;
  readonly name: string;
}

/** A wish to watch; `recordedMs` null: from where this guest stopped. */
export interface Wish {
  readonly track: string;
  readonly recordedMs: Ms | null;
  readonly play: boolean;
  /** Go along with those who watch it together. */
  readonly join?: boolean;
}

export interface Playing {
  readonly wish: Signal<Wish | null>;
  readonly player: Signal<Player | null>;
  /** Null also once it was answered. */
  readonly invite: Signal<Invite | null>;
  readonly stage: Signal<Stage | null>;
  readonly past: Signal<PastShown | null>;
  /** What the bars leave free, as the player's own bar measures it. */
  readonly insets: Signal<Insets>;
  readonly captionsOn: Signal<boolean>;
  /** Pause while the viewer writes a comment. */
  readonly pauseToWrite: Signal<boolean>;
}

export const SAFE: Insets = { left: 16, top: 76, right: 16, bottom: 168 };

export function createPlaying(): Playing {
  return {
    wish: signal<Wish | null>(null),
    player: signal<Player | null>(null),
    invite: signal<Invite | null>(null),
    stage: signal<Stage | null>(null),
    past: signal<PastShown | null>(null),
    insets: signal(SAFE),
    captionsOn: signal(false),
    pauseToWrite: signal(true),
  };
}

/** The moment of a talk-track that an address names in its fragment, `t=<track>.<ms of recorded time>`. */
export function wishIn(hash: string): Wish | null {
  const found = /^(.+)\.(\d{1,8})$/.exec(new URLSearchParams(hash.replace(/^#/, "")).get("t") ?? "");
  return found ? { track: found[1]!, recordedMs: Number(found[2]) as Ms, play: false } : null;
}
