// Where a talk-track's card comes to lie on the board: in view, where it covers least.

import { Field, Kind } from "../engine/generated.ts";
import type { FieldValue, Ms, ObjectId } from "../engine/types.ts";
import { areaOf, overlapOf } from "../geom/rect.ts";
import type { BoardRect } from "../geom/types.ts";
import { screenToBoard } from "../state/camera.ts";
import { SAFE } from "../state/playing.ts";
import { cardOf } from "../state/read.ts";
import type { BoardStore } from "../state/types.ts";

/** As wide as the board's other large things; the card's picture is 16:9 with its title below. */
const CARD = { w: 320, h: 244 } as const;
/** What the tools cover of the screen. */
const TOOLS_PX = 84;
/** Places tried along each side of the view. */
const PLACES = 10;

/** Puts the track's card in the middle of the view, or brings the one that is there up to date. One gesture. */
export function placeCard(store: BoardStore, track: string, title: string, lengthMs: Ms): ObjectId | null {
  const known = cardOf(store.scene.objects, track);
  const said: readonly (readonly [number, FieldValue])[] = [
    [Field.TITLE, title],
    [Field.LENGTH, Math.round(lengthMs)],
  ];
  if (known !== null) {
    const edits = said.map(([field, value]) => ({ do: "set", id: known, field, value }) as const);
    store.edit(edits);
    return known;
  }
  const { x, y } = freePlace(store);
  const fields = new Map<number, FieldValue>([
    ...said,
    [Field.TRACK, track],
    [Field.POS, [x, y]],
    [Field.SIZE, [CARD.w, CARD.h]],
    [Field.PLACE, [null, null]],
  ]);
  return store.edit([{ do: "create", kind: Kind.TRACK, fields }])?.created[0] ?? null;
}

/** In view, where it covers least, as near to the middle as can be. */
function freePlace(store: BoardStore): { readonly x: number; readonly y: number } {
  const { scene, camera, viewport } = store;
  const { zoom } = camera.peek();
  const { w, h } = viewport.peek();
  const { x, y } = screenToBoard(camera.peek(), { x: SAFE.left, y: SAFE.top });
  const roomW = Math.max(0, (w - SAFE.left - SAFE.right) / zoom - CARD.w);
  const roomH = Math.max(0, (h - SAFE.top - TOOLS_PX) / zoom - CARD.h);
  const covered = (at: BoardRect): number => {
    return scene.inOrder(at).reduce((sum, object) => sum + areaOf(overlapOf(at, scene.rectOf(object))), 0);
  };
  const steps = Array.from({ length: PLACES + 1 }, (_, i) => i / PLACES);
  const places = steps.flatMap((down) => steps.map((right) => ({ right, down })));
  const fromMiddle = ({ right, down }: { right: number; down: number }): number => Math.hypot(right - 0.5, down - 0.5);
  places.sort((a, b) => fromMiddle(a) - fromMiddle(b));
  let best = { x: Math.round(x + roomW / 2), y: Math.round(y + roomH / 2) };
  let least = Infinity;
  for (const { right, down } of places) {
    const at = { x: Math.round(x + right * roomW), y: Math.round(y + down * roomH) };
    const area = covered({ ...at, ...CARD });
    if (area < least) [best, least] = [at, area];
    if (least === 0) break;
  }
  return best;
}
