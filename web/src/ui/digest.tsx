// Of the track that plays: its captions as lines to go to, and everything that was said of it, by chapters.

import { Copy, Download } from "lucide";
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { t } from "../i18n/i18n.ts";
import type { Player } from "../state/playing.ts";
import { IconButton } from "./controls.tsx";
import { Icon } from "./icons.tsx";
import { timeText } from "../state/time_text.ts";

/** Brings the line that is spoken to the middle, unless the reader has scrolled the one before out of sight. */
function followLine(line: HTMLElement, before: HTMLElement | null): void {
  const list = line.closest(".side-body");
  if (list === null) return;
  const room = list.getBoundingClientRect();
  const was = before?.isConnected === true ? before.getBoundingClientRect() : null;
  if (was !== null && (was.bottom < room.top || was.top > room.bottom)) return;
  const { top, height } = line.getBoundingClientRect();
  list.scrollTop += top + height / 2 - (room.top + room.height / 2);
}

export function Transcript(props: { readonly player: Player }): JSX.Element {
  const { player } = props;
  const lines = player.captions.value;
  const now = lines.findLastIndex((line) => line.from <= player.at.value);
  const current = useRef<HTMLLIElement>(null);
  const before = useRef<HTMLLIElement | null>(null);
  useEffect(() => {
    if (current.current !== null) followLine(current.current, before.current);
    before.current = current.current;
  }, [now]);
  if (lines.length === 0) return <p class="muted side-empty">{t("player.no_captions")}</p>;
  return (
    <ol class="lines">
      {lines.map((line, i) => (
        <li key={`${line.from} ${i}`} ref={i === now ? current : null} aria-current={i === now ? "true" : undefined}>
          <button type="button" class="line" data-testid="transcript-line" onClick={() => player.seek(line.from)}>
            <time>{timeText(line.from)}</time>
            <span>{line.text}</span>
          </button>
        </li>
      ))}
    </ol>
  );
}

export function Digest(props: { readonly player: Player; readonly copy: () => void; readonly save: () => void }): JSX.Element {
  const { player, copy, save } = props;
  const parts = player.digest.value;
  if (parts.length === 0) return <p class="muted side-empty">{t("player.no_comments")}</p>;
  return (
    <>
      {parts.map((part) => (
        <section key={`${part.at} ${part.title}`} class="digest-part">
          {part.title !== "" && <h3>{part.title}</h3>}
          <ol class="lines">
            {part.comments.map((mark) => (
              <li key={mark.key}>
                <button type="button" class="line" data-testid="digest-line" onClick={() => player.goTo(mark.recordedMs)}>
                  <time>{timeText(mark.at)}</time>
                  <span>
                    <b>{mark.name}</b> {mark.text}
                  </span>
                </button>
              </li>
            ))}
          </ol>
        </section>
      ))}
      <div class="digest-ways">
        <button type="button" class="button" data-testid="digest-copy" onClick={copy}>
          <Icon of={Copy} />
          {t("player.copy_digest")}
        </button>
        <IconButton icon={Download} label={t("player.save_digest")} testid="digest-save" onPress={save} tip="above" />
      </div>
    </>
  );
}
