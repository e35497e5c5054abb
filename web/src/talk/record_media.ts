// One run of a recorder: the browser's MediaRecorder, or none for a silent walkthrough, with its clock. Chunks come out
// once a second, in order. Not here: which devices (record_studio.ts), where chunks go (record_segment.ts).

import type { Ms } from "../engine/types.ts";
import type { Source } from "../state/takes.ts";
import { RunClock } from "./record_clock.ts";

const SLICE_MS = 1000; // what a crash may cost, with the time it takes to keep a chunk
const HEAD_BYTES = 512;
const VOICE_BITS_PER_S = 64_000;
/** A face in the round; with the voice an hour is 390 MB. */
const CAMERA_BITS_PER_S = 800_000;

/** A camera's track is sought to the picture before, so one comes this often. */
const KEY_PICTURE_MS = 3000;

/** The first that the browser can write. VP8 costs the least beside a board that is being worked on. */
const TYPES: Readonly<Record<Exclude<Source, "none">, readonly string[]>> = {
  microphone: ["audio/webm;codecs=opus", "audio/ogg;codecs=opus", "audio/mp4"],
  camera: ["video/webm;codecs=vp8,opus", "video/webm", "video/mp4"],
};

/** As MediaRecorder and the server take it; "" without media, null when the browser can write none of them. */
export function typeFor(source: Source): string | null {
  if (source === "none") return "";
  return TYPES[source].find((type) => MediaRecorder.isTypeSupported(type)) ?? null;
}

export interface RunEvents {
  chunk(bytes: Uint8Array<ArrayBuffer>): void;
  /** The device went away; the run is over. */
  lost(): void;
}

export interface MediaRun {
  now(): Ms;
  pause(): void;
  resume(): void;
  /** Hands on what there is now, not in a second. */
  flush(): void;
  /** Resolves when the last chunk was handed on. */
  stop(): Promise<void>;
}

function silentRun(): MediaRun {
  const clock = new RunClock(() => performance.now());
  clock.run();
  return {
    now: () => clock.now(),
    pause: () => clock.hold(),
    resume: () => clock.run(),
    flush: () => undefined,
    stop: async () => clock.hold(),
  };
}

/** Resolves once it records: its clock then reads 0. */
export async function startRun(stream: MediaStream | null, type: string, events: RunEvents): Promise<MediaRun> {
  if (stream === null || type === "") return silentRun();
  const clock = new RunClock(() => performance.now());
  // TypeScript's own MediaRecorderOptions does not know the last yet; browsers that do not either pass it over.
  const options: MediaRecorderOptions & { videoKeyFrameIntervalDuration?: number } = {
    mimeType: type,
    audioBitsPerSecond: VOICE_BITS_PER_S,
    ...(stream.getVideoTracks().length > 0 && {
      videoBitsPerSecond: CAMERA_BITS_PER_S,
      videoKeyFrameIntervalDuration: KEY_PICTURE_MS,
    }),
  };
  const recorder = new MediaRecorder(stream, options);
  let reading: Promise<void> = Promise.resolve();
  let stopping = false;
  let head: Blob | null = new Blob();
  const read = (data: Blob): void => {
    reading = reading.then(async () => events.chunk(new Uint8Array(await data.arrayBuffer())));
  };
  recorder.ondataavailable = ({ data }) => {
    // The first piece may be a single byte; what a file is can be told from its head alone.
    const piece: Blob = head === null ? data : new Blob([head, data]);
    if (head !== null && piece.size < HEAD_BYTES && recorder.state !== "inactive") {
      head = piece;
      return;
    }
    head = null;
    if (piece.size > 0) read(piece);
  };
  const stopped = new Promise<void>((resolve) => {
    recorder.onstop = () => {
      clock.hold();
      void reading.then(resolve);
    };
  });
  const started = new Promise<void>((resolve, reject) => {
    recorder.onstart = () => resolve();
    recorder.onerror = () => reject(new Error("the recorder did not start"));
  });
  recorder.start(SLICE_MS);
  await started;
  clock.run();
  void stopped.then(() => {
    if (!stopping) events.lost();
  });
  return {
    now: () => clock.now(),
    pause() {
      if (recorder.state === "recording") recorder.pause();
      clock.hold();
    },
    resume() {
      if (recorder.state === "paused") recorder.resume();
      clock.run();
    },
    flush() {
      if (recorder.state === "recording") recorder.requestData();
    },
    stop() {
      stopping = true;
      if (recorder.state !== "inactive") recorder.stop();
      return stopped;
    },
  };
}
