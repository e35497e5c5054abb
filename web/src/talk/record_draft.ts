// What is changed in the review is kept as it is made: with the take on this device, and, of a talk-track that is not on
// the board yet, with the server, where another device finds it. One that is on the board stays as it is until it is saved.
// Nothing is kept of a draft that nobody touched: it is suggested anew, perhaps better.

import { effect } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import type { Draft } from "../state/takes.ts";
import { TrackError } from "../state/tracks.ts";
import type { BoardStore } from "../state/types.ts";
import { sendDraft, type Reel } from "./record_review.ts";
import { isElsewhere } from "./record_takes.ts";

const KEEP_MS = 300;
const SEND_MS = 1500;

export interface DraftKeeper {
  /** From now on the draft is this reel's, beginning with `first`, which was kept before or is only suggested. */
  open(reel: Reel, first: Draft, is: { readonly published: boolean; readonly kept: boolean }): void;
  /** The draft is another by itself: nobody changed it. */
  suggest(draft: Draft): void;
  /** Writes what is not written yet; nothing more is kept afterwards. */
  close(): Promise<void>;
  /** Nothing is kept any more: it was said in another way, or thrown away. */
  forget(): void;
  stop(): void;
}

export interface DraftDeps {
  readonly draft: ReadonlySignal<Draft>;
  readonly store: BoardStore;
  /** Resolves when the server has all that was recorded. */
  settled(): Promise<void>;
}

interface Opened {
  readonly reel: Reel;
  readonly published: boolean;
}

export function keepDrafts(deps: DraftDeps): DraftKeeper {
  const { draft, store } = deps;
  const { takes } = store;
  let opened: Opened | null = null;
  let suggested: Draft | null = null;
  let kept: Draft | null = null; // as this device has it
  let sent: Draft | null = null; // as the server has it
  let keepTimer = 0;
  let sendTimer = 0;
  let sending: Promise<void> = Promise.resolve();

  async function keep(): Promise<void> {
    clearTimeout(keepTimer);
    const now = draft.peek();
    if (opened === null || now === suggested || now === kept) return;
    const { reel, published } = opened;
    kept = now;
    await takes.change(reel.take.take, { drafted: { draft: now, lengthMs: reel.lengthMs, published } });
  }

  /** Best effort: publishing says everything once more. */
  function send(): Promise<void> {
    clearTimeout(sendTimer);
    const now = draft.peek();
    const of = opened;
    if (of === null || of.published || of.reel.take.rehearsal || now === suggested || now === sent) return sending;
    const before = sent;
    sent = now;
    sending = sending.then(async () => {
      try {
        await deps.settled();
        const take = (await takes.get(of.reel.take.take)) ?? of.reel.take;
        if (!isElsewhere(take)) throw new TrackError("stopped");
        await sendDraft({ ...of.reel, take }, now, store, before);
      } catch {
        if (sent === now) sent = before;
      }
    });
    return sending;
  }

  function forget(): void {
    clearTimeout(keepTimer);
    clearTimeout(sendTimer);
    opened = null;
  }

  const onHide = (): void => {
    if (document.visibilityState === "hidden") void keep().catch(console.error);
  };
  const stopWatching = effect(() => {
    if (draft.value === suggested || draft.value === sent || opened === null) return;
    clearTimeout(keepTimer);
    clearTimeout(sendTimer);
    keepTimer = window.setTimeout(() => void keep().catch(console.error), KEEP_MS);
    sendTimer = window.setTimeout(() => void send(), SEND_MS);
  });
  document.addEventListener("visibilitychange", onHide);
  window.addEventListener("pagehide", onHide);

  return {
    open(reel, first, is) {
      opened = { reel, published: is.published };
      suggested = is.kept ? null : first;
      kept = is.kept ? first : null;
      sent = null;
      if (is.kept) sendTimer = window.setTimeout(() => void send(), SEND_MS); // there was no network then, perhaps
    },
    suggest(next) {
      suggested = next;
    },
    async close() {
      await keep();
      void send();
      opened = null;
    },
    forget,
    stop() {
      forget();
      stopWatching();
      document.removeEventListener("visibilitychange", onHide);
      window.removeEventListener("pagehide", onHide);
    },
  };
}
