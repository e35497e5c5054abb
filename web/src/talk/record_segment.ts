// One segment while it is recorded: the media's run and the board's timeline, both kept on this device once a second
// and at the end, before anything is sent. Knows nothing of phases or of the server.

import type { Ms, ObjectId } from "../engine/types.ts";
import type { Take, TakeStore } from "../state/takes.ts";
import type { Stream } from "../state/tracks.ts";
import { startRun } from "./record_media.ts";
import { watchBoard, type Watched } from "./record_watch.ts";
import { encodeEvents } from "./timeline.ts";

const KEEP_MS = 1000;

export interface SegmentDeps extends Watched {
  readonly takes: TakeStore;
  readonly take: string;
  readonly stream: MediaStream | null;
  readonly type: string;
  readonly chunkBytesMax: number;
  /** Something was kept: these chunks, which end the take's last segment. */
  kept(take: Take, stream: Stream, chunks: readonly Uint8Array<ArrayBuffer>[]): void;
  /** The device went away: the segment is over, what it has is kept. */
  lost(): void;
  /** The device keeps nothing any more, for whatever reason. */
  failed(error: unknown): void;
}

export interface SegmentRun {
  /** In the segment's own time. */
  now(): Ms;
  pause(): void;
  resume(): void;
  caption(text: string): void;
  slide(frame: ObjectId): void;
  /** The page may be about to be gone: everything there is is kept now. */
  flush(): void;
  /** Resolves when all of it is kept. */
  end(): Promise<void>;
}

function pieces(bytes: Uint8Array<ArrayBuffer>, max: number): readonly Uint8Array<ArrayBuffer>[] {
  const count = Math.ceil(bytes.length / max);
  return Array.from({ length: count }, (_, i) => bytes.slice(i * max, (i + 1) * max));
}

export async function recordSegment(deps: SegmentDeps): Promise<SegmentRun> {
  const { takes, take } = deps;
  let keeping: Promise<void> = Promise.resolve();
  let running = true;

  function keep(stream: Stream, bytes: Uint8Array<ArrayBuffer>, at: Ms): void {
    const chunks = pieces(bytes, deps.chunkBytesMax);
    const kept = takes.keep(take, stream, chunks, at).then((now) => deps.kept(now, stream, chunks), deps.failed);
    keeping = keeping.then(() => kept);
  }

  // Chunks come a second after the start at the soonest: `run` is set by then.
  const run = await startRun(deps.stream, deps.type, {
    chunk: (bytes) => keep("media", bytes, run.now()),
    lost() {
      close();
      void keeping.then(deps.lost);
    },
  });
  const clock = { now: () => run.now(), running: () => running };
  const watch = watchBoard(deps, clock);
  const keepTimeline = (): void => {
    const events = watch.tape.take(run.now());
    // Without media nothing else says how long it is.
    if (events.length > 0 || deps.type === "") keep("timeline", encodeEvents(events), run.now());
  };
  const timer = setInterval(keepTimeline, KEEP_MS);
  keepTimeline(); // where it begins is kept at once

  function close(): void {
    running = false;
    clearInterval(timer);
    watch.close();
    keepTimeline();
  }
  return {
    now: () => run.now(),
    pause() {
      run.pause();
      running = false;
      keepTimeline();
    },
    resume() {
      run.resume();
      running = true;
      watch.writeAll();
    },
    flush() {
      run.flush();
      if (running) keepTimeline();
    },
    caption: (text) => watch.tape.caption(run.now(), text),
    slide: (frame) => watch.tape.slide(run.now(), frame),
    async end() {
      const stopped = run.stop();
      close();
      await stopped;
      await keeping;
    },
  };
}
