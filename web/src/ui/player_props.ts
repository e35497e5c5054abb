// What the parts of the player's bar are given, and the steps they agree on.

import type { Signal } from "@preact/signals";
import type { Ms } from "../engine/types.ts";
import type { Player, Playing } from "../state/playing.ts";
import type { CanvasPort, Commands, PanelName, Tooling } from "../state/tooling.ts";
import type { BoardStore } from "../state/types.ts";

export const BACK_MS = -10_000 as Ms;

/** What is said at a moment needs of the board. */
export interface SaidSlots {
  readonly tooling: Tooling;
  readonly commands: Pick<Commands, "openThread" | "reveal" | "comment">;
  readonly board: Pick<CanvasPort, "host" | "rectShown" | "onFrame">;
}

export interface PlayerProps extends SaidSlots {
  readonly store: BoardStore;
  readonly playing: Playing;
  readonly player: Player;
  readonly panel: Signal<PanelName | null>;
  readonly phone: boolean;
  /** Too little room for all in the bar: what is set once and then left is behind its menu. */
  readonly folded: boolean;
  /** Keys of the marks that are said on the board. */
  readonly placed: Signal<ReadonlySet<string>>;
  /** Puts a link to this moment on the clipboard. */
  readonly copyLink: () => void;
}

/** Where nothing is spoken the captions are all that is said: they are always shown. */
export function isSilent(player: Player): boolean {
  return player.track.value.segments.every(({ type }) => type === "");
}

export function showsCaptions({ player, playing }: Pick<PlayerProps, "player" | "playing">): boolean {
  return playing.captionsOn.value || isSilent(player);
}

/** Somebody else leads. */
export function isLed(player: Player): boolean {
  const together = player.together.value;
  return together.is === "together" && !together.mayLead;
}
