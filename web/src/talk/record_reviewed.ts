// The take that is being reviewed: its draft, what is suggested for it, pictures of it, a listen, and its publishing. One
// at a time; recorder.ts says when, record_review.ts reads and sends, record_draft.ts keeps what is changed.

import { signal } from "@preact/signals";
import type { Ms, ObjectId } from "../engine/types.ts";
import type { BoardRect } from "../geom/types.ts";
import type { Draft, Take } from "../state/takes.ts";
import { TrackError, type Chapter, type Track } from "../state/tracks.ts";
import type { BoardStore } from "../state/types.ts";
import { proposeChapters } from "./record_chapters.ts";
import { keepDrafts, type DraftKeeper } from "./record_draft.ts";
import { cameraPicture, listen } from "./record_preview.ts";
import { contentOf, draftOf, framesOf, goneOn, openReel, publishTake, showView, viewAt } from "./record_review.ts";
import type { MediaPlaces, Reel } from "./record_review.ts";
import type { Sender } from "./record_send.ts";

const NO_DRAFT: Draft = {
  title: "",
  from: 0 as Ms,
  to: 0 as Ms,
  chapters: [],
  cues: [],
  watch: { role: "viewer" },
  cover: null,
};

export interface ReviewedDeps {
  readonly store: BoardStore;
  readonly sender: Pick<Sender, "settled">;
  /** A picture of a part of the board, 16:9. */
  picture(rect: BoardRect): Promise<Blob | null>;
}

export class Reviewed {
  readonly draft = signal<Draft>(NO_DRAFT);
  readonly proposed = signal<readonly Chapter[]>([]);
  readonly published = signal(false);
  private reel: Reel | null = null;
  /** The draft as it was suggested; null when it was kept from before. */
  private suggested: Draft | null = null;
  private readonly drafts: DraftKeeper;

  constructor(private readonly deps: ReviewedDeps) {
    const { store, sender } = deps;
    this.drafts = keepDrafts({ draft: this.draft, store, settled: () => sender.settled() });
  }

  /** Its segments are all over. `track` as the server told it; null for one that was begun here. Returns its length. */
  async open(take: Take, track: Track | null): Promise<Ms> {
    const { store } = this.deps;
    const reel = await openReel(take, store.takes, store.tracks);
    const fresh = await draftOf(reel, store, track);
    const { drafted } = (await store.takes.get(take.take)) ?? take;
    const first = drafted ? goneOn(drafted.draft, fresh, drafted.lengthMs) : fresh;
    this.reel = reel;
    this.suggested = drafted === null ? first : null;
    this.published.value = track?.state === "finished";
    this.drafts.open(reel, first, { published: this.published.value, kept: drafted !== null });
    this.draft.value = first;
    this.proposed.value = proposeChapters(reel.events, reel.lengthMs, framesOf(store));
    return reel.lengthMs;
  }

  /** The board where it begins, unless it has a cover, or gets one meanwhile. */
  async suggestCover(): Promise<void> {
    const { reel } = this;
    const { cover: known, from } = this.draft.peek();
    const cover = known === null ? await this.boardPicture(from) : null;
    const now = this.draft.peek();
    if (this.reel !== reel || cover === null || now.cover !== null) return;
    const pictured = { ...now, cover };
    if (now === this.suggested) this.drafts.suggest(pictured);
    this.draft.value = pictured;
  }

  show(ms: Ms): void {
    const rect = this.reel && viewAt(this.reel, ms);
    if (rect !== null) showView(this.deps.store, rect);
  }

  async boardPicture(ms: Ms): Promise<Blob | null> {
    const view = this.reel && viewAt(this.reel, ms);
    return view === null ? null : this.deps.picture(contentOf(this.deps.store, view));
  }

  async cameraPicture(ms: Ms): Promise<Blob | null> {
    return this.reel && cameraPicture(this.reel, ms, this.places());
  }

  play(ms: Ms, untilMs: Ms, over: () => void): { stop(): void } {
    const { reel } = this;
    if (reel === null) return { stop: over };
    return listen({ reel, places: this.places(), at: (at) => this.show(at), over }, ms, untilMs);
  }

  /** All of it is with the server once the sender says so. Rejects with a TrackError; what there is stays. */
  async publish(): Promise<{ readonly take: Take; readonly card: ObjectId | null }> {
    const { store, sender } = this.deps;
    const { reel } = this;
    if (reel === null) throw new TrackError("not_found");
    await sender.settled();
    const take = (await store.takes.get(reel.take.take)) ?? reel.take;
    const card = await publishTake({ ...reel, take }, this.draft.peek(), store);
    if (this.reel === reel) this.drafts.forget();
    await store.takes.drop(take.take);
    return { take, card };
  }

  /** What was changed is written, and nothing more is kept of it; the take can still be shown. */
  async put(): Promise<void> {
    await this.drafts.close();
  }

  /** Nothing is kept any more: it is thrown away. */
  forget(): void {
    this.drafts.forget();
  }

  /** Nothing is under review. */
  clear(): void {
    this.reel = null;
  }

  stop(): void {
    this.drafts.stop();
  }

  private places(): MediaPlaces {
    const { store, sender } = this.deps;
    return { takes: store.takes, desk: store.tracks, settled: () => sender.settled() };
  }
}
