// Other people on the board: their cursors with names, what they have selected, whose text they are in. Cursors arrive a
// few times a second and glide between. Drawn in screen pixels, above everything else.

import { boardToScreen } from "../state/camera.ts";
import { reducedMotion } from "../state/glide.ts";
import type { Camera, CanvasStore } from "../state/types.ts";
import type { BoardPoint, BoardRect } from "../geom/types.ts";
import type { ObjectId } from "../engine/types.ts";
import { drawCursor, drawTag } from "./cursor.ts";
import type { Texts } from "./text.ts";
import { personColor, type Theme } from "./theme.ts";

const SMOOTH_MS = 50;
const JUMP_PX = 1200; // further than this a cursor jumps instead of racing over the board

export interface People {
  /** Draws cursors and selections; true while a cursor still glides. */
  draw(
    ctx: CanvasRenderingContext2D,
    camera: Camera,
    theme: Theme,
    now: number,
    rectShown: (id: ObjectId) => BoardRect | null,
  ): boolean;
}

export function createPeople(store: CanvasStore, texts: Texts): People {
  const shown = new Map<number, BoardPoint>();
  let lastAt = 0;

  function glide(session: number, goal: BoardPoint, camera: Camera, share: number): boolean {
    const from = shown.get(session) ?? goal;
    const distance = Math.hypot(goal.x - from.x, goal.y - from.y) * camera.zoom;
    if (distance < 0.5 || distance > JUMP_PX) {
      shown.set(session, goal);
      return false;
    }
    shown.set(session, {
      x: from.x + (goal.x - from.x) * share,
      y: from.y + (goal.y - from.y) * share,
    });
    return true;
  }

  function drawSelected(
    ctx: CanvasRenderingContext2D,
    camera: Camera,
    color: string,
    ids: readonly ObjectId[],
    rectShown: (id: ObjectId) => BoardRect | null,
  ): void {
    ctx.strokeStyle = color;
    ctx.lineWidth = 1.5;
    ctx.globalAlpha = 0.85;
    for (const id of ids) {
      const rect = rectShown(id);
      if (rect === null) continue;
      const at = boardToScreen(camera, rect);
      ctx.beginPath();
      ctx.roundRect(at.x - 2, at.y - 2, rect.w * camera.zoom + 4, rect.h * camera.zoom + 4, 7);
      ctx.stroke();
    }
    ctx.globalAlpha = 1;
  }

  return {
    draw(ctx, camera, theme, now, rectShown) {
      const share = reducedMotion() ? 1 : 1 - Math.exp(-Math.min(100, now - lastAt) / SMOOTH_MS);
      lastAt = now;
      let gliding = false;
      const others = store.people.peek().filter((person) => !person.self);
      for (const person of others) {
        const presence = store.presence.get(person.session);
        if (presence === undefined) continue;
        const color = personColor(theme, person.hue);
        drawSelected(ctx, camera, color, presence.selected, rectShown);
        const typing = presence.typing === null ? null : rectShown(presence.typing);
        if (typing !== null) {
          const at = boardToScreen(camera, typing);
          drawTag({ ctx, theme, texts }, `${person.name} …`, color, at.x, at.y + typing.h * camera.zoom + 6);
        }
      }
      for (const person of others) {
        const presence = store.presence.get(person.session);
        const cursor = presence?.cursor ?? null;
        // Whoever types is shown below the text; a cursor would only lie over it.
        if (cursor === null || presence?.typing !== null) {
          shown.delete(person.session);
          continue;
        }
        gliding = glide(person.session, cursor, camera, share) || gliding;
        const at = boardToScreen(camera, shown.get(person.session) ?? cursor);
        const pen = { ctx, theme, texts };
        // Whoever points with the laser has its dot for a cursor.
        if (presence?.laser !== null) drawTag(pen, person.name, personColor(theme, person.hue), at.x + 13, at.y + 15);
        else drawCursor(pen, person, at);
      }
      return gliding;
    },
  };
}
