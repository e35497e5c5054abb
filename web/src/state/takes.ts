// What this device keeps of recordings that are not published yet: takes. Everything recorded is kept here before it
// goes anywhere else, so that a reload or a crash costs what the last second held. sync/recordings.ts implements the
// store; talk fills and sends takes. Times are recorded time (SPEC K2) in ms.

import type { Ms } from "../engine/types.ts";
import type { Stream } from "./tracks.ts";

export type Source = "camera" | "microphone" | "none";

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
  readonly bytes: number;
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
}

/** Several pages of one browser work on the same store; a take belongs to the page that holds it. */
export interface TakeStore {
  /** Those of this board that no page holds, newest first. */
  left(): Promise<readonly Take[]>;
  get(take: string): Promise<Take | null>;
  /** False when another page has it. Held until `letGo`, or until this page is gone. */
  hold(take: string): Promise<boolean>;
  letGo(take: string): void;
  make(first: Pick<Take, "title" | "source" | "rehearsal">): Promise<Take>;
  change(take: string, change: Partial<Omit<Take, "board" | "take" | "segments">>): Promise<Take>;
  /** The new segment is the last one. */
  addSegment(take: string, segment: Pick<TakeSegment, "type"> & Partial<TakeSegment>): Promise<Take>;
  changeSegment(take: string, index: number, change: SegmentChange): Promise<Take>;
  /** Chunks of the last segment, each whole; all are kept or none, with the length they reach to. */
  keep(take: string, stream: Stream, chunks: readonly Uint8Array<ArrayBuffer>[], lengthMs: Ms): Promise<void>;
  chunk(take: string, index: number, stream: Stream, chunk: number): Promise<Uint8Array<ArrayBuffer> | null>;
  /** All that is kept of a stream, in order. */
  stream(take: string, index: number, stream: Stream): Promise<Blob>;
  /** Forgets the take and all its chunks. */
  drop(take: string): Promise<void>;
}

/** Where segment `index` begins; behind the last one, where the take ends. */
export function startOf(segments: readonly { readonly lengthMs: Ms }[], index: number): Ms {
  return segments.slice(0, index).reduce((sum, segment) => sum + segment.lengthMs, 0) as Ms;
}

export function lengthOf(take: Pick<Take, "segments">): Ms {
  return startOf(take.segments, take.segments.length);
}
