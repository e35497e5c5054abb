// Mounts what belongs to talk-tracks beside the rest of the chrome: the panel, and the bar while a track is open.

import { useComputed } from "@preact/signals";
import { render } from "preact";
import type { JSX } from "preact";
import type { Ms } from "../engine/types.ts";
import { PlayerBar } from "./player.tsx";
import { TracksPanel, type TracksProps } from "./tracks.tsx";

const PHONE_PX = 640;

export type PlayingSlots = Omit<TracksProps, "copyLink"> & {
  readonly copyLink: (track: string, recorded: Ms | null) => void;
};

function PlayingChrome(props: { readonly slots: PlayingSlots }): JSX.Element {
  const { slots } = props;
  const phone = useComputed(() => slots.store.viewport.value.w < PHONE_PX).value;
  const player = slots.playing.player.value;
  return (
    <>
      <TracksPanel {...slots} copyLink={(track) => slots.copyLink(track, null)} />
      {player !== null && (
        <PlayerBar
          key={player.track.peek().track}
          store={slots.store}
          playing={slots.playing}
          player={player}
          panel={slots.panel}
          phone={phone}
          copyLink={() => slots.copyLink(player.track.peek().track, player.report().recorded)}
        />
      )}
    </>
  );
}

export function mountPlaying(root: HTMLElement, slots: PlayingSlots): () => void {
  render(<PlayingChrome slots={slots} />, root);
  return () => render(null, root);
}
