// The home page: a new board in one click, and the boards this device has seen.

import { Plus, Trash } from "lucide";
import { render } from "preact";
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { t, tAny, timeAgo } from "../i18n/i18n.ts";
import type { HomeStore, Prefs, SeenBoard } from "../state/types.ts";
import { applyAppearance } from "./appearance.ts";
import { IconButton } from "./controls.tsx";
import { HeroArt } from "./hero.tsx";
import { Icon, Mark } from "./icons.tsx";
import { LanguageChoice, ThemeChoice } from "./menu.tsx";

function Thumbnail(props: { readonly blob: Blob | null }): JSX.Element {
  const [url, setUrl] = useState<string | null>(null);
  useEffect(() => {
    if (props.blob === null) return;
    const made = URL.createObjectURL(props.blob);
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [props.blob]);
  if (url !== null) return <img class="card-picture" src={url} alt="" />;
  return (
    <div class="card-picture card-blank">
      <i />
      <i />
      <i />
    </div>
  );
}

function Card(props: { readonly board: SeenBoard; readonly home: HomeStore }): JSX.Element {
  const { board, home } = props;
  const [asking, setAsking] = useState(false);
  const title = board.title === "" ? t("board.untitled") : board.title;
  return (
    <li class="card" data-testid="board-card" data-board={board.board}>
      <a href={board.url} class="card-link">
        <Thumbnail blob={board.thumbnail} />
        <span class="card-title">{title}</span>
        <span class="card-when">{t("home.visited", { when: timeAgo(board.visitedAt, Date.now()) })}</span>
      </a>
      {asking ? (
        <div class="card-ask">
          <p>{t("home.forget_hint")}</p>
          <div>
            <button type="button" class="button small" onClick={() => setAsking(false)}>
              {t("home.keep")}
            </button>
            <button
              type="button"
              class="button small danger"
              data-testid="forget-confirm"
              onClick={() => void home.forget(board.board)}
            >
              {t("home.forget_confirm")}
            </button>
          </div>
        </div>
      ) : (
        <IconButton
          icon={Trash}
          size={16}
          label={t("home.forget")}
          testid="forget"
          kind="card-forget"
          onPress={() => setAsking(true)}
        />
      )}
    </li>
  );
}

function Home(props: { readonly home: HomeStore; readonly prefs: Prefs }): JSX.Element {
  const { home, prefs } = props;
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState<string | null>(null);
  const boards = home.boards.value;
  const create = (): void => {
    setBusy(true);
    setFailed(null);
    home.create().catch((error: unknown) => {
      setBusy(false);
      setFailed(error instanceof Error ? error.message : "home.failed");
    });
  };
  return (
    <div class="home">
      <header class="home-head">
        <span class="wordmark">
          <Mark size={28} />
          {t("app.name")}
        </span>
        <span class="home-prefs">
          <ThemeChoice prefs={prefs} />
          <LanguageChoice prefs={prefs} />
        </span>
      </header>
      <main>
        <section class="hero">
          <HeroArt />
          <h1>{t("app.tagline")}</h1>
          <button
            type="button"
            class="button primary big"
            data-testid="new-board"
            disabled={busy}
            onClick={create}
          >
            <Icon of={Plus} size={20} />
            {busy ? t("home.creating") : t("home.new_board")}
          </button>
          {failed !== null && (
            <p class="home-failed" role="alert">{tAny(failed)}</p>
          )}
        </section>
        {boards !== null && boards.length > 0 && (
          <section>
            <h2>{t("home.recent")}</h2>
            <ul class="cards">
              {boards.map((board) => (
                <Card key={board.board} board={board} home={home} />
              ))}
            </ul>
          </section>
        )}
        {boards !== null && boards.length === 0 && (
          <section class="home-none">
            <div class="card-blank home-none-art" aria-hidden="true">
              <i />
              <i />
              <i />
            </div>
            <h2>{t("home.none_title")}</h2>
            <p>{t("home.none")}</p>
          </section>
        )}
      </main>
    </div>
  );
}

export function mountHome(root: HTMLElement, home: HomeStore, prefs: Prefs): () => void {
  const stopAppearance = applyAppearance(prefs);
  render(<Home home={home} prefs={prefs} />, root);
  return () => {
    stopAppearance();
    render(null, root);
  };
}
