// Who is here and what they are doing: PEOPLE and PRESENCE as signals. Presence changes many times a second, so it is a
// plain map with a version; ui lists people, render draws presence.

import { batch, signal } from "@preact/signals";
import type { Ms } from "../engine/types.ts";
import { hueAmong } from "../state/names.ts";
import { presenceFrom } from "../state/presence.ts";
import type { Person, Presence } from "../state/types.ts";
import type { ServerMessage } from "./wire.ts";

type People = Extract<ServerMessage, { readonly is: "people" }>;
type States = Extract<ServerMessage, { readonly is: "presence" }>;

export class Company {
  readonly people = signal<readonly Person[]>([]);
  readonly presence = new Map<number, Presence>();
  readonly presenceVersion = signal(0);
  private session = 0;

  /** A new connection: the first PEOPLE will list everybody. */
  reset(session: number): void {
    this.session = session;
    batch(() => {
      this.people.value = [];
      this.presence.clear();
      this.presenceVersion.value += 1;
    });
  }

  /** True when somebody else came, who has not heard of us. */
  onPeople({ joined, left }: People): boolean {
    const come = new Set(joined.map(([session]) => session));
    const stay = this.people.value.filter(({ session }) => !left.includes(session) && !come.has(session));
    const hues = new Map(stay.map(({ user, hue }) => [user, hue]));
    const news = joined.map(([session, user, name]): Person => {
      const hue = hues.get(user) ?? hueAmong(user, new Set(hues.values()));
      hues.set(user, hue);
      return { session, user, name, hue, self: session === this.session };
    });
    batch(() => {
      this.people.value = [...stay, ...news];
      for (const session of left) this.presence.delete(session);
      this.presenceVersion.value += 1;
    });
    return news.some((person) => !person.self);
  }

  onPresence({ states }: States): void {
    const at = performance.now() as Ms;
    for (const [session, state] of states) {
      if (session === this.session) continue;
      const parsed = presenceFrom(state, at);
      if (parsed) this.presence.set(session, parsed);
      else this.presence.delete(session);
    }
    this.presenceVersion.value += 1;
  }
}
