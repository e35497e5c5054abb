// Who may watch a talk-track: everybody from a role on, or whoever came by certain links. The author and facilitators
// always may.

import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { t, timeAgo } from "../i18n/i18n.ts";
import { mayRule } from "../state/read.ts";
import type { Watchers } from "../state/tracks.ts";
import type { BoardStore, Role } from "../state/types.ts";

const ROLES: readonly Role[] = ["viewer", "commenter", "editor", "facilitator"];

function Links(props: {
  readonly store: BoardStore;
  readonly links: readonly string[];
  readonly onPick: (watch: Watchers) => void;
}): JSX.Element {
  const { store, links, onPick } = props;
  useEffect(() => void store.desk.refresh().catch(() => undefined), [store]);
  return (
    <ul class="record-links">
      {(store.desk.given.value ?? []).map((row) => (
        <li key={row.link}>
          <label class="record-check">
            <input
              type="checkbox"
              checked={links.includes(row.link)}
              onChange={(event) => {
                const others = links.filter((link) => link !== row.link);
                onPick({ links: event.currentTarget.checked ? [...others, row.link] : others });
              }}
            />
            <span>
              {t(`share.role_${row.role}`)}
              {row.madeAt !== null && (
                <small class="muted">{t("share.made", { when: timeAgo(row.madeAt, Date.now()) })}</small>
              )}
            </span>
          </label>
        </li>
      ))}
    </ul>
  );
}

export function WhoMayWatch(props: {
  readonly store: BoardStore;
  readonly watch: Watchers;
  readonly onPick: (watch: Watchers) => void;
}): JSX.Element {
  const { store, watch, onPick } = props;
  const byLink = "links" in watch;
  const rules = mayRule(store.role.value);
  return (
    <div class="record-field">
      <label>
        <span>{t("record.watch")}</span>
        <select
          class="field select"
          data-testid="record-watch"
          value={byLink ? "links" : watch.role}
          onChange={(event) => {
            const picked = event.currentTarget.value;
            const role = ROLES.find((name) => name === picked);
            onPick(role === undefined ? { links: [] } : { role });
          }}
        >
          {ROLES.map((role) => (
            <option key={role} value={role}>
              {t(`record.watch_${role}`)}
            </option>
          ))}
          {!byLink && watch.role === "owner" && <option value="owner">{t("record.watch_owner")}</option>}
          {(rules || byLink) && <option value="links">{t("record.watch_links")}</option>}
        </select>
      </label>
      {byLink && rules && <Links store={store} links={watch.links} onPick={onPick} />}
    </div>
  );
}
