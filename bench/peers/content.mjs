// What is written, whatever a server speaks: where an object is put at each of its moves, and what stands on the
// stickies that fill a board. Not here: how either is said (the folders' dialects).
const BOARD_EXTENT = 4000;

export const placeOf = (step) => [((step * 7) % BOARD_EXTENT) + 0.5, ((step * 3) % BOARD_EXTENT) + 0.25];

/** A place by which its move is known again, for servers that number no writer's moves. An object is made at -1. */
export const numberedPlaceOf = (move) => [move + 0.5, ((move * 3) % BOARD_EXTENT) + 0.25];
export const moveAt = (x) => x - 0.5;
export const MADE_AT = -1;

const words = "idea plan risk next team done keep start stop why how user test ship care time cost goal".split(" ");

/** 3 to 12 words. */
export function textOf(number) {
  const length = 3 + (number % 10);
  return Array.from({ length }, (_, at) => words[(number * 7 + at * 3) % words.length]).join(" ");
}
