// Joins recording to an open board: the door, which is always there, and behind it the recorder and its panels, which are
// loaded when they are wanted or when this device has an unfinished recording of the board.

import { computed, effect } from "@preact/signals";
import { coverOf } from "./export/picture.ts";
import { createDoor, type RecordingDoor } from "./state/recording.ts";
import { lengthOf } from "./state/takes.ts";
import type { CanvasPort, Commands, Tooling } from "./state/tooling.ts";
import type { BoardStore } from "./state/types.ts";

export interface RecordingParts {
  readonly store: BoardStore;
  readonly canvas: CanvasPort;
  readonly tooling: Tooling;
  readonly commands: Commands;
}

export function openRecording(root: HTMLElement, parts: RecordingParts): RecordingDoor {
  const { store, canvas, tooling, commands } = parts;
  const door = createDoor({
    allowed: computed(() => store.canEdit.value),
    left: async () => (await store.takes.left()).filter((take) => lengthOf(take) > 0),
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
        picture: (rect) => coverOf(canvas, rect),
        leftChanged: () => void door.refreshLeft(),
      });
      mountRecord(root, { recorder, door, store, tooling, commands });
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
  return door;
}
