// Of the track that plays: its captions as lines to go to, and everything that was said of it, by chapters.

import { useComputed } from "@preact/signals";
import { Copy, Download } from "lucide";
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { t } from "../i18n/i18n.ts";
import type { Player } from "../state/playing.ts";
import { timeText } from "../state/time_text.ts";
import { IconButton } from "./controls.tsx";
import { Icon } from "./icons.tsx";

interface Followed {
  /** The reader has scrolled the line that is spoken out of sight. */
  readonly away: boolean;
  back(): void;
}

/** Keeps the line that is spoken in the middle of what scrolls it, unless the reader looks elsewhere. */
function useFollowed(line: { readonly current: HTMLElement | null }, now: number): Followed {
  const [away, setAway] = useState(false);
  const list = (): Element | null => line.current?.closest(".side-body") ?? null;
  const isAway = (): boolean => {
    const room = list()?.getBoundingClientRect();
    const at = line.current?.getBoundingClientRect();
    return room !== undefined && at !== undefined && (at.bottom < room.top || at.top > room.bottom);
  };
  const back = (): void => {
    const scrolled = list();
    if (scrolled === null || line.current === null) return;
    const room = scrolled.getBoundingClientRect();
    const { top, height } = line.current.getBoundingClientRect();
    scrolled.scrollTop += top + height / 2 - (room.top + room.height / 2);
    setAway(false);
  };
  useEffect(() => {
    if (!away || !isAway()) back();
    const scrolled = list();
    const look = (): void => setAway(isAway());
    scrolled?.addEventListener("scroll", look);
    return () => scrolled?.removeEventListener("scroll", look);
  }, [now]);
  return { away, back };
}

export function Transcript(props: { readonly player: Player }): JSX.Element {
  const { player } = props;
  const lines = player.captions.value;
  const now = useComputed(() => player.captions.value.findLastIndex((line) => line.from <= player.at.value)).value;
  const current = useRef<HTMLLIElement>(null);
  const { away, back } = useFollowed(current, now);
  if (lines.length === 0) return <p class="muted side-empty">{t("player.no_captions")}</p>;
  const goBack = (): void => {
    back();
    current.current?.querySelector("button")?.focus({ preventScroll: true }); // what was pressed is gone
  };
  return (
    <>
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
      {away && (
        <button type="button" class="button small to-line" data-testid="transcript-now" onClick={goBack}>
          {t("player.to_line")}
        </button>
      )}
    </>
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
