// Laser pointers, one's own and others': a dot, and the trail it leaves, which thins out and is gone within a second. Where
// others point comes a few times a second and glides between. With reduced motion there is the dot alone.
// Drawn in screen pixels; trails are kept in board units, so that they stay where they were drawn while the view moves.

import type { BoardPoint, ScreenPoint } from "../geom/types.ts";
import { boardToScreen } from "../state/camera.ts";
import { reducedMotion } from "../state/glide.ts";
import type { Camera, CanvasStore } from "../state/types.ts";
import { personColor, type Theme } from "./theme.ts";

const FADE_MS = 900;
const SMOOTH_MS = 40;
const WIDTH_PX = 6;
const DOT_PX = 5;
const HALO_PX = 12;
const NEAR = 0.5; // board units: closer points say nothing new

interface Mark extends BoardPoint {
  readonly at: number;
}

interface Trail {
  /** Each press is a stroke of its own, oldest mark first. */
  strokes: Mark[][];
  lit: boolean;
}

export interface Lasers {
  /** True while a trail still fades or a dot still glides. */
  draw(ctx: CanvasRenderingContext2D, camera: Camera, theme: Theme, now: number): boolean;
  /** Nobody points and nothing fades. */
  idle(): boolean;
}

export function createLasers(store: CanvasStore): Lasers {
  const trails = new Map<number, Trail>();
  let lastAt = 0;

  /** Who points where: sessions, and 0 for ourselves. */
  function pointing(): ReadonlyMap<number, BoardPoint> {
    const all = new Map<number, BoardPoint>();
    const own = store.own.peek().laser;
    if (own !== null) all.set(0, own);
    for (const [session, { laser }] of store.presence) if (laser !== null) all.set(session, laser);
    return all;
  }

  function extend(trail: Trail, goal: BoardPoint, share: number, now: number): boolean {
    const last = trail.lit ? trail.strokes.at(-1)?.at(-1) : undefined;
    if (last === undefined) {
      trail.strokes.push([{ ...goal, at: now }]);
      trail.lit = true;
      return false;
    }
    const x = last.x + (goal.x - last.x) * share;
    const y = last.y + (goal.y - last.y) * share;
    if (Math.hypot(x - last.x, y - last.y) > NEAR) trail.strokes.at(-1)?.push({ x, y, at: now });
    return Math.hypot(goal.x - x, goal.y - y) > NEAR;
  }

  /** The head of a lit trail never fades. */
  function fade(trail: Trail, now: number): void {
    const open = trail.lit ? trail.strokes.at(-1) : undefined;
    const alive = trail.strokes.map((stroke) =>
      stroke.filter((mark, i) => now - mark.at < FADE_MS || (stroke === open && i === stroke.length - 1)),
    );
    trail.strokes = alive.filter((stroke) => stroke.length > 0);
  }

  function colorOf(session: number, theme: Theme): string {
    const person = store.people.peek().find((one) => (session === 0 ? one.self : one.session === session));
    return person === undefined ? theme.accent : personColor(theme, person.hue);
  }

  function drawStroke(ctx: CanvasRenderingContext2D, camera: Camera, stroke: readonly Mark[], now: number): void {
    const at = stroke.map((mark) => boardToScreen(camera, mark));
    for (let i = 1; i < at.length; i++) {
      const age = now - stroke[i]!.at;
      ctx.lineWidth = Math.max(0.5, WIDTH_PX * (1 - age / FADE_MS));
      ctx.beginPath();
      const from = i === 1 ? at[0]! : between(at[i - 2]!, at[i - 1]!);
      const to = i === at.length - 1 ? at[i]! : between(at[i - 1]!, at[i]!);
      ctx.moveTo(from.x, from.y);
      ctx.quadraticCurveTo(at[i - 1]!.x, at[i - 1]!.y, to.x, to.y);
      ctx.stroke();
    }
  }

  function drawDot(ctx: CanvasRenderingContext2D, at: ScreenPoint, theme: Theme): void {
    ctx.globalAlpha = 0.22;
    disc(ctx, at, HALO_PX);
    ctx.globalAlpha = 1;
    disc(ctx, at, DOT_PX);
    ctx.lineWidth = 1.5;
    ctx.strokeStyle = theme.onPerson;
    ctx.stroke();
  }

  return {
    draw(ctx, camera, theme, now) {
      const still = reducedMotion();
      const share = 1 - Math.exp(-Math.min(100, now - lastAt) / SMOOTH_MS);
      lastAt = now;
      let moving = false;
      const lit = pointing();
      for (const [session, goal] of lit) {
        const trail = trails.get(session) ?? { strokes: [], lit: false };
        trails.set(session, trail);
        moving = extend(trail, goal, session === 0 || still ? 1 : share, now) || moving;
      }
      ctx.lineCap = "round";
      for (const [session, trail] of trails) {
        if (!lit.has(session)) trail.lit = false;
        fade(trail, now);
        if (trail.strokes.length === 0) {
          trails.delete(session);
          continue;
        }
        const color = colorOf(session, theme);
        ctx.strokeStyle = ctx.fillStyle = color;
        if (!still) for (const stroke of trail.strokes) drawStroke(ctx, camera, stroke, now);
        const head = trail.strokes.at(-1)?.at(-1);
        if (trail.lit && head !== undefined) drawDot(ctx, boardToScreen(camera, head), theme);
        moving = moving || !trail.lit || trail.strokes.length > 1 || (trail.strokes[0]?.length ?? 0) > 1;
      }
      ctx.lineCap = "butt";
      return moving;
    },
    idle: () => trails.size === 0 && pointing().size === 0,
  };
}

function between(a: ScreenPoint, b: ScreenPoint): ScreenPoint {
  return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
}

function disc(ctx: CanvasRenderingContext2D, at: ScreenPoint, radius: number): void {
  ctx.beginPath();
  ctx.arc(at.x, at.y, radius, 0, Math.PI * 2);
  ctx.fill();
}
