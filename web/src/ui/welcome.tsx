// The welcome card: opening a link asks for a name and nothing else, and a friendly one is already there.

import { ArrowRight } from "lucide";
import { render } from "preact";
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { t } from "../i18n/i18n.ts";
import type { Prefs } from "../state/types.ts";
import { applyAppearance } from "./appearance.ts";
import { Icon, Mark } from "./icons.tsx";
import { LanguageChoice } from "./menu.tsx";

export interface WelcomeOptions {
  /** The board's title when this device knows it. */
  readonly title: string | null;
  readonly prefs: Prefs;
  onEnter(name: string): void;
}

const NAME_MAX = 40;

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
