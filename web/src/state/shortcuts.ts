// The one table of keyboard shortcuts: tools bind it, the help dialog prints it, so the two cannot disagree.
// `keys` are tinykeys bindings ($mod is ctrl, or cmd on a Mac); `shown` is what help prints, one chip per item.

export type ShortcutId =
  | "select" | "hand" | "sticky" | "text" | "frame" | "rectangle" | "ellipse" | "comment" | "laser"
  | "edit" | "escape" | "delete" | "duplicate" | "select_all"
  | "backward" | "forward" | "back" | "front"
  | "undo" | "redo" | "zoom_fit" | "zoom_selection" | "zoom_100" | "zoom_in" | "zoom_out"
  | "nudge" | "nudge_more" | "help" | "copy" | "cut" | "paste" | "next_sticky"
  | "pan" | "duplicate_drag";

export interface Shortcut {
  readonly id: ShortcutId;
  /** Empty when the browser or a pointer gesture does it: help shows it, nothing is bound. */
  readonly keys: readonly string[];
  readonly shown: readonly string[];
  readonly group: "tools" | "edit" | "view";
}

export const SHORTCUTS: readonly Shortcut[] = [
  { id: "select", keys: ["v"], shown: ["V"], group: "tools" },
  { id: "hand", keys: ["h"], shown: ["H"], group: "tools" },
  { id: "sticky", keys: ["n"], shown: ["N"], group: "tools" },
  { id: "text", keys: ["t"], shown: ["T"], group: "tools" },
  { id: "rectangle", keys: ["r"], shown: ["R"], group: "tools" },
  { id: "ellipse", keys: ["o"], shown: ["O"], group: "tools" },
  { id: "frame", keys: ["f"], shown: ["F"], group: "tools" },
  { id: "comment", keys: ["c"], shown: ["C"], group: "tools" },
  { id: "laser", keys: ["k"], shown: ["K"], group: "tools" },
  { id: "next_sticky", keys: [], shown: ["Tab"], group: "tools" },
  { id: "edit", keys: ["Enter"], shown: ["Enter"], group: "edit" },
  { id: "escape", keys: ["Escape"], shown: ["Esc"], group: "edit" },
  { id: "undo", keys: ["$mod+z"], shown: ["$mod", "Z"], group: "edit" },
  { id: "redo", keys: ["$mod+Shift+z", "$mod+y"], shown: ["$mod", "Shift", "Z"], group: "edit" },
  { id: "copy", keys: [], shown: ["$mod", "C"], group: "edit" },
  { id: "cut", keys: [], shown: ["$mod", "X"], group: "edit" },
  { id: "paste", keys: [], shown: ["$mod", "V"], group: "edit" },
  { id: "duplicate", keys: ["$mod+d"], shown: ["$mod", "D"], group: "edit" },
  { id: "duplicate_drag", keys: [], shown: ["Alt", "drag"], group: "edit" },
  { id: "delete", keys: ["Delete", "Backspace"], shown: ["Delete"], group: "edit" },
  { id: "select_all", keys: ["$mod+a"], shown: ["$mod", "A"], group: "edit" },
  { id: "forward", keys: ["BracketRight"], shown: ["]"], group: "edit" },
  { id: "backward", keys: ["BracketLeft"], shown: ["["], group: "edit" },
  { id: "front", keys: ["$mod+BracketRight"], shown: ["$mod", "]"], group: "edit" },
  { id: "back", keys: ["$mod+BracketLeft"], shown: ["$mod", "["], group: "edit" },
  { id: "nudge", keys: [], shown: ["arrows"], group: "edit" },
  { id: "nudge_more", keys: [], shown: ["Shift", "arrows"], group: "edit" },
  { id: "pan", keys: [], shown: ["Space", "drag"], group: "view" },
  { id: "zoom_in", keys: ["$mod+Equal"], shown: ["$mod", "+"], group: "view" },
  { id: "zoom_out", keys: ["$mod+Minus"], shown: ["$mod", "-"], group: "view" },
  { id: "zoom_fit", keys: ["Shift+Digit1"], shown: ["Shift", "1"], group: "view" },
  { id: "zoom_selection", keys: ["Shift+Digit2"], shown: ["Shift", "2"], group: "view" },
  { id: "zoom_100", keys: ["Shift+Digit0", "$mod+0"], shown: ["Shift", "0"], group: "view" },
  { id: "help", keys: ["Shift+?", "?"], shown: ["?"], group: "view" },
];
