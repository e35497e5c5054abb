// The tool bar at the bottom: which tool is active, the sticky's next colour, the forms of shapes.

import { Circle, Diamond, Frame, Hand, MousePointer2, Square, SquareRoundCorner, MessageCirclePlus, StickyNote, Triangle, Type, Shapes, WandSparkles } from "lucide";
import type { IconNode } from "lucide";
import type { JSX } from "preact";
import { ShapeForm } from "../geom/outline.ts";
import { t } from "../i18n/i18n.ts";
import type { Key } from "../i18n/i18n.ts";
import { hasTool, mayUse } from "../state/may.ts";
import type { Commands, ToolName, Tooling } from "../state/tooling.ts";
import type { BoardStore } from "../state/types.ts";
import { IconButton, Popover } from "./controls.tsx";
import { shortcutText } from "./keys.ts";

export interface FormChoice {
  readonly form: number;
  readonly icon: IconNode;
  readonly label: Key;
}

export const FORMS: readonly FormChoice[] = [
  { form: ShapeForm.ROUNDED, icon: SquareRoundCorner, label: "form.rounded" },
  { form: ShapeForm.RECTANGLE, icon: Square, label: "form.rectangle" },
  { form: ShapeForm.ELLIPSE, icon: Circle, label: "form.ellipse" },
  { form: ShapeForm.DIAMOND, icon: Diamond, label: "form.diamond" },
  { form: ShapeForm.TRIANGLE, icon: Triangle, label: "form.triangle" },
];

/** Looking, making, talking: a line stands between the groups. */
const TOOLS: readonly { readonly tool: ToolName; readonly icon: IconNode; readonly group: number }[] = [
  { tool: "select", icon: MousePointer2, group: 0 },
  { tool: "hand", icon: Hand, group: 0 },
  { tool: "sticky", icon: StickyNote, group: 1 },
  { tool: "text", icon: Type, group: 1 },
  { tool: "shape", icon: Shapes, group: 1 },
  { tool: "frame", icon: Frame, group: 1 },
  { tool: "comment", icon: MessageCirclePlus, group: 2 },
  { tool: "laser", icon: WandSparkles, group: 2 },
];

const STICKY_COLORS = [0, 1, 2, 3, 4, 5] as const;

function StickyColors(props: { readonly tooling: Tooling }): JSX.Element {
  const { stickyColor } = props.tooling;
  return (
    <div class="panel tray" role="group" aria-label={t("bar.color")}>
      {STICKY_COLORS.map((color) => (
        <button
          type="button"
          key={color}
          class="swatch"
          aria-label={t(`color.${color}`)}
          aria-pressed={stickyColor.value === color}
          data-testid={`tray-color-${color}`}
          style={{ "--swatch": `var(--p${color})` }}
          onClick={() => (stickyColor.value = color)}
        />
      ))}
    </div>
  );
}

function ShapeTool(props: { readonly tooling: Tooling; readonly commands: Commands }): JSX.Element {
  const { tooling, commands } = props;
  const active = tooling.tool.value === "shape";
  return (
    <Popover
      label={t("tool.shape")}
      placement="top"
      kind="tray"
      button={(open, toggle) => (
        <IconButton
          icon={active ? (FORMS.find((f) => f.form === tooling.shapeForm.value)?.icon ?? Shapes) : Shapes}
          label={t("tool.shape")}
          shortcut={shortcutText("rectangle")}
          testid="tool-shape"
          kind="tool"
          active={active || open}
          onPress={toggle}
          tip={open ? "none" : "above"}
        />
      )}
    >
      {(close) =>
        FORMS.map(({ form, icon, label }) => (
          <IconButton
            key={form}
            icon={icon}
            label={t(label)}
            testid={`form-${form}`}
            kind="tool"
            tip="above"
            active={active && tooling.shapeForm.value === form}
            onPress={() => {
              tooling.shapeForm.value = form;
              commands.pick("shape");
              close();
            }}
          />
        ))
      }
    </Popover>
  );
}

export function Toolbar(props: {
  readonly store: BoardStore;
  readonly tooling: Tooling;
  readonly commands: Commands;
}): JSX.Element {
  const { store, tooling, commands } = props;
  const picked = tooling.tool.value;
  // Of the board as it was, the hand takes hold whatever tool was there before.
  const active = mayUse(store, picked) ? picked : "hand";
  const shown = TOOLS.filter(({ tool }) => hasTool(store, tool));
  return (
    <div class="toolbar-place">
      {active === "sticky" && <StickyColors tooling={tooling} />}
      <div class="panel toolbar" role="toolbar" aria-label={t("tool.bar")} data-testid="toolbar">
        {shown.map(({ tool, icon, group }, i) => (
          <>
            {i > 0 && shown[i - 1]?.group !== group && <span class="divider" key={`before ${tool}`} />}
            {tool === "shape" && mayUse(store, tool) ? (
              <ShapeTool key={tool} tooling={tooling} commands={commands} />
            ) : (
              <IconButton
                key={tool}
                icon={icon}
                label={t(`tool.${tool}`)}
                shortcut={shortcutText(tool === "shape" ? "rectangle" : tool)}
                testid={`tool-${tool}`}
                kind="tool"
                active={active === tool}
                {...(mayUse(store, tool) ? {} : { why: t("tool.not_as_recorded") })}
                onPress={() => commands.pick(tool)}
                tip="above"
              />
            )}
          </>
        ))}
      </div>
    </div>
  );
}
