// The selection's own small toolbar: floats above what is selected (below it when there is no room), and stays away
// while something is being dragged. On phones it stands still above the tool bar. Pressing it never takes the caret out
// of a text that is being typed.

import { ALargeSmall, BringToFront, ChevronDown, ChevronUp, CirclePlay, Copy, MessageCircle, Palette, SendToBack, TextAlignCenter, TextAlignEnd, TextAlignStart, Trash, Layers } from "lucide";
import type { JSX } from "preact";
import { useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { Kind } from "../engine/generated.ts";
import type { Ms } from "../engine/types.ts";
import { t } from "../i18n/i18n.ts";
import type { Key } from "../i18n/i18n.ts";
import { boardToScreen } from "../state/camera.ts";
import type { Player, Playing } from "../state/playing.ts";
import { Align, Color } from "../state/read.ts";
import { PHONE_PX } from "../state/screen.ts";
import { timeText } from "../state/time_text.ts";
import type { Commands, Tooling } from "../state/tooling.ts";
import type { BoardStore } from "../state/types.ts";
import { IconButton, MenuItem, Popover, Segments } from "./controls.tsx";
import { Icon } from "./icons.tsx";
import { shortcutText } from "./keys.ts";
import { React } from "./reactions.tsx";
import { chosenOf } from "./selection.ts";
import type { Chosen } from "./selection.ts";
import { FORMS } from "./toolbar.tsx";

const INLINE = [0, 1, 2, 3, 4, 5] as const;
const ALL = [0, 1, 2, 3, 4, 5, 9, 10, 6, 7, 8] as const;
const SIZES = [14, 20, 32, 56] as const;
const GAP_PX = 16;
const TITLE_PX = 22; // a frame's title stays readable
const TOP_PX = 76; // the panels at the top
const BOTTOM_PX = 76;

function Swatch(props: {
  readonly color: number;
  readonly active: boolean;
  readonly ink?: boolean;
  readonly onPress: () => void;
}): JSX.Element {
  const { color } = props;
  const none = color === Color.NONE;
  const paint = none ? "transparent" : `var(--${props.ink === true ? "i" : "p"}${color})`;
  return (
    <button
      type="button"
      class={`swatch ${none ? "swatch-none" : ""}`}
      aria-label={t(`color.${color}` as Key)}
      aria-pressed={props.active}
      data-testid={`color-${color}`}
      style={{ "--swatch": paint }}
      onClick={props.onPress}
    />
  );
}

function PalettePopover(props: {
  readonly label: string;
  readonly value: number | null;
  readonly ink: boolean;
  readonly none: boolean;
  readonly onPick: (color: number) => void;
}): JSX.Element {
  const { label, value, ink } = props;
  const shown = value === null || value === Color.NONE ? null : value;
  const paint = shown === null ? "transparent" : `var(--${ink ? "i" : "p"}${shown})`;
  return (
    <Popover
      label={label}
      placement="top"
      kind="palette"
      button={(open, toggle) => (
        <button
          type="button"
          class={`swatch-button ${ink ? "swatch-ring" : ""}`}
          aria-label={label}
          aria-expanded={open}
          data-tip={label}
          data-tip-side="above"
          onClick={toggle}
        >
          <span class={`swatch ${shown === null ? "swatch-none" : ""}`} style={{ "--swatch": paint }} />
        </button>
      )}
    >
      {(close) =>
        [...ALL, ...(props.none ? [Color.NONE] : [])].map((color) => (
          <Swatch
            key={color}
            color={color}
            ink={ink}
            active={value === color}
            onPress={() => {
              props.onPick(color);
              close();
            }}
          />
        ))
      }
    </Popover>
  );
}

function Colors(props: {
  readonly chosen: Chosen;
  readonly commands: Commands;
  readonly slim: boolean;
}): JSX.Element {
  const { chosen, commands } = props;
  if (chosen.allShapes) {
    return (
      <>
        <PalettePopover label={t("bar.fill")} value={chosen.color} ink={false} none onPick={commands.setColor} />
        <PalettePopover label={t("bar.outline")} value={chosen.stroke} ink none onPick={commands.setStroke} />
      </>
    );
  }
  if (props.slim) {
    return (
      <PalettePopover label={t("bar.color")} value={chosen.color} ink={false} none={false} onPick={commands.setColor} />
    );
  }
  return (
    <>
      {INLINE.map((color) => (
        <Swatch
          key={color}
          color={color}
          active={chosen.color === color}
          onPress={() => commands.setColor(color)}
        />
      ))}
      <Popover
        label={t("bar.more")}
        placement="top"
        kind="palette"
        button={(open, toggle) => (
          <IconButton
            icon={Palette}
            label={t("bar.color")}
            kind="narrow"
            active={open}
            onPress={toggle}
            tip={open ? "none" : "above"}
          />
        )}
      >
        {(close) =>
          ALL.map((color) => (
            <Swatch
              key={color}
              color={color}
              active={chosen.color === color}
              onPress={() => {
                commands.setColor(color);
                close();
              }}
            />
          ))
        }
      </Popover>
    </>
  );
}

function FormChoice(props: { readonly chosen: Chosen; readonly commands: Commands }): JSX.Element {
  const current = FORMS.find((form) => form.form === props.chosen.form) ?? FORMS[0];
  return (
    <Popover
      label={t("bar.form")}
      placement="top"
      kind="tray"
      button={(open, toggle) => (
        <IconButton
          icon={current?.icon ?? Layers}
          label={t("bar.form")}
          active={open}
          onPress={toggle}
          tip={open ? "none" : "above"}
        />
      )}
    >
      {(close) =>
        FORMS.map(({ form, icon, label }) => (
          <IconButton
            key={form}
            icon={icon}
            label={t(label)}
            tip="above"
            active={form === props.chosen.form}
            onPress={() => {
              props.commands.setForm(form);
              close();
            }}
          />
        ))
      }
    </Popover>
  );
}

function TextStyle(props: { readonly chosen: Chosen; readonly commands: Commands }): JSX.Element {
  const { chosen, commands } = props;
  return (
    <Popover
      label={t("bar.font")}
      placement="top"
      kind="text-style"
      button={(open, toggle) => (
        <IconButton
          icon={ALargeSmall}
          label={t("bar.font")}
          testid="text-style"
          active={open}
          onPress={toggle}
          tip={open ? "none" : "above"}
        />
      )}
    >
      {() => (
        <>
          <Segments
            label={t("bar.font")}
            value={chosen.font ?? 0}
            options={[
              { value: 0, label: t("bar.font_auto") },
              ...SIZES.map((size, i) => ({ value: size, label: ["S", "M", "L", "XL"][i] ?? "" })),
            ]}
            onPick={(size) => commands.setFont(size === 0 ? null : size)}
          />
          <Segments
            label={t("bar.align")}
            value={chosen.align}
            options={[
              { value: Align.START, label: t("bar.align_1"), icon: TextAlignStart },
              { value: Align.CENTRE, label: t("bar.align_0"), icon: TextAlignCenter },
              { value: Align.END, label: t("bar.align_2"), icon: TextAlignEnd },
            ]}
            onPick={commands.setAlign}
          />
        </>
      )}
    </Popover>
  );
}

function Order(props: { readonly commands: Commands }): JSX.Element {
  const { order } = props.commands;
  return (
    <Popover
      label={t("bar.order")}
      placement="top"
      kind="menu"
      button={(open, toggle) => (
        <IconButton
          icon={Layers}
          label={t("bar.order")}
          testid="order"
          active={open}
          onPress={toggle}
          tip={open ? "none" : "above"}
        />
      )}
    >
      {() => (
        <>
          <MenuItem icon={BringToFront} label={t("bar.front")} shortcut={shortcutText("front")} onPress={() => order("front")} />
          <MenuItem icon={ChevronUp} label={t("bar.forward")} shortcut={shortcutText("forward")} onPress={() => order("forward")} />
          <MenuItem icon={ChevronDown} label={t("bar.backward")} shortcut={shortcutText("backward")} onPress={() => order("backward")} />
          <MenuItem icon={SendToBack} label={t("bar.back")} shortcut={shortcutText("back")} onPress={() => order("back")} />
        </>
      )}
    </Popover>
  );
}

/** Above the selection, below it when the top is taken, and always whole on the screen. */
function placeBar(bar: HTMLElement, chosen: Chosen, store: BoardStore): void {
  const screen = store.viewport.peek();
  if (screen.w < PHONE_PX) {
    bar.style.transform = "";
    return;
  }
  const camera = store.camera.peek();
  const at = boardToScreen(camera, chosen.bounds);
  const w = chosen.bounds.w * camera.zoom;
  const h = chosen.bounds.h * camera.zoom;
  const { offsetWidth, offsetHeight } = bar;
  const titled = chosen.views.some((view) => view.kind === Kind.FRAME);
  const above = at.y - GAP_PX - offsetHeight - (titled ? TITLE_PX : 0);
  const below = at.y + h + GAP_PX;
  const lowest = screen.h - BOTTOM_PX - offsetHeight;
  const y = above >= TOP_PX ? above : Math.max(TOP_PX, Math.min(below, lowest));
  const x = Math.max(12, Math.min(at.x + w / 2 - offsetWidth / 2, screen.w - offsetWidth - 12));
  bar.style.transform = `translate(${Math.round(x)}px, ${Math.round(Math.min(y, lowest))}px)`;
}

/** What it looks like: for editors. */
function Style(props: {
  readonly store: BoardStore;
  readonly chosen: Chosen;
  readonly commands: Commands;
}): JSX.Element {
  const { store, chosen, commands } = props;
  return (
    <>
      {chosen.allShapes && <FormChoice chosen={chosen} commands={commands} />}
      <Colors chosen={chosen} commands={commands} slim={store.viewport.value.w < PHONE_PX} />
      <span class="divider" />
      {chosen.withText && <TextStyle chosen={chosen} commands={commands} />}
    </>
  );
}

/** While a talk-track is open: to where the speaker showed this. */
function Moment(props: { readonly player: Player; readonly at: Ms }): JSX.Element {
  const { player, at } = props;
  const time = timeText(at);
  return (
    <button
      type="button"
      class="button small"
      data-testid="bar-moment"
      aria-label={t("bar.moment", { time })}
      data-tip={t("bar.moment", { time })}
      data-tip-side="above"
      onClick={() => {
        player.seek(at);
        player.follow();
      }}
    >
      <Icon of={CirclePlay} size={16} /> {time}
    </button>
  );
}

export function SelectionBar(props: {
  readonly store: BoardStore;
  readonly tooling: Tooling;
  readonly commands: Commands;
  readonly playing: Playing;
}): JSX.Element | null {
  const { store, tooling, commands, playing } = props;
  const bar = useRef<HTMLDivElement>(null);
  const selection = store.selection.value;
  // With nothing selected the camera and the scene may change without a redraw here.
  if (selection.size > 0) void [store.scene.version.value, store.camera.value, store.viewport.value];
  const chosen = chosenOf(store, selection);
  const player = playing.player.value;
  const only = chosen?.views.length === 1 ? chosen.views[0]!.id : null;
  // Not with every move of the camera: it looks through the whole track.
  const moment = useMemo(() => (player && only !== null ? player.momentOf(only) : null), [player, only]);
  const away = tooling.busy.value || tooling.tool.value !== "select" || !(store.canComment.value || moment !== null);
  useLayoutEffect(() => {
    if (bar.current !== null && chosen !== null) placeBar(bar.current, chosen, store);
  });
  if (chosen === null || away) return null;
  return (
    <div
      ref={bar}
      class="panel selection-bar"
      role="toolbar"
      aria-label={t("bar.selection")}
      data-testid="selection-bar"
      onPointerDown={(event) => {
        if (store.editing.peek() !== null) event.preventDefault();
      }}
      onMouseDown={(event) => {
        if (store.editing.peek() !== null) event.preventDefault();
      }}
    >
      {store.canEdit.value && <Style store={store} chosen={chosen} commands={commands} />}
      {player && moment !== null && <Moment player={player} at={moment} />}
      {store.canComment.value && <React store={store} commands={commands} views={chosen.views} />}
      {store.canComment.value && chosen.views.length === 1 && (
        <IconButton
          icon={MessageCircle}
          label={t("bar.comment")}
          testid="bar-comment"
          onPress={commands.comment}
          tip="above"
        />
      )}
      {store.canEdit.value && (
        <>
          <Order commands={commands} />
          <IconButton
            icon={Copy}
            label={t("bar.duplicate")}
            shortcut={shortcutText("duplicate")}
            testid="duplicate"
            onPress={commands.duplicate}
            tip="above"
          />
          <IconButton
            icon={Trash}
            label={t("bar.delete")}
            shortcut={shortcutText("delete")}
            testid="delete"
            onPress={commands.remove}
            tip="above"
          />
        </>
      )}
    </div>
  );
}
