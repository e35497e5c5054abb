// What is marked along a track: what people said of it, from the board, which are comments and stickies that carry one of
// its moments, and the reactions in its card's tally (SPEC K7); and its chapters. Kept up with the scene; an edit that
// concerns no track costs a look at its fields.

import { computed, signal } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import { Field, Kind } from "../engine/generated.ts";
import type { FieldValue, Ms, ObjectId, ObjectView } from "../engine/types.ts";
import { hueOf } from "../state/names.ts";
import { momentOf } from "../state/moment.ts";
import type { Mark } from "../state/playing.ts";
import { cardOf, isCardOf, placeOf, textOf } from "../state/read.ts";
import type { Track } from "../state/tracks.ts";
import type { BoardStore } from "../state/types.ts";
import { isPlayed, playedAt, type Piece } from "./cuts.ts";

/** K7: reactions below this are to the card itself; above, this many to each second. */
export const REACTIONS_PER_SECOND = 64;

/** The tally's `sub` of a reaction to a moment. */
export function reactionSub(recorded: Ms, reaction: number): number {
  return REACTIONS_PER_SECOND * (Math.floor(recorded / 1000) + 1) + reaction;
}

export interface Reacted {
  readonly user: number;
  readonly recordedMs: Ms;
  readonly reaction: number;
}

/** The reactions to moments among a card's. */
export function reactionsIn(tally: FieldValue | undefined): readonly Reacted[] {
  if (!Array.isArray(tally)) return [];
  return (tally as readonly unknown[]).flatMap((row): readonly Reacted[] => {
    if (!Array.isArray(row)) return [];
    const [user, sub, value] = row as readonly unknown[];
    if (typeof user !== "number" || typeof sub !== "number" || typeof value !== "number") return [];
    if (value < 1 || sub < REACTIONS_PER_SECOND) return [];
    const second = Math.floor(sub / REACTIONS_PER_SECOND) - 1;
    return [{ user, recordedMs: (second * 1000) as Ms, reaction: sub % REACTIONS_PER_SECOND }];
  });
}

export interface Marks {
  readonly card: ReadonlySignal<ObjectId | null>;
  readonly list: ReadonlySignal<readonly Mark[]>;
  close(): void;
}

export interface MarksDeps {
  readonly store: BoardStore;
  readonly track: string;
  readonly pieces: readonly Piece[];
  readonly picture: (reaction: number) => string;
}

export function keepMarks({ store, track, pieces, picture }: MarksDeps): Marks {
  const { scene } = store;
  const card = signal(cardOf(scene.objects, track));
  const stamped = new Set<ObjectId>();
  const version = signal(0);

  function readAll(): void {
    stamped.clear();
    for (const view of scene.objects.values()) if (view.fields.has(Field.MOMENT)) stamped.add(view.id);
    card.value = cardOf(scene.objects, track);
  }

  const stop = scene.subscribe(({ reset, changed, removed }) => {
    let touched = reset;
    if (reset) readAll();
    for (const view of reset ? [] : changed) {
      if (isCardOf(view, track)) card.value ??= view.id;
      else if (view.fields.has(Field.MOMENT)) stamped.add(view.id);
      else continue;
      touched = true;
    }
    for (const id of removed) {
      if (stamped.delete(id)) touched = true;
      if (id === card.peek()) card.value = cardOf(scene.objects, track);
    }
    if (touched) version.value += 1;
  });
  readAll();

  const who = (user: number): { name: string; hue: number } => ({
    name: store.names.get(user) ?? "",
    hue: store.people.peek().find((person) => person.user === user)?.hue ?? hueOf(user),
  });

  function commentOf(view: ObjectView): Mark | null {
    const moment = momentOf(view);
    // A thread's own moment is that of its first message, which has the words.
    if (moment === null || moment.track !== card.value || view.kind === Kind.THREAD) return null;
    if (!isPlayed(pieces, moment.ms)) return null;
    const text = textOf(view).trim();
    if (text === "") return null;
    const object = view.kind === Kind.MESSAGE ? placeOf(view).parent : view.id;
    return {
      key: view.id,
      at: playedAt(pieces, moment.ms),
      recordedMs: moment.ms,
      is: "comment",
      text,
      object,
      count: 1,
      ...who(view.user),
    };
  }

  function reactionMarks(): readonly Mark[] {
    const view = card.value === null ? undefined : scene.objects.get(card.value);
    const marks = new Map<string, Mark>();
    for (const { user, recordedMs, reaction } of reactionsIn(view?.fields.get(Field.REACTION))) {
      if (!isPlayed(pieces, recordedMs)) continue;
      const key = `r${recordedMs}.${reaction}`;
      const known = marks.get(key);
      const text = picture(reaction);
      const at = playedAt(pieces, recordedMs);
      marks.set(
        key,
        known
          ? { ...known, count: known.count + 1 }
          : { key, at, recordedMs, is: "reaction", text, object: null, count: 1, ...who(user) },
      );
    }
    return [...marks.values()];
  }

  return {
    card,
    list: computed(() => {
      void version.value;
      const comments = [...stamped].flatMap((id) => {
        const view = scene.objects.get(id);
        const mark = view && commentOf(view);
        return mark ? [mark] : [];
      });
      return [...comments, ...reactionMarks()].sort((a, b) => a.at - b.at);
    }),
    close: stop,
  };
}

export function chapterMarks({ chapters }: Pick<Track, "chapters">, pieces: readonly Piece[]): readonly Mark[] {
  return chapters
    .filter(({ atMs }) => isPlayed(pieces, atMs))
    .map(({ atMs, title }) => ({
      key: `c${atMs}`,
      at: playedAt(pieces, atMs),
      recordedMs: atMs,
      is: "chapter",
      name: "",
      text: title,
      hue: 0,
      object: null,
      count: 1,
    }));
}
