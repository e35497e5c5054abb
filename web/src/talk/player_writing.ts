// While the viewer writes a comment the speaker waits, if the viewer wishes it so, and goes on afterwards by itself, unless
// the viewer plays or closes the talk-track meanwhile.

import { effect, untracked } from "@preact/signals";
import type { Player } from "../state/playing.ts";
import type { Moments } from "../state/moment.ts";

/** Between one field and the next nobody writes; nothing is said in that time. */
const AFTER_MS = 400;

type Waits = Pick<Player, "status" | "pause" | "play">;

/** Runs something a little later; gives back what calls it off. */
export type Later = (run: () => void) => () => void;

const soon: Later = (run) => {
  const timer = setTimeout(run, AFTER_MS);
  return () => clearTimeout(timer);
};

/** `wanted`: asked when the viewer begins to write. */
export function waitForWriting(
  player: Waits,
  { writing }: Pick<Moments, "writing">,
  wanted: () => boolean,
  later: Later = soon,
): () => void {
  let waits = false;
  let callOff: () => void = () => undefined;
  const plays = (): boolean => player.status.value === "playing" || player.status.value === "waiting";
  const began = (): void => {
    callOff();
    if (waits || !plays() || !wanted()) return;
    player.pause();
    waits = true;
  };
  const ended = (): void => {
    if (!waits) return;
    callOff = later(() => {
      if (waits) player.play();
      waits = false;
    });
  };
  const stops = [
    effect(() => {
      const on = writing.value;
      untracked(on ? began : ended);
    }),
    effect(() => {
      if (plays()) waits = false;
    }),
  ];
  return () => {
    callOff();
    for (const stop of stops) stop();
  };
}
