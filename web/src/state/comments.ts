// Comments as people see them: threads with their messages, read from the scene and kept in step with it, and the edits
// that make and change them. A thread is a pin at an ANCHOR (SPEC O10), messages lie in it in the order they were sent.
// A thread without messages is nothing to anybody and is not listed.
// Not here: what this person has read (read_marks.ts), the pins and cards (ui).

import { signal } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import { Field, Kind } from "../engine/generated.ts";
import type { Edit, FieldValue, ObjectId, ObjectView } from "../engine/types.ts";
import type { BoardPoint, BoardRect } from "../geom/types.ts";
import { momentOf, type Moment } from "./moment.ts";
import { compareRanked } from "./order.ts";
import { placeOf, textOf } from "./read.ts";
import { rebase, spliceBetween } from "./splice.ts";
import type { Scene, SceneChanges } from "./types.ts";

/** On an object dx and dy are fractions of its size, from its top left; without one, the place on the board. */
export interface Anchor {
  readonly object: ObjectId | null;
  readonly dx: number;
  readonly dy: number;
}

export interface Message {
  readonly id: ObjectId;
  readonly user: number;
  readonly text: string;
  readonly moment: Moment | null;
  /** Its order key: later messages have higher ones, in all threads alike. */
  readonly key: string;
}

export interface Thread {
  readonly id: ObjectId;
  readonly anchor: Anchor;
  readonly resolved: boolean;
  readonly moment: Moment | null;
  /** First to last, at least one. */
  readonly messages: readonly Message[];
}

export interface Threads {
  /** The one with the latest message first. */
  readonly list: ReadonlySignal<readonly Thread[]>;
  stop(): void;
}

const NOWHERE: Anchor = { object: null, dx: 0, dy: 0 };

export function anchorOf(view: ObjectView): Anchor {
  const value = view.fields.get(Field.ANCHOR);
  if (!Array.isArray(value)) return NOWHERE;
  const [object, , dx, dy] = value as readonly unknown[];
  if (typeof dx !== "number" || typeof dy !== "number") return NOWHERE;
  return { object: typeof object === "string" ? (object as ObjectId) : null, dx, dy };
}

/** Where the anchor is now; null when its object is gone. */
export function anchorPoint(anchor: Anchor, rectOf: (id: ObjectId) => BoardRect | null): BoardPoint | null {
  if (anchor.object === null) return { x: anchor.dx, y: anchor.dy };
  const rect = rectOf(anchor.object);
  return rect && { x: rect.x + anchor.dx * rect.w, y: rect.y + anchor.dy * rect.h };
}

const part = (along: number, length: number): number =>
  length > 0 ? Math.round(Math.min(1, Math.max(0, along / length)) * 1000) / 1000 : 0;

/** An anchor at a point of the board, tied to what lies there. */
export function anchorAt(at: BoardPoint, object: ObjectId | null, rect: BoardRect): Anchor {
  if (object === null) return { object, dx: Math.round(at.x), dy: Math.round(at.y) };
  return { object, dx: part(at.x - rect.x, rect.w), dy: part(at.y - rect.y, rect.h) };
}

function messageOf(view: ObjectView): Message {
  return { id: view.id, user: view.user, text: textOf(view), moment: momentOf(view), key: placeOf(view).order ?? "" };
}

function threadOf(view: ObjectView, messages: Iterable<Message>): Thread {
  return {
    id: view.id,
    anchor: anchorOf(view),
    resolved: view.fields.get(Field.RESOLVED) === true,
    moment: momentOf(view),
    messages: [...messages].sort(compareRanked),
  };
}

export function followThreads(scene: Scene): Threads {
  const pins = new Map<ObjectId, ObjectView>();
  const messages = new Map<ObjectId, Message & { readonly thread: ObjectId }>();
  const list = signal<readonly Thread[]>([]);

  function rebuild(): void {
    const byThread = new Map<ObjectId, Message[]>();
    for (const message of messages.values()) {
      const known = byThread.get(message.thread);
      if (known === undefined) byThread.set(message.thread, [message]);
      else known.push(message);
    }
    const threads = [...byThread].flatMap(([id, lying]) => {
      const pin = pins.get(id);
      return pin === undefined ? [] : [threadOf(pin, lying)];
    });
    list.value = threads.sort((a, b) => compareRanked(b.messages.at(-1)!, a.messages.at(-1)!));
  }

  function take(view: ObjectView): boolean {
    if (view.kind === Kind.THREAD) pins.set(view.id, view);
    else if (view.kind !== Kind.MESSAGE) return false;
    else {
      const { parent } = placeOf(view);
      if (parent === null) messages.delete(view.id);
      else messages.set(view.id, { ...messageOf(view), thread: parent });
    }
    return true;
  }

  function onChanges({ reset, changed, removed }: SceneChanges): void {
    let touched = reset && pins.size > 0;
    if (reset) {
      pins.clear();
      messages.clear();
    }
    for (const id of removed) touched = pins.delete(id) || messages.delete(id) || touched;
    for (const view of changed) touched = take(view) || touched;
    if (touched) rebuild();
  }

  for (const view of scene.objects.values()) take(view);
  rebuild();
  return { list, stop: scene.subscribe(onChanges) };
}

function messageEdits(at: number, thread: ObjectId | number, text: string, moment: Moment | null): readonly Edit[] {
  const fields = new Map<number, FieldValue>([[Field.PLACE, [thread, null]], ...momentField(moment)]);
  return [
    { do: "create", kind: Kind.MESSAGE, fields },
    { do: "text", id: at, field: Field.TEXT, at: 0, remove: 0, text },
  ];
}

function momentField(moment: Moment | null): readonly (readonly [number, FieldValue])[] {
  return moment === null ? [] : [[Field.MOMENT, [moment.track, Math.round(moment.ms)]]];
}

/** A pin and its first message, which are one step to undo. */
export function beginThread(anchor: Anchor, text: string, moment: Moment | null): readonly Edit[] {
  const place: FieldValue = [anchor.object, 0, anchor.dx, anchor.dy];
  const fields = new Map<number, FieldValue>([[Field.ANCHOR, place], ...momentField(moment)]);
  return [{ do: "create", kind: Kind.THREAD, fields }, ...messageEdits(1, 0, text, moment)];
}

export function answer(thread: ObjectId, text: string, moment: Moment | null): readonly Edit[] {
  return messageEdits(0, thread, text, moment);
}

export function resolve(thread: ObjectId, resolved: boolean): readonly Edit[] {
  return [{ do: "set", id: thread, field: Field.RESOLVED, value: resolved }];
}

/** What makes `base`, as it was when its author began, `value`, whatever became of it meanwhile: a text edit, so that
 *  nobody's characters are lost. None when nothing was changed. */
export function rewrite(message: Message, base: string, value: string): readonly Edit[] {
  const typed = spliceBetween(base, value, null);
  if (typed === null) return [];
  const splice = rebase(typed, spliceBetween(base, message.text, null));
  return [{ do: "text", id: message.id, field: Field.TEXT, ...splice }];
}

/** Takes a message back, and with the last one its pin. */
export function removeMessage(thread: Thread, message: ObjectId): readonly Edit[] {
  const edits: Edit[] = [{ do: "delete", id: message }];
  if (thread.messages.every(({ id }) => id === message)) edits.push({ do: "delete", id: thread.id });
  return edits;
}
