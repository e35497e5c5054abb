// What this device keeps of recordings that are not published yet: takes. Everything recorded is kept here before it
// goes anywhere else, so that a reload or a crash costs what the last second held. sync/recordings.ts implements the
// store; talk fills and sends takes. Times are recorded time (SPEC K2) in ms.

import type { ReadonlySignal } from "@preact/signals";
import type { Ms } from "../engine/types.ts";
import type { Chapter, Stream, Watchers } from "./tracks.ts";

export type Source = "camera" | "microphone" | "none";

/** As talk/record_media.ts asks of the browser, with what the container and the timeline add. */
export const BYTES_PER_MS: Readonly<Record<Source, number>> = { camera: 112, microphone: 8.5, none: 1.5 };

/** A pause so near the end is the end; and no more of them are offered. */
const PAUSE_APART_MS = 500;
const PAUSES_MAX = 6;

export interface TakeSegment {
  /** The server's number of it; null until it is open there. */
  readonly number: number | null;
  readonly type: string; // as TrackDesk.openSegment takes it
  readonly lengthMs: Ms; // as far as it is kept
  /** Its recorder has ended: nothing more will come. */
  readonly over: boolean;
  /** Finished on the server; this device may have nothing of it. */
  readonly sent: boolean;
  readonly chunks: { readonly media: number; readonly timeline: number };
  /** The first so many chunks of its media are with the server alone. */
  readonly freed: number;
  readonly bytes: number;
}

/** A caption; recorded time. */
export interface Cue {
  readonly from: Ms;
  readonly to: Ms;
  readonly text: string;
}

/** A take that is being made ready. */
export interface Draft {
  readonly title: string;
  /** What is left out at the beginning and the end; recorded time. */
  readonly from: Ms;
  readonly to: Ms;
  readonly chapters: readonly Chapter[];
  readonly cues: readonly Cue[];
  readonly watch: Watchers;
  readonly cover: Blob | null;
}

/** What was changed in the review, and when. */
export interface Drafted {
  readonly draft: Draft;
  /** How long the take was then: what came later is not in it. */
  readonly lengthMs: Ms;
  /** It changes a talk-track that is on the board already, which it does not touch before it is saved. */
  readonly published: boolean;
}

export type SegmentChange = Partial<Pick<TakeSegment, "number" | "over" | "sent" | "lengthMs">>;
export type TakeCuts = readonly (readonly [from: Ms, to: Ms])[];

export interface Take {
  readonly board: string;
  readonly take: string; // this device's name of it
  /** The server's id; null until it is made there. */
  readonly track: string | null;
  readonly title: string;
  readonly madeMs: Ms; // Unix time
  readonly source: Source;
  /** Stays on this device unless the speaker decides otherwise. */
  readonly rehearsal: boolean;
  /** Where the speaker paused: places to record on from. */
  readonly pauses: readonly Ms[];
  /** What is not to be played, because it was said again. */
  readonly dropped: TakeCuts;
  readonly segments: readonly TakeSegment[];
  /** Null: nothing was changed. */
  readonly drafted: Drafted | null;
  /** The person put it off, and the server has all that was recorded: the panel lists it, nothing offers it. */
  readonly aside: boolean;
}

/** Several pages of one browser work on the same store; a take belongs to the page that holds it, which alone changes it. */
export interface TakeStore {
  /** While the device is full: how many bytes this page alone has. They are written once there is room. */
  readonly spilled: ReadonlySignal<number | null>;
  /** Those of this board that no page holds, newest first. */
  left(): Promise<readonly Take[]>;
  get(take: string): Promise<Take | null>;
  /** This device's take of a track, whichever page holds it. */
  of(track: string): Promise<Take | null>;
  /** False when another page has it. Held until `letGo`, or until this page is gone. */
  hold(take: string): Promise<boolean>;
  letGo(take: string): void;
  make(first: Pick<Take, "title" | "source" | "rehearsal">): Promise<Take>;
  change(take: string, change: Partial<Omit<Take, "board" | "take" | "segments">>): Promise<Take>;
  /** The new segment is the last one. */
  addSegment(take: string, segment: Pick<TakeSegment, "type"> & Partial<TakeSegment>): Promise<Take>;
  changeSegment(take: string, index: number, change: SegmentChange): Promise<Take>;
  /** Chunks of the last segment, each whole; all are kept or none, with the length they reach to. */
  keep(take: string, stream: Stream, chunks: readonly Uint8Array<ArrayBuffer>[], lengthMs: Ms): Promise<Take>;
  chunk(take: string, index: number, stream: Stream, chunk: number): Promise<Uint8Array<ArrayBuffer> | null>;
  /** All that is kept of a stream, in order. */
  stream(take: string, index: number, stream: Stream): Promise<Blob>;
  /** The server has the first `count` chunks of this segment's media: they make room here. */
  free(take: string, index: number, count: number): Promise<void>;
  /** Forgets the take and all its chunks. */
  drop(take: string): Promise<void>;
}

/** The last few pauses before `end`, as places to say it again from. */
export function pausesBefore({ pauses }: Pick<Take, "pauses">, end: Ms): readonly Ms[] {
  return pauses.filter((ms) => ms > 0 && ms < end - PAUSE_APART_MS).slice(-PAUSES_MAX);
}

/** Where segment `index` begins; behind the last one, where the take ends. */
export function startOf(segments: readonly { readonly lengthMs: Ms }[], index: number): Ms {
  return segments.slice(0, index).reduce((sum, segment) => sum + segment.lengthMs, 0) as Ms;
}

export function lengthOf(take: Pick<Take, "segments">): Ms {
  return startOf(take.segments, take.segments.length);
}
