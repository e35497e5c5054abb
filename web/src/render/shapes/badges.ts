// The reactions an object has, over its lower right corner. Those that are one's own are rimmed in the accent.

import type { ObjectView } from "../../engine/types.ts";
import { BADGE_GAP, BADGE_H, BADGE_MARK, BADGE_PAD, BADGE_ZOOM_MIN, badgeRow } from "../../geom/badges.ts";
import type { BoardRect } from "../../geom/types.ts";
import { REACTIONS, reactionsOf } from "../../state/reactions.ts";
import type { PaintContext } from "../paint.ts";

const MARK_FONT = 12.5;
const COUNT_FONT = 12;
const SHADOW_SCALE_MIN = 0.45;

export function drawBadges(p: PaintContext, view: ObjectView, object: BoardRect): void {
  if (Math.min(p.zoom, p.scale) < BADGE_ZOOM_MIN) return;
  const reactions = reactionsOf(view);
  if (reactions.length === 0) return;
  const row = badgeRow(object, reactions.map(({ users }) => users.length));
  row.forEach((rect, i) => {
    const { reaction, users } = reactions[i]!;
    drawBadge(p, rect, REACTIONS[reaction] ?? "", users.length, users.includes(p.me));
  });
}

function drawBadge(p: PaintContext, r: BoardRect, mark: string, count: number, own: boolean): void {
  const { ctx, theme } = p;
  ctx.save();
  ctx.beginPath();
  ctx.roundRect(r.x, r.y, r.w, r.h, BADGE_H / 2);
  if (p.shadows && p.scale >= SHADOW_SCALE_MIN) {
    ctx.shadowColor = "#00000038";
    ctx.shadowBlur = 3 * p.scale;
    ctx.shadowOffsetY = p.scale;
  }
  ctx.fillStyle = theme.panel;
  ctx.fill();
  ctx.shadowColor = "transparent";
  ctx.strokeStyle = own ? theme.accent : theme.border;
  ctx.lineWidth = own ? 1.5 : 1;
  ctx.stroke();
  const middle = r.y + r.h / 2;
  ctx.fillStyle = theme.text;
  ctx.textBaseline = "middle";
  ctx.textAlign = "center";
  ctx.font = `${MARK_FONT}px ${theme.emoji}`;
  ctx.fillText(mark, r.x + BADGE_PAD + BADGE_MARK / 2, middle + 1);
  ctx.textAlign = "left";
  ctx.font = `600 ${COUNT_FONT}px ${theme.family}`;
  ctx.fillText(String(count), r.x + BADGE_PAD + BADGE_MARK + BADGE_GAP, middle + 0.5);
  ctx.restore();
}
