// What the speaker did at a moment, from a segment's timeline: pointer, laser, clicks, selection, slide, caption, and the
// entry the board stood at. Pure; made once from the events, asked every frame. Moved by how far what the speaker saw has
// moved since (camera_path.ts).

import type { Ms, ObjectId } from "../engine/types.ts";
import { centreOf } from "../geom/rect.ts";
import type { BoardPoint, BoardRect } from "../geom/types.ts";
import type { Ghost, Stage } from "../state/playing.ts";
import { lastBefore, movedBy, shifted, shiftedPoint, type RectNow, type Shift } from "./camera_path.ts";
import type { Anchor, TimelineEvent } from "./timeline.ts";

type Of<K extends TimelineEvent["is"]> = Extract<TimelineEvent, { readonly is: K }>;

/** The pointer comes 20 times a second while it moves: further apart it stood still and then jumped. */
const GLIDE_MS_MAX = 150;
const LASER_MS = 900;
const CLICK_MS = 700;
/** Objects that are off by less than this, in board units, are where they were. */
const MOVED_MIN = 12;
const GHOSTS_MAX = 4;
const CHANGED_MIN = 3;

export interface Acts {
  pointerAt(at: Ms): BoardPoint | null;
  laserAt(at: Ms): Stage["laser"];
  clicksAt(at: Ms): Stage["clicks"];
  selectedAt(at: Ms): readonly ObjectId[];
  slideAt(at: Ms): ObjectId | null;
  /** The journal's entry the board stood at; null before the first. */
  entryAt(at: Ms): number | null;
  /** Entries whose state was hashed. */
  readonly hashed: readonly Of<"entry">[];
}

function kind<K extends TimelineEvent["is"]>(events: readonly TimelineEvent[], is: K): readonly Of<K>[] {
  return events.filter((event): event is Of<K> => event.is === is);
}

function glided(list: readonly (Of<"pointer"> | Of<"laser">)[], at: Ms): BoardPoint | null {
  const i = lastBefore(list, at);
  const before = list[i];
  if (!before?.point) return null;
  const after = list[i + 1];
  if (!after?.point || after.at - before.at > GLIDE_MS_MAX || after.at <= before.at) return before.point;
  const t = (at - before.at) / (after.at - before.at);
  return {
    x: before.point.x + (after.point.x - before.point.x) * t,
    y: before.point.y + (after.point.y - before.point.y) * t,
  };
}

export function createActs(events: readonly TimelineEvent[]): Acts {
  const pointers = kind(events, "pointer");
  const lasers = kind(events, "laser");
  const clicks = kind(events, "click");
  const selections = kind(events, "select");
  const slides = kind(events, "slide");
  const entries = kind(events, "entry");
  return {
    hashed: entries.filter((entry) => entry.stateHash !== null),
    pointerAt: (at) => glided(pointers, at),
    laserAt(at) {
      const now = glided(lasers, at);
      const trail: { point: BoardPoint; age: number }[] = [];
      for (let i = lastBefore(lasers, at); i >= 0 && at - lasers[i]!.at <= LASER_MS; i--) {
        const { point } = lasers[i]!;
        if (!point && trail.length > 0) break; // an older stroke
        if (point) trail.unshift({ point, age: (at - lasers[i]!.at) / LASER_MS });
      }
      if (now) trail.push({ point: now, age: 0 });
      return trail;
    },
    clicksAt(at) {
      const shown: { point: BoardPoint; age: number }[] = [];
      for (let i = lastBefore(clicks, at); i >= 0 && at - clicks[i]!.at <= CLICK_MS; i--) {
        shown.unshift({ point: clicks[i]!.point, age: (at - clicks[i]!.at) / CLICK_MS });
      }
      return shown;
    },
    selectedAt: (at) => selections[lastBefore(selections, at)]?.ids ?? [],
    slideAt: (at) => slides[lastBefore(slides, at)]?.frame ?? null,
    entryAt: (at) => entries[lastBefore(entries, at)]?.seq ?? null,
  };
}

/** What the speaker showed that did not come along with the view. */
export function ghostsOf(anchors: readonly Anchor[], shift: Shift, rectNow: RectNow): readonly Ghost[] {
  const ghosts: Ghost[] = [];
  for (const [id, then] of anchors) {
    const rect = shifted(then, shift);
    const now = rectNow(id);
    if (now === null) ghosts.push({ rect, now: null });
    else {
      const { dx, dy } = movedBy(rect, now);
      if (Math.hypot(dx, dy) > MOVED_MIN) ghosts.push({ rect, now: centreOf(now) });
    }
  }
  return ghosts;
}

export interface Hints {
  readonly ghosts: readonly Ghost[];
  readonly changed: boolean;
}

/** Hints at some things help; when most of it is another, they say nothing, and the board as recorded says more. */
export function hintsOf(ghosts: readonly Ghost[], anchors: readonly Anchor[]): Hints {
  const changed = ghosts.length >= CHANGED_MIN && ghosts.length * 2 > anchors.length;
  return { ghosts: changed ? [] : ghosts.slice(0, GHOSTS_MAX), changed };
}

export interface StageInput {
  readonly acts: Acts;
  readonly at: Ms;
  readonly shift: Shift;
  readonly rectNow: RectNow;
  readonly ghosts: readonly Ghost[];
  readonly author: { readonly name: string; readonly hue: number };
}

export function stageAt({ acts, at, shift, rectNow, ghosts, author }: StageInput): Stage {
  const moved = <T extends { readonly point: BoardPoint }>(part: T): T => ({ ...part, point: shiftedPoint(part.point, shift) });
  const pointer = acts.pointerAt(at);
  return {
    ...author,
    pointer: pointer && shiftedPoint(pointer, shift),
    laser: acts.laserAt(at).map(moved),
    clicks: acts.clicksAt(at).map(moved),
    selected: acts.selectedAt(at).map(rectNow).filter((rect): rect is BoardRect => rect !== null),
    ghosts,
  };
}

/** Nothing to draw that was not drawn already. */
export function sameStage(a: Stage | null, b: Stage): boolean {
  if (!a || a.name !== b.name) return false;
  const samePoint = (p: BoardPoint | null, q: BoardPoint | null): boolean => p === q || (p?.x === q?.x && p?.y === q?.y);
  const sameRects = (p: readonly BoardRect[], q: readonly BoardRect[]): boolean =>
    p.length === q.length && p.every((rect, i) => samePoint(rect, q[i]!) && rect.w === q[i]!.w && rect.h === q[i]!.h);
  const still = (list: readonly unknown[]): boolean => list.length === 0;
  return (
    samePoint(a.pointer, b.pointer) &&
    still(a.laser) && still(b.laser) && still(a.clicks) && still(b.clicks) &&
    sameRects(a.selected, b.selected) &&
    sameRects(a.ghosts.map((ghost) => ghost.rect), b.ghosts.map((ghost) => ghost.rect)) &&
    a.ghosts.every((ghost, i) => samePoint(ghost.now, b.ghosts[i]!.now))
  );
}
