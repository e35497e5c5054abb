// Puts the tools to work on a canvas: one Tool per name, the pointer input, keyboard, clipboard, text editor, and what
// others see of us. Returns the commands that chrome and outline call.

import { untracked } from "@preact/signals";
import { Kind } from "../engine/generated.ts";
import type { ObjectId } from "../engine/types.ts";
import type { Moments } from "../state/moment.ts";
import { mayUse } from "../state/may.ts";
import type { Playing } from "../state/playing.ts";
import { colorOf } from "../state/read.ts";
import type { CanvasPort, Commands, ToolName, Tooling } from "../state/tooling.ts";
import type { BoardStore } from "../state/types.ts";
import { mountClipboard } from "./clipboard.ts";
import { createCommands } from "./commands.ts";
import { createComment } from "./comment.ts";
import { mountEditor } from "./editor.ts";
import { createFrame } from "./frame.ts";
import { createHand } from "./hand.ts";
import { mountInput } from "./input.ts";
import { mountKeyboard } from "./keyboard.ts";
import { createLaser } from "./laser.ts";
import { STICKY_GAP, makeSticky } from "./make.ts";
import { createSelect } from "./select.ts";
import { createShape } from "./shape.ts";
import { mountShareView } from "./share_view.ts";
import { createSticky } from "./sticky.ts";
import { createText } from "./text.ts";
import { beginEditing } from "./tool.ts";
import type { Bench, Tool } from "./tool.ts";

export interface ToolsHandle {
  readonly commands: Commands;
  close(): void;
}

/** Tab in a sticky: another of its colour and size to the right, past those already there. */
function nextSticky(bench: Bench, id: ObjectId, commands: Commands): void {
  const { scene } = bench.store;
  const view = scene.objects.get(id);
  if (view === undefined) return;
  const rect = scene.rectOf(view);
  let next = { ...rect, x: rect.x + rect.w + STICKY_GAP };
  const taken = (): boolean =>
    scene.inOrder(next).some((other) => {
      const r = scene.rectOf(other);
      const overlap = Math.min(r.x + r.w, next.x + next.w) - Math.max(r.x, next.x);
      return other.kind !== Kind.FRAME && overlap > next.w / 2 && Math.abs(r.y - next.y) < next.h / 2;
    });
  for (let i = 0; i < 100 && taken(); i++) next = { ...next, x: next.x + rect.w + STICKY_GAP };
  const made = makeSticky(bench, next, colorOf(view));
  if (made === null) return;
  beginEditing(bench, made);
  commands.reveal(made);
}

export function mountTools(
  host: HTMLElement,
  store: BoardStore,
  port: CanvasPort,
  tooling: Tooling,
  playing: Playing,
  moments: Moments,
): ToolsHandle {
  const bench: Bench = { store, tooling, port, playing, moments, fresh: null };
  const tools: Readonly<Record<ToolName, Tool>> = {
    select: createSelect(bench),
    hand: createHand(),
    sticky: createSticky(bench),
    text: createText(bench),
    frame: createFrame(bench),
    shape: createShape(bench),
    comment: createComment(bench),
    laser: createLaser(bench),
  };
  const commands = createCommands(bench);
  const share = mountShareView(store, tooling);
  // What was cannot be touched: it can be looked around in, and commented.
  const toolNow = (): Tool =>
    untracked(() => {
      const tool = tooling.tool.value;
      return tools[mayUse(store, tool) || !store.lookingBack.value ? tool : "hand"];
    });
  const input = mountInput(bench, toolNow, share.cursor);
  const stopKeys = mountKeyboard(bench, commands, input.cancel);
  const stopClipboard = mountClipboard(bench, commands, input.pointer);
  const editor = mountEditor(host, bench, (id) => nextSticky(bench, id, commands));
  return {
    commands,
    close() {
      editor.close();
      stopClipboard();
      stopKeys();
      input.close();
      share.close();
    },
  };
}
