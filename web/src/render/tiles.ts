// The settled scene as 512 px tiles: painted once per zoom level, kept, and laid down under the camera, so that a pan
// costs a handful of image copies however many objects there are. Painting is sliced over frames; until a tile of the
// current level is ready, the nearest other level shows scaled. A change repaints only the part of a tile it touches.
// Invariants: a tile is shown only when complete; its `dirty` part is repainted whole before newer work is begun.
// Not here: what objects look like (paint.ts), the grid below and the live overlay above.

import type { ObjectView } from "../engine/types.ts";
import { growRect, overlapOf, rectsTouch, unionRect } from "../geom/rect.ts";
import type { BoardRect } from "../geom/types.ts";
import type { Camera } from "../state/types.ts";

const TILE = 512; // device pixels
const TILES_MIN = 48;
const BYTES_MAX = 160 * 1024 * 1024;
const LEVEL_STRETCH = 1.6; // a level is used while zooming until it is scaled by more than this
const SLICE = 8; // objects painted between looks at the clock
const AHEAD = 0.6; // tiles within this share of a tile outside the view are painted ahead

interface Tile {
  readonly canvas: HTMLCanvasElement;
  readonly ctx: CanvasRenderingContext2D;
  readonly rect: BoardRect;
  ready: boolean;
  dirty: BoardRect | null;
  usedAt: number;
}

/** Device pixels per board unit, with its tiles by "column,row". */
interface Level {
  readonly scale: number;
  readonly tiles: Map<string, Tile>;
}

/** What a frame may still paint. Canvas work is only recorded here and done later, so time alone says too little. */
interface Budget {
  readonly deadline: number;
  objects: number;
}

function spent(budget: Budget): boolean {
  return budget.objects <= 0 || performance.now() >= budget.deadline;
}

/** With text and shadow an object is a fraction of a millisecond to paint; as a plain rectangle next to nothing. */
function objectsPerFrame(scale: number): number {
  return scale > 0.4 ? 40 : scale > 0.16 ? 160 : 1600;
}

interface Job {
  readonly level: Level;
  readonly tile: Tile;
  readonly objects: readonly ObjectView[];
  next: number;
}

export interface TileSource {
  /** How far paint reaches beyond an object's rectangle at this level. */
  reach(scale: number): number;
  /** The settled objects whose paint may touch `rect`, in drawing order. */
  objectsIn(rect: BoardRect, scale: number): readonly ObjectView[];
  paint(ctx: CanvasRenderingContext2D, view: ObjectView, scale: number): void;
}

export interface Screen {
  readonly w: number;
  readonly h: number;
  readonly ratio: number;
}

export interface Tiles {
  dirty(rect: BoardRect): void;
  dropAll(): void;
  /** Paints what is missing for `budgetMs`, then lays the tiles down, scaled smoothly or fast. True when work remains. */
  draw(
    ctx: CanvasRenderingContext2D,
    camera: Camera,
    screen: Screen,
    zooming: boolean,
    budgetMs: number,
    smooth: boolean,
  ): boolean;
}

interface Cell {
  readonly key: string;
  readonly column: number;
  readonly row: number;
}

function cellsOf(rect: BoardRect, scale: number): readonly Cell[] {
  const cells: Cell[] = [];
  const last = (edge: number): number => Math.ceil((edge * scale) / TILE) - 1;
  for (let row = Math.floor((rect.y * scale) / TILE); row <= last(rect.y + rect.h); row++) {
    for (let column = Math.floor((rect.x * scale) / TILE); column <= last(rect.x + rect.w); column++) {
      cells.push({ key: `${column},${row}`, column, row });
    }
  }
  return cells;
}

function cellRect(cell: Cell, scale: number): BoardRect {
  const side = TILE / scale;
  return { x: cell.column * side, y: cell.row * side, w: side, h: side };
}

