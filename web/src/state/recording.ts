// Recording a talk-track, as the interface sees it: the door, which is always there and loads the recorder when it is
// wanted, and the recorder itself, one take at a time. talk/ implements it, main_record.ts joins the two.

import { signal } from "@preact/signals";
import type { ReadonlySignal, Signal } from "@preact/signals";
import type { Ms, ObjectId } from "../engine/types.ts";
import type { Cue, Draft, Source, Take } from "./takes.ts";
import type { Chapter, Track } from "./tracks.ts";

/** Resting: no take is open. Choosing: devices are tried. Reviewing: nothing runs, the take is made ready. */
export type RecorderPhase =
  | { readonly is: "resting" }
  | { readonly is: "choosing" }
  | { readonly is: "counting"; readonly left: number } // 0: about to begin
  | { readonly is: "recording" }
  | { readonly is: "paused" }
  | { readonly is: "ending" }
  | { readonly is: "reviewing" };

/** Why something cannot be recorded: i18n keys record.trouble_* say what to do. */
export type Trouble =
  | "insecure" // the page came without a secure context
  | "unsupported" // the browser has no MediaRecorder
  | "blocked" // the person or a policy said no
  | "missing" // there is no such device
  | "busy"; // another program has it

export interface Device {
  readonly id: string;
  readonly label: string;
}

export interface Choice {
  readonly source: Source;
  readonly microphone: string; // device ids; "" for whichever the browser prefers
  readonly camera: string;
  readonly rehearsal: boolean;
  /** Presses on the board are shown to the viewers. */
  readonly clicks: boolean;
}

/** What is being tried out while choosing, and heard while recording. */
export interface Studio {
  readonly trouble: ReadonlySignal<Trouble | null>;
  readonly microphones: ReadonlySignal<readonly Device[]>;
  readonly cameras: ReadonlySignal<readonly Device[]>;
  readonly stream: ReadonlySignal<MediaStream | null>;
  /** Of the voice, 0 to 1. */
  readonly level: ReadonlySignal<number>;
  /** The system or a switch on the device keeps the voice from being heard. */
  readonly muted: ReadonlySignal<boolean>;
  /** What went away while it was open: pulled out, or no longer allowed. */
  readonly lost: ReadonlySignal<"microphone" | "camera" | null>;
}

export type Sending =
  | { readonly is: "resting" } // nothing is to be sent: no take, or a rehearsal
  | { readonly is: "sending" }
  | { readonly is: "waiting" } // for the network
  | { readonly is: "sent" } // all that there is so far
  | { readonly is: "failed"; readonly code: string };

export interface Sent {
  readonly sending: Sending;
  readonly bytes: number; // that are with the server
  readonly of: number;
}

export interface Recorder {
  readonly phase: ReadonlySignal<RecorderPhase>;
  readonly choice: Signal<Choice>;
  readonly studio: Studio;
  readonly take: ReadonlySignal<Take | null>;
  /** How long is recorded, to a quarter of a second. */
  readonly atMs: ReadonlySignal<Ms>;
  readonly limitMs: ReadonlySignal<Ms>;
  /** Bytes that this take may still grow by, as far as is known. */
  readonly roomBytes: ReadonlySignal<number>;
  /** Until there is no more room, for time or for bytes. */
  readonly leftMs: ReadonlySignal<Ms>;
  readonly sent: ReadonlySignal<Sent>;
  readonly draft: Signal<Draft>;
  /** How long the draft is, played. */
  readonly playedMs: ReadonlySignal<Ms>;
  /** Chapters as the frames that were visited suggest them. */
  readonly proposed: ReadonlySignal<readonly Chapter[]>;
  /** Is published already: what is changed goes to the track. */
  readonly published: ReadonlySignal<boolean>;

  /** Resting -> choosing; what stops recording altogether is the studio's trouble. */
  choose(): Promise<void>;
  /** Tries what is chosen: devices, level, preview. */
  tryOut(choice: Choice): Promise<void>;
  /** Choosing or reviewing -> counting -> recording. */
  start(): Promise<void>;
  skipCountdown(): void;
  /** Choosing, counting or reviewing -> resting; what was kept stays kept. */
  close(): void;
  pause(): void;
  resume(): void;
  /** What was recorded since `ms` (a pause) is not played; recording goes on from there. */
  recordFrom(ms: Ms): Promise<void>;
  /** Throws the take away and begins anew. */
  restart(): Promise<void>;
  caption(text: string): void;
  /** The frame after or before the one last gone to. */
  goToFrame(step: 1 | -1): void;
  /** Recording or paused -> reviewing. */
  finish(): Promise<void>;
  discard(): Promise<void>;

  /** A take that was left: what to do with it is asked in the review, or recording goes on in a new segment. */
  openLeft(take: Take, then: "review" | "record"): Promise<void>;
  discardLeft(take: Take): Promise<void>;
  /** A track of one's own, recorded on whichever device. */
  openTrack(track: Track, then: "review" | "record"): Promise<void>;

  /** The lines of a WebVTT file; none when it is no such file. */
  readCaptions(file: string): readonly Cue[];
  /** A rehearsal goes to the server after all. */
  keepRehearsal(): Promise<void>;
  /** Shows the board where the view was at `ms` of recorded time. */
  show(ms: Ms): void;
  boardPicture(ms: Ms): Promise<Blob | null>;
  cameraPicture(ms: Ms): Promise<Blob | null>;
  /** What was heard and seen from `ms` on; calls when its end, or the take's, is reached. */
  play(ms: Ms, untilMs: Ms, over: () => void): { stop(): void };
  /** Reviewing -> resting. Rejects with a TrackError. Returns the card. */
  publish(): Promise<ObjectId | null>;
  /** The board is closed: what runs ends, and stays kept. */
  stop(): void;
}

/** Always there; the recorder is loaded when it is first wanted. */
export interface RecordingDoor {
  readonly recorder: ReadonlySignal<Recorder | null>;
  /** Takes of this board that were left on this device, newest first. */
  readonly left: ReadonlySignal<readonly Take[]>;
  /** Whether this person may record here. */
  readonly allowed: ReadonlySignal<boolean>;
  /** Opens the choice of devices. */
  record(): Promise<void>;
  /** As the recorder does; loaded for it. */
  openTrack(track: Track, then: "review" | "record"): Promise<void>;
  load(): Promise<Recorder>;
  refreshLeft(): Promise<void>;
}

export function createDoor(deps: {
  readonly allowed: ReadonlySignal<boolean>;
  readonly load: () => Promise<Recorder>;
  readonly left: () => Promise<readonly Take[]>;
  /** The recorder could not be loaded: there is no network. */
  readonly missing: () => void;
}): RecordingDoor {
  const recorder = signal<Recorder | null>(null);
  const left = signal<readonly Take[]>([]);
  let loading: Promise<Recorder> | null = null;

  async function load(): Promise<Recorder> {
    loading ??= deps.load();
    try {
      recorder.value = await loading;
      return recorder.value;
    } catch (error) {
      loading = null; // without a network: the next press tries again
      throw error;
    }
  }
  return {
    recorder,
    left,
    allowed: deps.allowed,
    load,
    async record() {
      const loaded = await load().catch(deps.missing);
      await loaded?.choose();
    },
    async openTrack(track, then) {
      const loaded = await load().catch(deps.missing);
      await loaded?.openTrack(track, then);
    },
    async refreshLeft() {
      left.value = await deps.left();
    },
  };
}
