// The board's menu: rename, export, one's own name, theme, language, shortcuts.

import { ChevronDown, Disc, Download, Keyboard, Monitor, Moon, PencilLine, SquareDashedMousePointer, Sun } from "lucide";
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { t } from "../i18n/i18n.ts";
import type { BoardStore, Prefs } from "../state/types.ts";
import { IconButton, MenuItem, Popover, Segments } from "./controls.tsx";

export interface MenuActions {
  rename(): void;
  exportImage(selectionOnly: boolean): void;
  /** Null where one may not record. */
  readonly record: (() => void) | null;
  help(): void;
}

export function ThemeChoice(props: { readonly prefs: Prefs }): JSX.Element {
  const { theme } = props.prefs;
  return (
    <Segments
      label={t("menu.theme")}
      testid="theme"
      value={theme.value}
      onPick={(value) => (theme.value = value)}
      options={[
        { value: "system", label: t("menu.theme_system"), icon: Monitor },
        { value: "light", label: t("menu.theme_light"), icon: Sun },
        { value: "dark", label: t("menu.theme_dark"), icon: Moon },
      ]}
    />
  );
}

export function LanguageChoice(props: { readonly prefs: Prefs }): JSX.Element {
  const { language } = props.prefs;
  return (
    <Segments
      label={t("menu.language")}
      testid="language"
      value={language.value}
      onPick={(value) => (language.value = value)}
      options={[
        { value: "en", label: "English" },
        { value: "zh", label: "中文" },
      ]}
    />
  );
}

function NameField(props: { readonly store: BoardStore; readonly prefs: Prefs }): JSX.Element {
  const [draft, setDraft] = useState(props.prefs.name.value);
  const keep = (): void => {
    const name = draft.trim();
    if (name === "" || name === props.prefs.name.peek()) return;
    props.prefs.name.value = name;
    props.store.rename(name);
  };
  return (
    <input
      class="field"
      data-testid="own-name"
      aria-label={t("menu.your_name")}
      value={draft}
      maxLength={40}
      onInput={(event) => setDraft(event.currentTarget.value)}
      onBlur={keep}
      onKeyDown={(event) => {
        if (event.key === "Enter" && !event.isComposing) event.currentTarget.blur();
      }}
    />
  );
}

export function BoardMenu(props: {
  readonly store: BoardStore;
  readonly prefs: Prefs;
  readonly actions: MenuActions;
}): JSX.Element {
  const { store, prefs, actions } = props;
  return (
    <Popover
      label={t("menu.open")}
      placement="bottom-start"
      kind="menu"
      testid="menu-panel"
      button={(open, toggle) => (
        <IconButton
          icon={ChevronDown}
          label={t("menu.open")}
          testid="menu"
          kind="narrow"
          active={open}
          onPress={toggle}
          tip={open ? "none" : "below"}
        />
      )}
    >
      {(close) => {
        const then = (run: () => void) => () => {
          close();
          run();
        };
        return (
          <>
            {store.canEdit.value && (
              <MenuItem icon={PencilLine} label={t("menu.rename")} onPress={then(actions.rename)} />
            )}
            <MenuItem
              icon={Download}
              label={t("menu.export_png")}
              testid="export-png"
              onPress={then(() => actions.exportImage(false))}
            />
            {store.selection.value.size > 0 && (
              <MenuItem
                icon={SquareDashedMousePointer}
                label={t("menu.export_selection")}
                onPress={then(() => actions.exportImage(true))}
              />
            )}
            {actions.record !== null && (
              <MenuItem icon={Disc} label={t("record.menu")} testid="record" onPress={then(actions.record)} />
            )}
            <MenuItem icon={Keyboard} label={t("menu.help")} shortcut="?" onPress={then(actions.help)} />
            <hr />
            <label class="menu-row">
              <span>{t("menu.your_name")}</span>
              <NameField store={store} prefs={prefs} />
            </label>
            <div class="menu-row">
              <span>{t("menu.theme")}</span>
              <ThemeChoice prefs={prefs} />
            </div>
            <div class="menu-row">
              <span>{t("menu.language")}</span>
              <LanguageChoice prefs={prefs} />
            </div>
          </>
        );
      }}
    </Popover>
  );
}
