// What tests and the curious may ask an open board (web/README.md). It can do no more than the person can.

import { Field } from "../engine/generated.ts";
import type { Edit, FieldValue, ObjectId, ObjectView } from "../engine/types.ts";
import { badgeRow } from "../geom/badges.ts";
import { centreOf } from "../geom/rect.ts";
import type { BoardPoint, BoardRect, ScreenPoint } from "../geom/types.ts";
import { boardToScreen } from "../state/camera.ts";
import { reactionsOf } from "../state/reactions.ts";
import type { BoardStore, Connection } from "../state/types.ts";
import type { Session } from "./session.ts";
import type { LocalReplica } from "./replica.ts";

export interface InspectedObject {
  readonly id: ObjectId;
  readonly kind: number;
  readonly text: string;
  readonly color: unknown;
  readonly parent: unknown;
  readonly rect: BoardRect;
  readonly pending: boolean;
  /** How many people gave each reaction, by its number. */
  readonly reactions: Readonly<Record<number, number>>;
}

export interface Inspector {
  hashes(): { readonly state: string; readonly view: string };
  seq(): number;
  pending(): number;
  state(): Connection;
  /** Everything drawn, in drawing order. */
  objects(): readonly InspectedObject[];
  /** Where a board point is on the canvas. */
  onScreen(at: BoardPoint): ScreenPoint;
  /** Where the middle of an object's first reaction badge is on the canvas. */
  badgeOnScreen(id: ObjectId): ScreenPoint | null;
  /** How many others' cursors are known, how many are in the middle of a gesture, how many point with a laser. */
  others(): { readonly cursors: number; readonly gestures: number; readonly lasers: number };
  /** Objects from plain data, in one gesture: {kind, fields by number, text}. They go above everything. */
  make(objects: readonly MadeObject[]): readonly ObjectId[];
  /** Cuts the connection as a network would; the session goes on by itself. */
  dropSocket(): void;
}

export interface MadeObject {
  readonly kind: number;
  readonly fields: { readonly [field: string]: FieldValue };
  readonly text: string;
  /** A frame: its id, or the index of one made before it in the same call. */
  readonly parent: number | ObjectId | null;
}

function make(store: BoardStore, objects: readonly MadeObject[]): readonly ObjectId[] {
  // A text edit stands behind its create: object k is made by the edit this says.
  const createdBy: number[] = [];
  const edits: Edit[] = [];
  for (const [i, { kind, fields, text, parent }] of objects.entries()) {
    createdBy.push(edits.length);
    const frame = typeof parent === "number" ? (createdBy[parent] ?? null) : parent;
    const given = Object.entries(fields).map(([field, value]) => [Number(field), value] as const);
    edits.push({ do: "create", kind, fields: new Map<number, FieldValue>([...given, [Field.PLACE, [frame, null]]]) });
    if (text !== "") edits.push({ do: "text", id: createdBy[i]!, field: Field.TEXT, at: 0, remove: 0, text });
  }
  return store.edit(edits)?.created ?? [];
}

export function inspect(store: BoardStore, replica: LocalReplica, session: Session): Inspector {
  const plain = (view: ObjectView): InspectedObject => {
    const place = view.fields.get(Field.PLACE);
    const text = view.fields.get(Field.TEXT);
    return {
      id: view.id,
      kind: view.kind,
      text: typeof text === "string" ? text : "",
      color: view.fields.get(Field.COLOR) ?? null,
      parent: Array.isArray(place) ? (place[0] ?? null) : null,
      rect: store.scene.rectOf(view),
      pending: view.pending,
      reactions: Object.fromEntries(reactionsOf(view).map(({ reaction, users }) => [reaction, users.length])),
    };
  };
  return {
    hashes: () => store.engine.hashes(),
    seq: () => replica.seq,
    pending: () => replica.pendingCount,
    state: () => store.connection.value,
    objects: () => store.scene.inOrder().map(plain),
    onScreen: (at) => boardToScreen(store.camera.value, at),
    badgeOnScreen(id) {
      const view = store.scene.objects.get(id);
      const counts = view === undefined ? [] : reactionsOf(view).map(({ users }) => users.length);
      const first = view && badgeRow(store.scene.rectOf(view), counts)[0];
      return first ? boardToScreen(store.camera.value, centreOf(first)) : null;
    },
    others() {
      const all = [...store.presence.values()];
      return {
        cursors: all.filter((presence) => presence.cursor !== null).length,
        gestures: all.filter((presence) => presence.gesture !== null).length,
        lasers: all.filter((presence) => presence.laser !== null).length,
      };
    },
    make: (objects) => make(store, objects),
    dropSocket: () => session.startOver(),
  };
}
