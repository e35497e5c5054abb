// Joins recording to an open board: the door, which is always there, and behind it the recorder and its panels, which
// are loaded when they are wanted or when this device has an unfinished recording of the board.

import { computed, effect } from "@preact/signals";
import { coverOf } from "./export/picture.ts";
import { createDoor, type RecordingDoor } from "./state/recording.ts";
import { lengthOf, type Take } from "./state/takes.ts";
import type { CanvasPort, Commands, Tooling } from "./state/tooling.ts";
import type { BoardStore } from "./state/types.ts";

export interface RecordingParts {
  readonly store: BoardStore;
  readonly canvas: CanvasPort;
  readonly tooling: Tooling;
  readonly commands: Commands;
}

/** Takes to be offered: those that hold something and were not put off. What nobody will come back to is cleared away:
 *  takes that were broken off before the first second was kept, and changes to a track that is gone. */
async function leftTakes({ takes, tracks }: BoardStore): Promise<readonly Take[]> {
  const left = await takes.left();
  const listed = tracks.tracks.peek();
  const there = (track: string | null): boolean =>
    listed === null || listed.some((row) => row.track === track && row.state !== "deleted");
  for (const { take, track, segments, aside } of left) {
    const empty = lengthOf({ segments }) === 0;
    if ((!empty && (!aside || there(track))) || !(await takes.hold(take))) continue;
    await takes.drop(take);
    if (empty && track !== null) await tracks.remove(track).catch(() => undefined); // its author sees it in the panel, too
  }
  return left.filter((take) => lengthOf(take) > 0 && !take.aside);
}

export interface OpenRecording {
  readonly door: RecordingDoor;
  close(): void;
}

export function openRecording(root: HTMLElement, parts: RecordingParts): OpenRecording {
  const { store, canvas, tooling, commands } = parts;
  let unmount: () => void = () => undefined;
  const door = createDoor({
    allowed: computed(() => store.canEdit.value),
    left: () => leftTakes(store),
    missing() {
      const notice = { id: -Date.now(), tone: "warn", key: "record.notice_missing", values: {}, kept: null } as const;
      store.notices.value = [...store.notices.peek(), notice];
    },
    async load() {
      const [{ createRecorder }, { mountRecord }] = await Promise.all([
        import("./talk/recorder.ts"),
        import("./ui/record.tsx"),
      ]);
      const recorder = createRecorder({
        store,
        host: canvas.host,
        slide: tooling.slide,
        picture: (rect) => coverOf(canvas, rect),
        leftChanged: () => void door.refreshLeft(),
      });
      unmount = mountRecord(root, { recorder, door, store, tooling, commands });
      return recorder;
    },
  });
  const stop = effect(() => {
    if (!door.allowed.value) return;
    queueMicrotask(() => stop());
    void door.refreshLeft().then(() => {
      if (door.left.peek().length > 0) void door.load().catch(() => undefined);
    });
  });
  return {
    door,
    close() {
      unmount();
      door.recorder.peek()?.stop();
    },
  };
}
