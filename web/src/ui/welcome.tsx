// The welcome card: opening a link asks for a name and nothing else, and a friendly one is already there. Where the link
// leads to a talk-track, its place is kept free from the start: the form does not move when the answer comes.
//
// data-testid: name, enter, promised (data-is: asked, told, missing).

import type { ReadonlySignal } from "@preact/signals";
import { ArrowRight, CirclePlay } from "lucide";
import { render } from "preact";
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { t } from "../i18n/i18n.ts";
import { timeText } from "../state/time_text.ts";
import type { PromisedTrack } from "../state/tracks.ts";
import type { Prefs } from "../state/types.ts";
import { applyAppearance } from "./appearance.ts";
import { Icon, Mark } from "./icons.tsx";
import { LanguageChoice } from "./menu.tsx";

/** What the link leads to: not told yet, nothing for whoever holds this link, or this track. */
export type Promised = "asked" | "missing" | PromisedTrack;

export interface WelcomeOptions {
  /** The board's title when this device knows it. */
  readonly title: string | null;
  /** Null when the link leads to the board alone. */
  readonly promised: ReadonlySignal<Promised> | null;
  readonly prefs: Prefs;
  onEnter(name: string): void;
}

const NAME_MAX = 40;

function ToWatch(props: { readonly promised: Promised }): JSX.Element {
  const { promised } = props;
  const told = typeof promised === "string" ? null : promised;
  const from = told === null ? [] : [told.authorName, told.boardTitle].filter((name) => name !== "");
  return (
    <div class="welcome-track" role="status" data-testid="promised" data-is={told === null ? promised : "told"}>
      <Icon of={CirclePlay} size={26} />
      <span class="track-words">
        <b>{told === null ? t("kind.track") : told.title === "" ? t("tracks.untitled") : told.title}</b>
        {promised === "missing" && <span class="muted">{t("notice.track_missing")}</span>}
        {told !== null && <span class="muted">{t("welcome.track", { length: timeText(told.playedMs) })}</span>}
        {from.length > 0 && <span class="muted welcome-from">{from.join(" · ")}</span>}
      </span>
    </div>
  );
}

function Welcome(props: WelcomeOptions): JSX.Element {
  const [name, setName] = useState(props.prefs.name.peek() || props.prefs.suggestedName);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.select(), []);
  return (
    <div class="welcome">
      <form
        class="panel welcome-card"
        onSubmit={(event) => {
          event.preventDefault();
          props.onEnter(name.trim() || props.prefs.suggestedName);
        }}
      >
        <Mark size={52} />
        <h1>{props.title ?? t("welcome.title")}</h1>
        {props.promised !== null && <ToWatch promised={props.promised.value} />}
        <label for="welcome-name">{t("welcome.name")}</label>
        <input
          ref={field}
          id="welcome-name"
          class="field big"
          data-testid="name"
          value={name}
          maxLength={NAME_MAX}
          autocomplete="nickname"
          onInput={(event) => setName(event.currentTarget.value)}
        />
        <p class="muted">{t("welcome.intro")}</p>
        <button type="submit" class="button primary big" data-testid="enter">
          {t("welcome.enter")}
          <Icon of={ArrowRight} size={18} />
        </button>
      </form>
      <LanguageChoice prefs={props.prefs} />
    </div>
  );
}

export function mountWelcome(root: HTMLElement, options: WelcomeOptions): () => void {
  const stopAppearance = applyAppearance(options.prefs);
  render(<Welcome {...options} />, root);
  return () => {
    stopAppearance();
    render(null, root);
  };
}
