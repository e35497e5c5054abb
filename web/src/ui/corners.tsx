// The bottom corners: undo and redo on the left; zoom and help on the right.

import { CircleQuestionMark, Minus, Plus, Redo2, Scan, Undo2 } from "lucide";
import { useComputed } from "@preact/signals";
import type { JSX } from "preact";
import { t } from "../i18n/i18n.ts";
import type { Commands, Tooling } from "../state/tooling.ts";
import type { BoardStore } from "../state/types.ts";
import { IconButton } from "./controls.tsx";
import { shortcutText } from "./keys.ts";

export function UndoCorner(props: { readonly store: BoardStore }): JSX.Element | null {
  const { store } = props;
  if (!store.canComment.value) return null;
  return (
    <div class="panel corner-left" role="group">
      <IconButton
        icon={Undo2}
        label={t("edit.undo")}
        shortcut={shortcutText("undo")}
        testid="undo"
        disabled={store.undoCount.value === 0}
        onPress={() => store.undo()}
        tip="above"
      />
      <IconButton
        icon={Redo2}
        label={t("edit.redo")}
        shortcut={shortcutText("redo")}
        testid="redo"
        disabled={store.redoCount.value === 0}
        onPress={() => store.redo()}
        tip="above"
      />
    </div>
  );
}

export function ZoomCorner(props: {
  readonly store: BoardStore;
  readonly tooling: Tooling;
  readonly commands: Commands;
}): JSX.Element {
  const { store, tooling, commands } = props;
  // Computed, so that panning alone redraws nothing here.
  const percent = useComputed(() => Math.round(store.camera.value.zoom * 100)).value;
  return (
    <div class="panel corner-right" role="group">
      <IconButton
        icon={Scan}
        label={t("zoom.fit")}
        shortcut={shortcutText("zoom_fit")}
        testid="zoom-fit"
        onPress={commands.zoomToFit}
        tip="above"
      />
      <span class="divider zoom-extra" />
      <span class="zoom-extra zoom-buttons">
        <IconButton icon={Minus} label={t("zoom.out")} testid="zoom-out" onPress={() => commands.zoomBy(-1)} tip="above" />
        <button
          type="button"
          class="zoom-level"
          data-testid="zoom"
          aria-label={t("zoom.level", { n: percent })}
          data-tip={`${t("zoom.reset")}  ${shortcutText("zoom_100")}`}
          data-tip-side="above"
          onClick={() => commands.zoomTo(1)}
        >
          {percent}%
        </button>
        <IconButton icon={Plus} label={t("zoom.in")} testid="zoom-in" onPress={() => commands.zoomBy(1)} tip="above" />
        <span class="divider" />
        <IconButton
          icon={CircleQuestionMark}
          label={t("help.open")}
          shortcut="?"
          testid="help"
          onPress={() => (tooling.helpOpen.value = true)}
          tip="above"
        />
      </span>
    </div>
  );
}
