// Who is here: avatars in their colours, the rest behind a number, a list to choose from. A click follows a person's
// view; a second one, or moving the view oneself, stops.

import { Check } from "lucide";
import type { JSX } from "preact";
import { t } from "../i18n/i18n.ts";
import type { Tooling } from "../state/tooling.ts";
import type { BoardStore, Person } from "../state/types.ts";
import { Popover } from "./controls.tsx";
import { Icon } from "./icons.tsx";

export function initialOf(name: string): string {
  const first = Array.from(name.trim())[0] ?? "?";
  return first.toLocaleUpperCase();
}

/** A person in a circle; their name stands elsewhere. */
export function Face(props: { readonly name: string; readonly hue: number }): JSX.Element {
  return (
    <span class="avatar" aria-hidden="true" style={{ background: `var(--person${props.hue % 12})` }}>
      {initialOf(props.name)}
    </span>
  );
}

function nameOf(person: Person): string {
  return person.self ? t("people.you", { name: person.name }) : person.name;
}

export function People(props: {
  readonly store: BoardStore;
  readonly tooling: Tooling;
  readonly shown: number;
}): JSX.Element | null {
  const { store, tooling } = props;
  const people = store.people.value;
  const following = tooling.following.value;
  if (people.length === 0) return null;
  const first = people.slice(0, props.shown);
  const rest = people.length - first.length;
  const follow = (person: Person): void => {
    if (!person.self) tooling.following.value = following === person.session ? null : person.session;
  };
  return (
    <div class="avatars" data-testid="avatars" data-count={people.length} role="group" aria-label={t("people.here")}>
      {first.map((person) => (
        <button
          type="button"
          key={person.session}
          class="avatar-button"
          data-testid="avatar"
          aria-label={person.self ? nameOf(person) : t("people.follow", { name: person.name })}
          aria-pressed={following === person.session}
          data-tip={person.self ? nameOf(person) : t("people.follow", { name: person.name })}
          onClick={() => follow(person)}
        >
          <Face name={person.name} hue={person.hue} />
        </button>
      ))}
      {rest > 0 && (
        <Popover
          label={t("people.here")}
          placement="bottom-end"
          kind="people-list"
          button={(open, toggle) => (
            <button
              type="button"
              class="avatar-button"
              aria-expanded={open}
              aria-label={t("people.more", { n: rest })}
              data-testid="avatars-more"
              onClick={toggle}
            >
              <span class="avatar avatar-rest">+{rest}</span>
            </button>
          )}
        >
          {(close) => (
            <ul>
              {people.map((person) => (
                <li key={person.session}>
                  <button
                    type="button"
                    class="menu-item"
                    disabled={person.self}
                    onClick={() => {
                      follow(person);
                      close();
                    }}
                  >
                    <Face name={person.name} hue={person.hue} />
                    <span class="menu-label">{nameOf(person)}</span>
                    {following === person.session && <Icon of={Check} size={16} />}
                  </button>
                </li>
              ))}
            </ul>
          )}
        </Popover>
      )}
    </div>
  );
}

/** While following: a rim in the person's colour, and the way out. */
export function FollowRim(props: {
  readonly store: BoardStore;
  readonly tooling: Tooling;
}): JSX.Element | null {
  const session = props.tooling.following.value;
  const person = props.store.people.value.find((p) => p.session === session);
  if (person === undefined) return null;
  return (
    <div class="follow-rim" style={{ "--rim": `var(--person${person.hue % 12})` }}>
      <div class="follow-note">
        <span>{t("people.following", { name: person.name })}</span>
        <button type="button" onClick={() => (props.tooling.following.value = null)}>
          {t("people.stop_following")}
        </button>
      </div>
    </div>
  );
}
