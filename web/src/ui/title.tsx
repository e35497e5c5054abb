// The board's title: a click makes it a field, Enter or leaving keeps it, Escape does not.

import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { Field } from "../engine/generated.ts";
import { t } from "../i18n/i18n.ts";
import { BOARD_ID } from "../state/read.ts";
import type { BoardStore } from "../state/types.ts";

const TITLE_MAX = 120;

export function Title(props: {
  readonly store: BoardStore;
  readonly editing: boolean;
  readonly setEditing: (editing: boolean) => void;
}): JSX.Element {
  const { store, editing, setEditing } = props;
  const title = store.title.value;
  const shown = title === "" ? t("board.untitled") : title;
  if (!store.canEdit.value) return <h1 class="board-title" data-testid="title">{shown}</h1>;
  if (editing) return <TitleField store={store} title={title} done={() => setEditing(false)} />;
  return (
    <h1 class="board-title-line">
      <button
        type="button"
        class="board-title"
        data-testid="title"
        data-tip={t("board.title_edit")}
        onClick={() => setEditing(true)}
      >
        {shown}
      </button>
    </h1>
  );
}

function TitleField(props: {
  readonly store: BoardStore;
  readonly title: string;
  readonly done: () => void;
}): JSX.Element {
  const [draft, setDraft] = useState(props.title);
  const field = useRef<HTMLInputElement>(null);
  const over = useRef(false);
  useEffect(() => field.current?.select(), []);

  function finish(keep: boolean): void {
    if (over.current) return;
    over.current = true;
    const value = draft.trim();
    if (keep && value !== props.title && value !== "") {
      const edit = { do: "set", id: BOARD_ID, field: Field.TITLE, value } as const;
      props.store.edit([edit], props.store.newGesture());
    }
    props.done();
  }

  return (
    <input
      ref={field}
      class="board-title-field"
      data-testid="title-input"
      aria-label={t("board.title_edit")}
      value={draft}
      maxLength={TITLE_MAX}
      placeholder={t("board.untitled")}
      onInput={(event) => setDraft(event.currentTarget.value)}
      onBlur={() => finish(true)}
      onKeyDown={(event) => {
        if (event.isComposing) return;
        if (event.key === "Enter") finish(true);
        if (event.key === "Escape") {
          event.stopPropagation();
          finish(false);
        }
      }}
    />
  );
}
