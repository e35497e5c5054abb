// What tests and the curious may ask an open board (web/README.md). Read-only but for cutting the connection.

import { Field } from "../engine/generated.ts";
import type { ObjectId, ObjectView } from "../engine/types.ts";
import type { BoardPoint, BoardRect, ScreenPoint } from "../geom/types.ts";
import { boardToScreen } from "../state/camera.ts";
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
  /** How many others' cursors are known, and whether any of them is in the middle of a gesture. */
  others(): { readonly cursors: number; readonly gestures: number };
  /** Cuts the connection as a network would; the session goes on by itself. */
  dropSocket(): void;
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
    };
  };
  return {
    hashes: () => store.engine.hashes(),
    seq: () => replica.seq,
    pending: () => replica.pendingCount,
    state: () => store.connection.value,
    objects: () => store.scene.inOrder().map(plain),
    onScreen: (at) => boardToScreen(store.camera.value, at),
    others() {
      const all = [...store.presence.values()];
      return {
        cursors: all.filter((presence) => presence.cursor !== null).length,
        gestures: all.filter((presence) => presence.gesture !== null).length,
      };
    },
    dropSocket: () => session.startOver(),
  };
}
