// The text tool (T): a click starts a text that grows with what is typed; a drag sets the width it wraps at.

import { Kind } from "../engine/generated.ts";
import { Color } from "../state/read.ts";
import { startDrawing } from "./draw_out.ts";
import { TEXT_SIZE, makeText } from "./make.ts";
import { beginEditing } from "./tool.ts";
import type { Bench, Tool } from "./tool.ts";

export function createText(bench: Bench): Tool {
  return {
    cursor: "text",
    hover: () => "text",
    press: (at) =>
      startDrawing(bench, at, {
        kind: Kind.TEXT,
        color: Color.DARK,
        form: 0,
        clicked: (p) => ({ x: p.x, y: p.y - TEXT_SIZE.h / 2, ...TEXT_SIZE }),
        done(rect, dragged) {
          const id = makeText(bench, dragged ? { ...rect, h: TEXT_SIZE.h } : rect);
          if (id !== null) beginEditing(bench, id);
        },
      }),
    leave: () => undefined,
  };
}