export function createTiles(source: TileSource): Tiles {
  const levels = new Map<number, Level>();
  const pool: HTMLCanvasElement[] = [];
  let current: Level = levelAt(1);
  let job: Job | null = null;
  let clock = 0;

  function levelAt(scale: number): Level {
    const known = levels.get(scale);
    if (known !== undefined) return known;
    const level: Level = { scale, tiles: new Map() };
    levels.set(scale, level);
    return level;
  }

  /** At rest the exact scale, for crisp text; while zooming a half-octave step, changed as rarely as possible. */
  function chooseLevel(scale: number, zooming: boolean): Level {
    if (!zooming) return levelAt(scale);
    const stretch = scale / current.scale;
    if (stretch < LEVEL_STRETCH && stretch > 1 / LEVEL_STRETCH) return current;
    return levelAt(2 ** (Math.round(Math.log2(scale) * 2) / 2));
  }

  function makeTile(level: Level, cell: Cell): Tile {
    const canvas = pool.pop() ?? document.createElement("canvas");
    canvas.width = canvas.height = TILE;
    const ctx = canvas.getContext("2d");
    if (ctx === null) throw new Error("no canvas");
    const rect = cellRect(cell, level.scale);
    const tile: Tile = { canvas, ctx, rect, ready: false, dirty: null, usedAt: clock };
    level.tiles.set(cell.key, tile);
    return tile;
  }

  function aim(tile: Tile, scale: number): void {
    tile.ctx.setTransform(
      scale, 0, 0, scale,
      -Math.round(tile.rect.x * scale), -Math.round(tile.rect.y * scale),
    );
  }

  function repaintDirty(level: Level, tile: Tile): void {
    const { scale } = level;
    const dirty = tile.dirty;
    tile.dirty = null;
    const part = dirty === null ? null : overlapOf(dirty, tile.rect);
    if (part === null) return;
    const { ctx } = tile;
    const x0 = Math.floor((part.x - tile.rect.x) * scale);
    const y0 = Math.floor((part.y - tile.rect.y) * scale);
    const x1 = Math.ceil((part.x + part.w - tile.rect.x) * scale);
    const y1 = Math.ceil((part.y + part.h - tile.rect.y) * scale);
    ctx.save();
    ctx.setTransform(1, 0, 0, 1, 0, 0);
    ctx.clearRect(x0, y0, x1 - x0, y1 - y0);
    ctx.beginPath();
    ctx.rect(x0, y0, x1 - x0, y1 - y0);
    ctx.clip();
    aim(tile, scale);
    const around = growRect(part, 2 / scale);
    for (const view of source.objectsIn(around, scale)) source.paint(ctx, view, scale);
    ctx.restore();
  }

  function workOn(started: Job, budget: Budget): boolean {
    const { tile, level, objects } = started;
    aim(tile, level.scale);
    do {
      const end = Math.min(objects.length, started.next + SLICE);
      budget.objects -= end - started.next;
      for (; started.next < end; started.next++) {
        const view = objects[started.next];
        if (view !== undefined) source.paint(tile.ctx, view, level.scale);
      }
    } while (started.next < objects.length && !spent(budget));
    if (started.next < objects.length) return false;
    tile.ready = true;
    return true;
  }

  function begin(level: Level, tile: Tile): Job {
    tile.ctx.setTransform(1, 0, 0, 1, 0, 0);
    tile.ctx.clearRect(0, 0, TILE, TILE);
    tile.dirty = null;
    return { level, tile, objects: source.objectsIn(tile.rect, level.scale), next: 0 };
  }

  /** Dirty parts first, since they hide what just happened; then what is missing, from the middle outwards. */
  function work(level: Level, cells: readonly Cell[], budget: Budget): boolean {
    for (const cell of cells) {
      const tile = level.tiles.get(cell.key);
      if (tile?.ready === true && tile.dirty !== null) repaintDirty(level, tile);
    }
    if (job !== null && (job.level !== level || !level.tiles.has(cellKey(job)))) job = null;
    const missing = cells.filter((cell) => level.tiles.get(cell.key)?.ready !== true);
    for (const cell of missing) {
      const tile = level.tiles.get(cell.key) ?? makeTile(level, cell);
      if (job?.tile !== tile) job = begin(level, tile);
      if (!workOn(job, budget)) return true;
      job = null;
      if (spent(budget)) return cell !== missing.at(-1);
    }
    return false;
  }

  function cellKey(of: Job): string {
    const side = TILE / of.level.scale;
    return `${Math.round(of.tile.rect.x / side)},${Math.round(of.tile.rect.y / side)}`;
  }

  function lay(
    ctx: CanvasRenderingContext2D,
    tile: Tile,
    camera: Camera,
    ratio: number,
    exact: boolean,
  ): void {
    const d = camera.zoom * ratio;
    const at = (edge: number, origin: number): number =>
      exact ? Math.round(edge * d) - Math.round(origin * d) : Math.round((edge - origin) * d);
    const x0 = at(tile.rect.x, camera.x);
    const y0 = at(tile.rect.y, camera.y);
    if (exact) {
      ctx.drawImage(tile.canvas, x0, y0);
      return;
    }
    const x1 = at(tile.rect.x + tile.rect.w, camera.x);
    const y1 = at(tile.rect.y + tile.rect.h, camera.y);
    ctx.drawImage(tile.canvas, x0, y0, x1 - x0, y1 - y0);
  }

  /** The level nearest in scale that has something to show for this place. */
  function standIn(place: BoardRect, wanted: Level): readonly Tile[] {
    const others = [...levels.values()].filter((level) => level !== wanted && level.tiles.size > 0);
    const distance = (level: Level): number => Math.abs(Math.log2(level.scale / wanted.scale));
    others.sort((a, b) => distance(a) - distance(b));
    for (const level of others) {
      const found = [...level.tiles.values()].filter(
        (tile) => tile.ready && overlapOf(tile.rect, place) !== null,
      );
      if (found.length > 0) return found;
    }
    return [];
  }

  function layMissing(
    ctx: CanvasRenderingContext2D,
    place: BoardRect,
    camera: Camera,
    ratio: number,
  ): void {
    const tiles = standIn(place, current);
    if (tiles.length === 0) return;
    const d = camera.zoom * ratio;
    ctx.save();
    ctx.beginPath();
    const x = Math.round((place.x - camera.x) * d);
    const y = Math.round((place.y - camera.y) * d);
    const right = Math.round((place.x + place.w - camera.x) * d);
    const bottom = Math.round((place.y + place.h - camera.y) * d);
    ctx.rect(x, y, right - x, bottom - y);
    ctx.clip();
    for (const tile of tiles) lay(ctx, tile, camera, ratio, false);
    ctx.restore();
  }

  function evict(visible: number): void {
    const most = Math.max(TILES_MIN, visible * 2, Math.floor(BYTES_MAX / (TILE * TILE * 4)));
    const all = [...levels.values()].flatMap((level) =>
      [...level.tiles].map(([key, tile]) => ({ level, key, tile })),
    );
    if (all.length > most) {
      all.sort((a, b) => a.tile.usedAt - b.tile.usedAt);
      for (const { level, key, tile } of all.slice(0, all.length - most)) {
        level.tiles.delete(key);
        if (pool.length < TILES_MIN) pool.push(tile.canvas);
      }
    }
    for (const level of levels.values()) {
      if (level.tiles.size === 0 && level !== current) levels.delete(level.scale);
    }
  }

  return {
    dirty(rect) {
      for (const level of levels.values()) {
        const reached = growRect(rect, source.reach(level.scale));
        for (const [key, tile] of level.tiles) {
          if (!rectsTouch(tile.rect, reached)) continue;
          if (level === current) {
            tile.dirty = tile.dirty === null ? reached : unionRect(tile.dirty, reached);
          } else if (tile.ready) {
            level.tiles.delete(key);
          }
        }
      }
    },
    dropAll() {
      levels.clear();
      current = levelAt(current.scale);
      job = null;
    },
    draw(ctx, camera, screen, zooming, budgetMs, smooth) {
      clock += 1;
      ctx.imageSmoothingEnabled = smooth;
      const scale = camera.zoom * screen.ratio;
      const level = chooseLevel(scale, zooming);
      if (level !== current) {
        // Parts of another level may have gone stale while it was only standing in.
        for (const [key, tile] of level.tiles) if (tile.dirty !== null) level.tiles.delete(key);
        current = level;
      }
      const seen = { x: camera.x, y: camera.y, w: screen.w / camera.zoom, h: screen.h / camera.zoom };
      const cells = [...cellsOf(seen, level.scale)];
      const middle = { x: seen.x + seen.w / 2, y: seen.y + seen.h / 2 };
      const away = (cell: Cell): number => {
        const r = cellRect(cell, level.scale);
        return Math.hypot(r.x + r.w / 2 - middle.x, r.y + r.h / 2 - middle.y);
      };
      cells.sort((a, b) => away(a) - away(b));
      const budget = { deadline: performance.now() + budgetMs, objects: objectsPerFrame(level.scale) };
      let pending = work(level, cells, budget);
      if (!pending && !zooming && level.scale === scale) {
        const side = TILE / scale;
        const near = cellsOf(growRect(seen, side * AHEAD), scale);
        pending = work(level, near, { ...budget, objects: Math.min(budget.objects, budget.objects / 4) });
      }
      const exact = level.scale === scale;
      for (const cell of cells) {
        const tile = level.tiles.get(cell.key);
        if (tile !== undefined) tile.usedAt = clock;
        if (tile?.ready === true) lay(ctx, tile, camera, screen.ratio, exact);
        else layMissing(ctx, cellRect(cell, level.scale), camera, screen.ratio);
      }
      ctx.imageSmoothingEnabled = true;
      evict(cells.length);
      return pending || !(exact || zooming);
    },
  };
}
