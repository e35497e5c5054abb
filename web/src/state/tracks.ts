// Talk-tracks as the server tells them (server/README.md, routes of tracks), and the desk through which they are read and
// recorded. sync implements it; talk and ui work with it. All times are recorded time (SPEC K2) in ms.

import type { ReadonlySignal } from "@preact/signals";
import type { Ms } from "../engine/types.ts";
import type { Role } from "./types.ts";

/** One run of a recorder. */
export interface Segment {
  readonly segment: number;
  readonly type: string; // of the media, as MediaRecorder names it; "" without media
  readonly state: "open" | "done";
  readonly fromMs: Ms; // where it begins
  readonly lengthMs: Ms; // so far, while open
  readonly bytes: number;
  readonly firstSeq: number;
  readonly lastSeq: number;
  /** How many chunks of each stream the server has. */
  readonly chunks: { readonly media: number; readonly timeline: number };
}

export interface Chapter {
  readonly atMs: Ms;
  readonly title: string;
}

/** Who may watch, besides the author and facilitators. */
export type Watchers = { readonly role: Role } | { readonly links: readonly string[] };

export interface Track {
  readonly track: string; // the recording's id, field TRACK of its card
  readonly title: string;
  readonly author: number; // guest number
  readonly madeMs: Ms; // Unix time
  readonly state: "recording" | "finished" | "deleted";
  readonly endsMs: Ms | null; // when one that is deleted or not finished goes unless somebody does something
  readonly watch: Watchers;
  readonly cuts: readonly (readonly [from: Ms, to: Ms])[]; // what is played; whole segments unless it was cut
  readonly playedMs: Ms; // how long that takes
  readonly chapters: readonly Chapter[];
  readonly segments: readonly Segment[];
  readonly captions: boolean;
  readonly cover: boolean;
  readonly mayEdit: boolean;
  /** How many people watched; for those who may edit also how many got how far, in tenths. */
  readonly views: number;
  readonly reach: readonly number[] | null;
}

/** What whoever was sent a link is told before they come in; "" for what nobody knows. */
export interface PromisedTrack extends Pick<Track, "title" | "playedMs"> {
  readonly authorName: string;
  readonly boardTitle: string;
}

/** What may be changed of a track; absent members stay. */
export interface TrackChange {
  readonly title?: string;
  readonly watch?: Watchers;
  readonly cuts?: readonly (readonly [from: Ms, to: Ms])[];
  readonly chapters?: readonly Chapter[];
  readonly state?: "finished";
}

export interface TrackLimits {
  readonly chunkBytes: number;
  readonly trackBytes: number;
  readonly trackMs: Ms;
  readonly freeBytes: number; // what this board may still take
}

export type Stream = "media" | "timeline";

/** What fails rejects with a TrackError; "offline" when there is no answer. */
export class TrackError extends Error {
  /** `next`: with "gap", the chunk the server waits for. */
  constructor(
    readonly code: string,
    readonly next: number | null = null,
  ) {
    super(code);
    this.name = "TrackError";
  }
}

/** A chunk that can be sent without waiting for anything, and without hearing of it: the page is about to be gone. */
export interface LastWord {
  send(track: string, segment: number, stream: Stream, chunk: number): void;
}

export interface TrackDesk {
  /** Null until refreshed. Unfinished ones are told to their author alone. */
  readonly tracks: ReadonlySignal<readonly Track[] | null>;
  readonly limits: ReadonlySignal<TrackLimits | null>;
  refresh(): Promise<void>;
  get(track: string): Promise<Track>;
  promised(track: string): Promise<PromisedTrack>;
  make(title: string): Promise<Track>;
  change(track: string, change: TrackChange): Promise<Track>;
  /** It can be taken back for some days, by change({ state: "finished" }). */
  remove(track: string): Promise<void>;
  /** One that is still open is finished as it stands. Returns its number. */
  openSegment(track: string, type: string): Promise<number>;
  /** Durable when this resolves. "gap" names the next wanted. */
  put(track: string, segment: number, stream: Stream, chunk: number, bytes: Uint8Array): Promise<void>;
  lastWord(bytes: Uint8Array<ArrayBuffer>): Promise<LastWord>;
  /** With the counts of chunks that there must be; null: as it stands. */
  finishSegment(track: string, segment: number, lengthMs: Ms, chunks: { media: number; timeline: number } | null): Promise<Track>;
  mediaUrl(track: string, segment: number): string;
  timeline(track: string, segment: number): Promise<Uint8Array>;
  captions(track: string): Promise<string | null>; // WebVTT
  putCaptions(track: string, vtt: string): Promise<void>;
  coverUrl(track: string): string;
  putCover(track: string, picture: Blob): Promise<void>;
  /** How far this guest got, in played time. */
  progress(track: string, playedMs: Ms): Promise<void>;
}
