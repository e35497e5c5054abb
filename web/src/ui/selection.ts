// What the selection's own bar needs to know: where the selection is on the screen, and what its objects have in common.

import { Kind } from "../engine/generated.ts";
import type { ObjectId, ObjectView } from "../engine/types.ts";
import { boundsOf } from "../geom/rect.ts";
import type { BoardRect } from "../geom/types.ts";
import { alignOf, colorOf, fontOf, formOf, strokeOf } from "../state/read.ts";
import type { BoardStore } from "../state/types.ts";

export interface Chosen {
  readonly views: readonly ObjectView[];
  readonly bounds: BoardRect;
  readonly allShapes: boolean;
  readonly withText: boolean;
  readonly color: number | null;
  readonly stroke: number | null;
  readonly form: number | null;
  readonly align: number | null;
  readonly font: number | null;
}

/** The value all agree on, or null. */
function shared<T>(views: readonly ObjectView[], read: (view: ObjectView) => T): T | null {
  const first = views[0];
  if (first === undefined) return null;
  const value = read(first);
  return views.every((view) => read(view) === value) ? value : null;
}

export function chosenOf(store: BoardStore, selection: ReadonlySet<ObjectId>): Chosen | null {
  const views = [...selection].flatMap((id) => store.scene.objects.get(id) ?? []);
  const bounds = boundsOf(views.map((view) => store.scene.rectOf(view)));
  if (bounds === null) return null;
  const written = views.filter((view) => view.kind !== Kind.FRAME);
  return {
    views,
    bounds,
    allShapes: views.every((view) => view.kind === Kind.SHAPE),
    withText: written.length > 0,
    color: shared(views, colorOf),
    stroke: shared(views, strokeOf),
    form: shared(views, formOf),
    align: shared(written, alignOf),
    font: shared(written, fontOf),
  };
}
