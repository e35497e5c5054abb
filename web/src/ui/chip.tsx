// The status chip: one plain sentence about whether what was done is kept, and where.

import { CloudAlert, CloudCheck, CloudOff, CloudUpload, Eye, LoaderCircle } from "lucide";
import type { IconNode } from "lucide";
import type { JSX } from "preact";
import { t } from "../i18n/i18n.ts";
import type { Connection } from "../state/types.ts";
import { Icon } from "./icons.tsx";

export function chipText(connection: Connection): string {
  switch (connection.is) {
    case "connecting":
      return connection.kept > 0 ? t("chip.connecting_kept", { n: connection.kept }) : t("chip.connecting");
    case "saved":
      return t("chip.saved");
    case "saving":
      return t("chip.saving");
    case "offline":
      return connection.kept > 0 ? t("chip.offline_kept", { n: connection.kept }) : t("chip.offline");
    case "readonly":
      return t(`chip.readonly_${connection.why}`);
    case "ended":
      return t("chip.ended");
  }
}

function chipIcon(connection: Connection): IconNode {
  switch (connection.is) {
    case "connecting":
      return LoaderCircle;
    case "saved":
      return CloudCheck;
    case "saving":
      return CloudUpload;
    case "offline":
      return CloudOff;
    case "readonly":
      return connection.why === "role" ? Eye : CloudAlert;
    case "ended":
      return CloudAlert;
  }
}

export function Chip(props: { readonly connection: Connection }): JSX.Element {
  const { connection } = props;
  return (
    <div
      class="chip"
      data-testid="chip"
      data-state={connection.is}
      data-why={connection.is === "readonly" ? connection.why : undefined}
      data-kept={"kept" in connection ? connection.kept : 0}
    >
      <Icon of={chipIcon(connection)} size={15} />
      <span>{chipText(connection)}</span>
    </div>
  );
}
