// The desk of links: choose a role and an end, make a link and copy it; below, the links that stand, each with what it
// allows. A changed role and a withdrawn link hold at once for the people who are here by it.

import { Link2Off, Plus } from "lucide";
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { t, tAny, timeAgo, timeUntil, type Key } from "../i18n/i18n.ts";
import type { GivenLink, LinkDesk, Role } from "../state/types.ts";
import { IconButton } from "./controls.tsx";
import { Icon } from "./icons.tsx";
import { CopyLink } from "./share_copy.tsx";

const HOUR_MS = 3_600_000;
const ENDS: readonly (readonly [key: Key, lastsMs: number])[] = [
  ["share.end_never", 0],
  ["share.end_hour", HOUR_MS],
  ["share.end_day", 24 * HOUR_MS],
  ["share.end_week", 7 * 24 * HOUR_MS],
  ["share.end_month", 30 * 24 * HOUR_MS],
];
/** From what most people hand out most often; nobody hands out more than they have. */
const GIVEN_BY: Readonly<Partial<Record<Role, readonly Role[]>>> = {
  owner: ["editor", "commenter", "viewer", "facilitator", "owner"],
  facilitator: ["editor", "commenter", "viewer", "facilitator"],
};

interface DeskProps {
  readonly desk: LinkDesk;
  readonly role: Role;
}

function RoleChoice(props: {
  readonly value: Role;
  readonly roles: readonly Role[];
  readonly label: string;
  readonly testid: string;
  readonly onPick: (role: Role) => void;
}): JSX.Element {
  const { value, roles, label, testid, onPick } = props;
  return (
    <select
      class="field select"
      aria-label={label}
      data-testid={testid}
      value={value}
      onChange={(event) => {
        const picked = roles.find((role) => role === event.currentTarget.value);
        if (picked !== undefined) onPick(picked);
      }}
    >
      {roles.map((role) => (
        <option key={role} value={role}>
          {t(`share.role_${role}`)}
        </option>
      ))}
    </select>
  );
}

function Maker(props: DeskProps & { readonly onMade: (link: string) => void; readonly busy: Busy }): JSX.Element {
  const { desk, busy } = props;
  const [role, setRole] = useState<Role>("editor");
  const [lastsMs, setLastsMs] = useState(0);
  const make = async (): Promise<void> => props.onMade((await desk.make(role, lastsMs)).link);
  return (
    <div class="share-maker">
      <p class="share-hint muted">{t(`share.role_${role}_hint`)}</p>
      <div class="share-choices">
        <RoleChoice
          value={role}
          roles={GIVEN_BY[props.role] ?? []}
          label={t("share.new_role")}
          testid="new-role"
          onPick={setRole}
        />
        <select
          class="field select"
          aria-label={t("share.new_end")}
          data-testid="new-end"
          value={String(lastsMs)}
          onChange={(event) => setLastsMs(Number(event.currentTarget.value))}
        >
          {ENDS.map(([key, ms]) => (
            <option key={key} value={String(ms)}>
              {t(key)}
            </option>
          ))}
        </select>
        <button
          type="button"
          class="button primary"
          data-testid="make-link"
          data-autofocus=""
          disabled={busy.is}
          onClick={() => busy.run(make)}
        >
          <Icon of={Plus} size={16} />
          {t("share.make")}
        </button>
      </div>
    </div>
  );
}

/** "made yesterday, ends in 3 hours" */
function facts(link: GivenLink, now: number): string {
  const made = link.madeAt === null ? null : t("share.made", { when: timeAgo(link.madeAt, now) });
  const ended = link.endsAt !== null && link.endsAt <= now;
  const ends =
    link.endsAt === null ? null : ended ? t("share.ended") : t("share.ends", { when: timeUntil(link.endsAt, now) });
  return [link.own ? t("share.own") : null, made, ends].filter((part) => part !== null).join(" · ");
}

interface GivenProps extends DeskProps {
  readonly link: GivenLink;
  readonly fresh: boolean;
  readonly busy: Busy;
}

function Given(props: GivenProps): JSX.Element {
  const { desk, link, fresh, busy } = props;
  const [sure, setSure] = useState(false);
  const roles = GIVEN_BY[props.role] ?? [];
  return (
    <li class="share-row" data-testid="given" data-link={link.link} data-role={link.role} data-fresh={fresh ? "" : undefined}>
      <div class="share-given">
        <RoleChoice
          value={link.role}
          roles={roles}
          label={t("share.change_role")}
          testid="given-role"
          onPick={(role) => busy.run(() => desk.setRole(link.link, role))}
        />
        <span class="share-facts">{facts(link, Date.now())}</span>
        <IconButton
          icon={Link2Off}
          label={t("share.withdraw")}
          kind="narrow share-withdraw"
          testid="withdraw"
          size={17}
          tip="none"
          disabled={busy.is}
          onPress={() => setSure(true)}
        />
      </div>
      {sure ? (
        <div class="share-sure" role="group" aria-label={t("share.withdraw")}>
          <p>{link.own ? t("share.sure_own") : t("share.sure")}</p>
          <button type="button" class="button small" onClick={() => setSure(false)}>
            {t("share.keep")}
          </button>
          <button
            type="button"
            class="button small danger"
            data-testid="withdraw-sure"
            onClick={() => busy.run(() => desk.withdraw(link.link), () => setSure(false))}
          >
            {t("share.withdraw")}
          </button>
        </div>
      ) : (
        <CopyLink url={link.url} role={link.role} main={fresh} />
      )}
    </li>
  );
}

/** One thing at a time; what went wrong stays until the next. */
interface Busy {
  readonly is: boolean;
  run(work: () => Promise<void>, after?: () => void): void;
}

export function Desk(props: DeskProps): JSX.Element {
  const { desk, role } = props;
  const given = desk.given.value;
  const [is, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const [fresh, setFresh] = useState<string | null>(null);
  const busy: Busy = {
    is,
    run(work, after) {
      setBusy(true);
      setError(null);
      work()
        .catch((reason: unknown) => setError(reason instanceof Error ? reason.message : "share.error_other"))
        .finally(() => {
          setBusy(false);
          after?.();
        });
    },
  };
  useEffect(() => busy.run(() => desk.refresh()), [desk, role]);
  return (
    <>
      <p class="muted">{t("share.intro")}</p>
      <Maker desk={desk} role={role} busy={busy} onMade={setFresh} />
      {error !== null && (
        <p class="share-error" role="alert" data-testid="share-error">
          {tAny(error)}
        </p>
      )}
      <ul class="share-list" aria-label={t("share.standing")} aria-busy={given === null}>
        {(given ?? []).map((link) => (
          <Given key={link.link} desk={desk} role={role} link={link} fresh={link.link === fresh} busy={busy} />
        ))}
      </ul>
    </>
  );
}
