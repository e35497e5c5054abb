// The small parts every panel is made of: buttons with a name and a tip, floating panels that open from a button.
// A tip shows the shortcut; a popover closes on Escape, on a press outside and when focus leaves it.

import { autoUpdate, computePosition, flip, offset, shift, size } from "@floating-ui/dom";
import type { Placement } from "@floating-ui/dom";
import type { IconNode } from "lucide";
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { Icon } from "./icons.tsx";

export interface ButtonProps {
  readonly icon: IconNode;
  readonly label: string;
  readonly shortcut?: string;
  readonly onPress: () => void;
  readonly testid?: string;
  readonly active?: boolean;
  readonly disabled?: boolean;
  /** Why it cannot be pressed now: it stays where it is, and says so. */
  readonly why?: string;
  readonly kind?: string;
  readonly size?: number;
  readonly tip?: "above" | "below" | "none";
}

export function IconButton(props: ButtonProps): JSX.Element {
  const { label, shortcut, active, why } = props;
  const tip = why ?? (shortcut === undefined ? label : `${label}  ${shortcut}`);
  return (
    <button
      type="button"
      class={`icon-button ${props.kind ?? ""}`}
      aria-label={label}
      {...(active === undefined ? {} : { "aria-pressed": active })}
      disabled={props.disabled ?? false}
      data-testid={props.testid}
      {...(why === undefined ? {} : { "aria-disabled": true, "aria-description": why })}
      data-tip={props.tip === "none" ? undefined : tip}
      data-tip-side={props.tip ?? "below"}
      onClick={() => why === undefined && props.onPress()}
    >
      <Icon of={props.icon} size={props.size ?? 18} />
    </button>
  );
}

export interface PopoverProps {
  readonly label: string;
  readonly placement: Placement;
  readonly kind?: string;
  readonly testid?: string;
  /** Draws the button; `toggle` opens and closes. */
  readonly button: (open: boolean, toggle: () => void) => JSX.Element;
  readonly children: (close: () => void) => ComponentChildren;
}

export function Popover(props: PopoverProps): JSX.Element {
  const [open, setOpen] = useState(false);
  const anchor = useRef<HTMLSpanElement>(null);
  const panel = useRef<HTMLDivElement>(null);
  const close = (): void => {
    setOpen(false);
    anchor.current?.querySelector("button")?.focus({ preventScroll: true });
  };

  useLayoutEffect(() => {
    const from = anchor.current;
    const floating = panel.current;
    if (!open || from === null || floating === null) return;
    return autoUpdate(from, floating, () => {
      void place(from, floating, props.placement);
    });
  }, [open, props.placement]);

  useEffect(() => {
    if (!open) return;
    panel.current?.querySelector<HTMLElement>("[data-autofocus]")?.focus({ preventScroll: true });
    const outside = (event: PointerEvent): void => {
      const { target } = event;
      if (!(target instanceof Node)) return;
      if (panel.current?.contains(target) === true || anchor.current?.contains(target) === true) return;
      setOpen(false);
    };
    document.addEventListener("pointerdown", outside, true);
    return () => document.removeEventListener("pointerdown", outside, true);
  }, [open]);

  const onKeyDown = (event: KeyboardEvent): void => {
    if (!open || event.key !== "Escape") return;
    event.preventDefault();
    event.stopPropagation();
    close();
  };

  return (
    <span class="popover-anchor" ref={anchor} onKeyDown={onKeyDown}>
      {props.button(open, () => setOpen(!open))}
      {open && (
        <div
          ref={panel}
          class={`panel popover ${props.kind ?? ""}`}
          role="dialog"
          aria-label={props.label}
          data-testid={props.testid}
        >
          {props.children(close)}
        </div>
      )}
    </span>
  );
}

async function place(from: HTMLElement, floating: HTMLElement, placement: Placement): Promise<void> {
  const at = await computePosition(from, floating, {
    placement,
    strategy: "fixed",
    middleware: [
      offset(10),
      flip({ padding: 8 }),
      shift({ padding: 8 }),
      size({
        padding: 8,
        apply: ({ availableHeight }) => {
          floating.style.maxHeight = `${Math.max(120, availableHeight)}px`;
        },
      }),
    ],
  });
  floating.style.left = `${Math.round(at.x)}px`;
  floating.style.top = `${Math.round(at.y)}px`;
  floating.dataset["placed"] = "";
}

export function MenuItem(props: {
  readonly icon?: IconNode;
  readonly label: string;
  readonly shortcut?: string;
  readonly onPress: () => void;
  readonly testid?: string;
  readonly danger?: boolean;
}): JSX.Element {
  return (
    <button
      type="button"
      class={`menu-item ${props.danger === true ? "danger" : ""}`}
      onClick={props.onPress}
      data-testid={props.testid}
    >
      {props.icon !== undefined && <Icon of={props.icon} size={16} />}
      <span class="menu-label">{props.label}</span>
      {props.shortcut !== undefined && <span class="menu-shortcut">{props.shortcut}</span>}
    </button>
  );
}

/** A few choices side by side, one of them taken. */
export function Segments<T extends string | number>(props: {
  readonly label: string;
  readonly value: T | null;
  readonly options: readonly { readonly value: T; readonly label: string; readonly icon?: IconNode }[];
  readonly onPick: (value: T) => void;
  readonly testid?: string;
}): JSX.Element {
  return (
    <div class="segments" role="group" aria-label={props.label} data-testid={props.testid}>
      {props.options.map((option) => (
        <button
          type="button"
          key={option.value}
          class="segment"
          aria-pressed={option.value === props.value}
          aria-label={option.label}
          data-value={option.value}
          title={option.icon === undefined ? undefined : option.label}
          onClick={() => props.onPick(option.value)}
        >
          {option.icon === undefined ? option.label : <Icon of={option.icon} size={16} />}
        </button>
      ))}
    </div>
  );
}
