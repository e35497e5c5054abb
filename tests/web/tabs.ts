// Tabs that work on one board at once, each with its engine and a scene, over a journal that stands for the server.

import { readFileSync } from "node:fs";
import { encode, Raw, type Encodable } from "../../web/src/engine/codec.ts";
import { createEngine, type RestartableEngine } from "../../web/src/engine/doc.ts";
import { Field, Kind, Message } from "../../web/src/engine/generated.ts";
import type { Edit, FieldValue, ObjectId } from "../../web/src/engine/types.ts";
import { createScene, type MutableScene } from "../../web/src/state/scene.ts";
import type { Random } from "./random.ts";

export const module = new WebAssembly.Module(readFileSync(process.env["PLENUM_WASM"]!));

/** A tab: its engine, and a scene that only ever hears what the engine says has changed. */
export interface Tab {
  readonly replica: number;
  readonly user: number;
  readonly engine: RestartableEngine;
  readonly scene: MutableScene;
  seq: number;
}

export function opened(replica: number, user: number): Tab {
  const tab = { replica, user, engine: createEngine(module), scene: createScene(), seq: 0 };
  tab.scene.apply(tab.engine.load(new Uint8Array()));
  tab.scene.apply(tab.engine.identify(replica, 0, user));
  return tab;
}

export function plain(scene: MutableScene): unknown {
  const views = [...scene.objects.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  return views.map(({ fields, marks, ...rest }) => ({
    ...rest,
    fields: [...fields].sort((a, b) => a[0] - b[0]),
    marks: [...marks],
  }));
}

const words = ["a", "bc", "更好", "🙂", "x\ny", ""];

function anyOf<T>(random: Random, list: readonly T[]): T {
  return list[random(list.length)]!;
}

function randomSet(random: Random, ids: readonly ObjectId[], id: ObjectId): Edit {
  const values: readonly (readonly [number, FieldValue])[] = [
    [Field.POS, [random(400), random(400)]],
    [Field.SIZE, [random(300), random(300)]],
    [Field.PLACE, [random(3) === 0 ? null : anyOf(random, ids), anyOf(random, ["A", "B", "b"])]],
    [Field.COLOR, random(9)],
    [Field.GROUP, random(3) === 0 ? null : anyOf(random, ids)],
    [Field.FROM, [anyOf(random, ids), 1, 0.5, 0]],
    [Field.CLOCK, [1, random(1000), 1]],
    [Field.ALIVE, random(3) > 0],
  ];
  const [field, value] = anyOf(random, values);
  return { do: "set", id, field, value };
}

function randomEdit(random: Random, tab: Tab): Edit {
  const ids = [...tab.scene.objects.keys()];
  if (ids.length < 3 || random(9) === 0) {
    const fields = new Map<number, FieldValue>([
      [Field.POS, [random(400), random(400)]],
      [Field.SIZE, [random(200), random(200)]],
      [Field.PLACE, [random(2) === 0 || ids.length === 0 ? null : anyOf(random, ids), "V"]],
      [Field.TEXT, anyOf(random, words)],
    ]);
    return { do: "create", kind: anyOf(random, [Kind.STICKY, Kind.FRAME, Kind.KANBAN, Kind.COLUMN]), fields };
  }
  const id = anyOf(random, ids);
  const dice = random(10);
  if (dice < 1) return { do: "delete", id };
  if (dice < 2) return { do: "tally", id, field: Field.REACTION, sub: random(2), value: random(2) };
  if (dice < 6) return randomSet(random, ids, id);
  const text = tab.scene.objects.get(id)!.fields.get(Field.TEXT);
  const length = typeof text === "string" ? text.length : 0;
  if (dice < 7) {
    const value = random(3) > 0 ? true : null;
    return { do: "mark", id, field: Field.TEXT, at: random(length + 1), length: random(4), kind: 1 + random(2), value };
  }
  return { do: "text", id, field: Field.TEXT, at: random(length + 1), remove: random(3), text: anyOf(random, words) };
}

export interface Entry {
  readonly user: number;
  readonly body: Uint8Array;
}

/** The oldest pending batches of one tab are committed, and everybody hears of it sooner or later. */
export function commit(journal: Entry[], from: Tab, n: number): void {
  const unheard = journal.slice(from.seq).filter(({ user }) => user === from.user).length;
  for (const { body } of from.engine.pending().slice(unheard, unheard + n)) journal.push({ user: from.user, body });
}

/** The OPS frame of the entries behind `seq`, at most n; the first entry has seq 1, and was journaled at 1000 ms. */
export function opsFrame(journal: readonly Entry[], seq: number, n: number): Uint8Array {
  const entries = journal
    .slice(seq, seq + n)
    .map(({ user, body }, i) => [seq + i + 1, user, 1000 + seq + i, new Raw(body)] as Encodable);
  return encode([Message.OPS, 0, entries]);
}

export function hear(journal: readonly Entry[], tab: Tab, n: number): void {
  if (journal.length === tab.seq) return;
  tab.scene.apply(tab.engine.ops(opsFrame(journal, tab.seq, n)));
  tab.seq = Math.min(tab.seq + n, journal.length);
}

export function step(random: Random, journal: Entry[], tab: Tab): void {
  const dice = random(10);
  if (dice < 2) commit(journal, tab, 1 + random(3));
  else if (dice < 4) hear(journal, tab, 1 + random(4));
  else if (dice < 5) tab.scene.apply(random(2) === 0 ? tab.engine.undo() : tab.engine.redo());
  else {
    const edits = Array.from({ length: 1 + random(3) }, () => randomEdit(random, tab));
    tab.scene.apply(tab.engine.edit(random(3), edits).changes);
  }
}
