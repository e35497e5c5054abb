// Mounts what belongs to talk-tracks: beside the rest of the chrome the panel, and the bar while a track is open; on the
// canvas's host, below all chrome, what is said at this moment.

import { signal, useComputed } from "@preact/signals";
import type { Signal } from "@preact/signals";
import { render } from "preact";
import type { JSX } from "preact";
import type { Ms } from "../engine/types.ts";
import { PHONE_PX } from "../state/screen.ts";
import type { Track } from "../state/tracks.ts";
import { PlayerBar } from "./player.tsx";
import type { SaidSlots } from "./player_props.ts";
import { SaidOnBoard } from "./said.tsx";
import { TracksPanel, type TracksProps } from "./tracks.tsx";

/** Below this the player's bar is folded. */
const ROOMY_PX = 1360;

export type PlayingSlots = Omit<TracksProps, "copyLink"> & SaidSlots & {
  readonly copyLink: (track: Track, recorded: Ms | null) => void;
};

type Placed = Signal<ReadonlySet<string>>;

function PlayingChrome(props: { readonly slots: PlayingSlots; readonly placed: Placed }): JSX.Element {
  const { slots, placed } = props;
  const phone = useComputed(() => slots.store.viewport.value.w < PHONE_PX).value;
  const folded = useComputed(() => slots.store.viewport.value.w < ROOMY_PX).value;
  const player = slots.playing.player.value;
  return (
    <>
      <TracksPanel {...slots} copyLink={(track) => slots.copyLink(track, null)} />
      {player !== null && (
        <PlayerBar
          key={player.track.peek().track}
          {...slots}
          player={player}
          placed={placed}
          phone={phone}
          folded={folded}
          copyLink={() => slots.copyLink(player.track.peek(), player.report().recorded)}
        />
      )}
    </>
  );
}

function OnBoard(props: { readonly slots: PlayingSlots; readonly placed: Placed }): JSX.Element | null {
  const player = props.slots.playing.player.value;
  return player && <SaidOnBoard {...props.slots} player={player} placed={props.placed} />;
}

export function mountPlaying(root: HTMLElement, slots: PlayingSlots): () => void {
  const placed: Placed = signal(new Set());
  const layer = document.createElement("div");
  layer.className = "sayings";
  slots.board.host.append(layer);
  render(<PlayingChrome slots={slots} placed={placed} />, root);
  render(<OnBoard slots={slots} placed={placed} />, layer);
  return () => {
    render(null, layer);
    render(null, root);
    layer.remove();
  };
}
