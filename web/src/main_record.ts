// Joins recording to an open board: the door, which is always there, and behind it the recorder and its panels, which
// are loaded when they are wanted or when this device has an unfinished recording of the board.

import { computed, effect } from "@preact/signals";
import { coverOf } from "./export/picture.ts";
import { tell } from "./state/notices.ts";
import { createDoor, type RecordingDoor } from "./state/recording.ts";
import type { Ms } from "./engine/types.ts";
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

/** Whoever recorded something wants others to see it: its link is offered. */
function tellPublished(store: BoardStore, track: string | null): void {
  const row = store.tracks.tracks.peek()?.find((one) => one.track === track);
  const take = (): void => {
    if (row) void import("./main_link.ts").then(({ copyLink }) => copyLink(store, row, 0 as Ms));
  };
  tell(store.notices, "info", "record.notice_done", { offer: row ? { key: "tracks.copy_link", take } : null });
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
    missing: () => tell(store.notices, "warn", "record.notice_missing"),
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
        published: (track) => tellPublished(store, track),
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
