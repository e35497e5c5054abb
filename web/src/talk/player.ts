// Plays a talk-track over the living board: joins the reel, the speaker's camera and acts, what people said of it, the board
// as it was, and watching together, and tells state/playing.ts what there is to see. The reel's clock is the only one: each
// frame shows what belongs to it.
//
// Not here: how a piece is played (player_reel.ts), how the camera moves (player_camera.ts), what the bar looks like (ui).

import { computed, effect, signal, untracked } from "@preact/signals";
import type { Ms, ObjectId } from "../engine/types.ts";
import { centreOf } from "../geom/rect.ts";
import type { BoardPoint, BoardRect } from "../geom/types.ts";
import { reducedMotion } from "../state/glide.ts";
import { hueOf } from "../state/names.ts";
import type { Moments } from "../state/moment.ts";
import type { Ghost, Mark, Player, PlayerReport, PlayerStatus, Playing, Watcher } from "../state/playing.ts";
import { reactionEdit, REACTIONS } from "../state/reactions.ts";
import type { Tooling } from "../state/tooling.ts";
import type { BoardStore } from "../state/types.ts";
import { firstBest, NO_SHIFT, shifted, shiftedPoint, type RectNow } from "./camera_path.ts";
import { isPlayed, pieceAt, playedAt, recordedAt, type Piece } from "./cuts.ts";
import { digestOf } from "./digest.ts";
import { Past } from "./past.ts";
import { keepMended, type Mend } from "./player_mend.ts";
import { SpeakerCamera } from "./player_camera.ts";
import { captionsOf, recordedHashes, type Loaded, type LoadedTrack } from "./player_load.ts";
import { chapterMarks, keepMarks, reactionSub, type Marks } from "./player_marks.ts";
import { keepProgress, type Progress } from "./player_progress.ts";
import { Reel } from "./player_reel.ts";
import { ghostsOf, hintsOf, sameStage, stageAt } from "./player_stage.ts";
import { waitForWriting } from "./player_writing.ts";
import { SharedPlayback } from "./together.ts";

const SHOWN_EVERY_MS = 100;
const MOMENT_EVERY_MS = 250;
/** Runs also while the page is hidden, where there are no frames. */
const BEAT_MS = 250;
/** What was said at a moment stays for so long. */
const SAID_MS = 5_000;
const SAID_MAX = 4;
/** Going back right after a chapter began goes to the one before. */
const CHAPTER_MS = 2_000;
/** An object somebody moves now takes the view along smoothly: this much of the way each frame. */
const SHIFT_SHARE = 0.18;

export interface PlayerDeps {
  readonly store: BoardStore;
  readonly playing: Playing;
  readonly moments: Moments;
  readonly tooling: Tooling;
  readonly host: HTMLElement;
  readonly loaded: LoadedTrack;
  /** The track is not there for this person any more: the player has closed. */
  readonly gone: () => void;
}

interface Place {
  readonly played: Ms;
  readonly within: Ms;
  readonly loaded: Loaded;
}

export class TrackPlayer implements Player {
  readonly track;
  readonly length: Ms;
  readonly status = signal<PlayerStatus>("loading");
  readonly at = signal(0 as Ms);
  readonly rate = signal(1);
  readonly view = signal<"now" | "recorded">("now");
  readonly captions;
  readonly caption = signal("");
  readonly video = signal<HTMLVideoElement | null>(null);
  readonly author;
  readonly marks;
  readonly digest;
  readonly said;
  readonly watchers = signal<readonly Watcher[]>([]);
  readonly past;
  readonly changed = signal(false);
  readonly together;
  readonly following;
  readonly trouble;
  private readonly reel: Reel;
  private readonly camera: SpeakerCamera;
  private readonly notes: Marks;
  private readonly history: Past;
  private readonly shared: SharedPlayback;
  private readonly progress: Progress;
  private readonly mend: Mend;
  private readonly stops: (() => void)[] = [];
  private shift: typeof NO_SHIFT = NO_SHIFT;
  private ghosts: readonly Ghost[] = [];
  private ghostsAt = -Infinity;
  /** They were looked at too lately: the next beat does. */
  private hintsDue = false;
  private shownAt = 0 as Ms;
  private frameAsked = 0;
  private jumped = true;

  constructor(private readonly deps: PlayerDeps) {
    const { store, loaded, playing, tooling, host } = deps;
    const { track, pieces } = loaded;
    this.track = computed(() => store.tracks.tracks.value?.find((row) => row.track === track.track) ?? track);
    this.reel = new Reel(pieces, (segment) => store.tracks.mediaUrl(track.track, segment), { changed: () => this.onReel() });
    this.length = this.reel.length;
    this.camera = new SpeakerCamera({ store, tooling, host, insets: playing.insets, stale: () => this.soon() });
    this.following = this.camera.following;
    this.notes = keepMarks({ store, track: track.track, pieces, picture: (reaction) => REACTIONS[reaction] ?? "" });
    this.history = new Past(store.past, recordedHashes(loaded), { shown: () => this.showPast() });
    this.past = this.history.state;
    this.shared = new SharedPlayback({
      store,
      card: this.notes.card,
      reel: this.reel,
      rate: this.rate,
      moved: () => this.onJump(),
    });
    this.together = this.shared.state;
    this.mend = keepMended({ store, track: track.track, reel: this.reel, gone: () => this.giveUp() });
    this.trouble = this.mend.trouble;
    this.progress = keepProgress(store.tracks, track.track, this.length, () => void this.mend.check());
    this.author = computed(() => {
      void store.scene.version.value;
      const name = store.names.get(track.author) ?? "";
      const person = store.people.value.find((one) => one.user === track.author);
      return { name, hue: person?.hue ?? hueOf(track.author) };
    });
    this.captions = signal(captionsOf(loaded));
    this.marks = computed(() => [...this.notes.list.value, ...chapterMarks(track, pieces)].sort((a, b) => a.at - b.at));
    this.digest = computed(() => digestOf(this.marks.value));
    let said: readonly Mark[] = []; // the same list as long as it is: three parts of the interface draw it
    this.said = computed(() => {
      const now = this.at.value;
      const stay = SAID_MS * Math.max(1, this.rate.value);
      const heard = this.notes.list.value.filter(({ at }) => at <= now && now < at + stay).slice(-SAID_MAX);
      const same = heard.length === said.length && heard.every((mark, i) => mark === said[i]);
      return same ? said : (said = heard);
    });
    this.open();
  }

  play(): void {
    if (this.heldByHost()) return;
    this.reel.play();
    this.shared.lead();
    this.soon();
  }
  pause(): void {
    if (this.heldByHost()) return;
    this.reel.pause();
    this.shared.lead();
  }
  toggle(): void {
    if (this.reel.wants) this.pause();
    else this.play();
  }
  seek(to: Ms): void {
    if (this.heldByHost()) return;
    this.reel.seek(to);
    this.shared.lead(); // first: a beat would go back to where everybody is
    this.onJump();
  }
  skip(by: Ms): void {
    this.seek((this.reel.now() + by) as Ms);
  }
  skipChapter(by: 1 | -1): void {
    const at = this.reel.now();
    const chapters = this.marks.peek().filter(({ is }) => is === "chapter");
    const to = by > 0 ? chapters.find((chapter) => chapter.at > at) : chapters.findLast((chapter) => chapter.at < at - CHAPTER_MS);
    this.seek(to?.at ?? (by > 0 ? this.length : (0 as Ms)));
  }
  retry(): void {
    this.mend.retry();
  }
  setRate(rate: number): void {
    if (this.heldByHost()) return;
    this.rate.value = rate;
    this.reel.setRate(rate);
    this.shared.lead();
  }
  follow(): void {
    this.deps.store.selection.value = new Set();
    this.camera.follow();
  }
  setView(view: "now" | "recorded"): void {
    this.view.value = view;
    this.ghosts = [];
    if (view === "now") this.deps.playing.past.value = null;
    else this.deps.store.selection.value = new Set();
    this.soon();
  }
  react(reaction: number): void {
    const card = this.notes.card.peek();
    if (card === null) return;
    const recorded = recordedAt(this.deps.loaded.pieces, this.reel.now());
    this.deps.store.edit([reactionEdit(card, reactionSub(recorded, reaction), true)]);
  }
  startTogether(hosted: boolean): void {
    this.shared.start(hosted);
    this.tellPresence();
  }
  join(): void {
    this.shared.join();
    this.camera.follow();
    this.tellPresence();
  }
  leave(): void {
    this.shared.leave();
    this.tellPresence();
  }

  momentOf(id: ObjectId): Ms | null {
    const { pieces, segments } = this.deps.loaded;
    const shown = [...segments.values()].flatMap(({ segment, path }) => {
      const best = path.shownBest(id);
      const at = ((best?.at ?? 0) + segment.fromMs) as Ms;
      return best && isPlayed(pieces, at) ? [{ at, share: best.share }] : [];
    });
    const best = firstBest(shown);
    return best && playedAt(pieces, best.at);
  }

  pointedAt(at: Ms): BoardPoint | null {
    const place = this.placeAt(pieceAt(this.deps.loaded.pieces, at), at);
    if (place === null) return null;
    const { loaded: { acts, path }, within } = place;
    const shift = this.view.peek() === "recorded" ? NO_SHIFT : path.shiftAt(within, this.rectNow);
    const point = acts.laserAt(within).at(-1)?.point ?? acts.pointerAt(within);
    if (point !== null) return shiftedPoint(point, shift);
    const [rect] = acts.selectedAt(within).map(this.rectNow).filter((known) => known !== null);
    return rect ? centreOf(rect) : null;
  }

  report(): PlayerReport {
    const place = this.place();
    const { loaded } = this.deps;
    return {
      played: this.reel.now(),
      shown: this.shownAt,
      recorded: recordedAt(loaded.pieces, this.reel.now()),
      status: this.status.peek(),
      following: this.following.peek(),
      framed: place && this.framed(place),
      together: this.shared.along,
      pastSeq: this.history.seq,
      hashes: this.history.hashes,
    };
  }

  close(): void {
    const { playing, moments, store } = this.deps;
    if (this.frameAsked !== 0) cancelAnimationFrame(this.frameAsked);
    for (const stop of this.stops) stop();
    this.shared.close();
    this.progress.close();
    this.mend.close();
    this.notes.close();
    this.camera.close();
    this.history.close();
    this.reel.close();
    playing.stage.value = null;
    playing.past.value = null;
    moments.now.value = null;
    store.setPresence({ watching: null });
    if (playing.player.peek() === this) playing.player.value = null;
  }

  private open(): void {
    const { store, moments, playing } = this.deps;
    const beat = setInterval(() => this.beat(), BEAT_MS);
    this.stops.push(
      () => clearInterval(beat),
      store.scene.subscribe(() => this.soon()),
      effect(() => {
        const wanted = moments.wanted.value;
        if (wanted === null || wanted.track !== this.notes.card.value) return;
        untracked(() => {
          moments.wanted.value = null;
          this.goTo(wanted.ms);
        });
      }),
      waitForWriting(this, moments, () => playing.pauseToWrite.peek() && !this.shared.along),
    );
    if (this.progress.from > 0) this.reel.seek(this.progress.from);
    this.onReel();
    this.camera.follow();
  }

  /** A moment in recorded time, with what the speaker showed then. */
  goTo(recorded: Ms): void {
    this.seek(playedAt(this.deps.loaded.pieces, recorded));
    this.camera.follow();
  }

  private giveUp(): void {
    this.close();
    this.deps.gone();
  }

  private heldByHost(): boolean {
    return this.shared.along && !this.shared.mayLead();
  }

  private onReel(): void {
    this.status.value = this.reel.state();
    this.mend.look();
    const element = this.reel.element();
    const seen = element !== null && (this.reel.piece()?.type ?? "").startsWith("video/") ? element : null;
    if (this.video.peek() !== seen) this.video.value = seen;
    this.soon();
  }

  private onJump(): void {
    this.jumped = true;
    this.beat();
    this.soon();
  }

  private soon(): void {
    if (this.frameAsked === 0) this.frameAsked = requestAnimationFrame((now) => this.frame(now));
  }

  private frame(now: number): void {
    this.frameAsked = 0;
    this.reel.tick();
    const moving = this.look(now);
    if (this.reel.wants || moving) this.soon();
  }

  /** Whatever needs no frame: others, time on the bar, the moment that is written down with a comment. */
  private beat(): void {
    const { moments, loaded } = this.deps;
    if (document.hidden) this.reel.tick();
    this.shared.tick();
    this.status.value = this.reel.state();
    this.mend.look();
    const played = this.reel.now();
    this.progress.moved(played, this.reel.wants);
    const card = this.notes.card.peek();
    const ms = recordedAt(loaded.pieces, played);
    const before = moments.now.peek();
    if (card === null) moments.now.value = null;
    else if (before === null || Math.abs(before.ms - ms) >= MOMENT_EVERY_MS / 2) moments.now.value = { track: card, ms };
    this.showTime(played);
    if (this.hintsDue) this.soon();
    this.tellPresence();
    const watchers = watchersOf(this.deps.store, card);
    if (JSON.stringify(watchers) !== JSON.stringify(this.watchers.peek())) this.watchers.value = watchers;
  }

  private tellPresence(): void {
    const card = this.notes.card.peek();
    if (card === null) return;
    const playedMs = (Math.round(this.reel.now() / 1000) * 1000) as Ms;
    const before = this.deps.store.own.peek().watching;
    const { along } = this.shared;
    if (before?.track === card && before.playedMs === playedMs && before.together === along) return;
    this.deps.store.setPresence({ watching: { track: card, playedMs, together: along } });
  }

  private showTime(played: Ms): void {
    if (Math.abs(played - this.at.peek()) < SHOWN_EVERY_MS && played !== this.length && !this.jumped) return;
    this.at.value = played;
    const line = this.captions.peek().findLast(({ from }) => from <= played);
    const text = line && played < line.to ? line.text : "";
    if (text !== this.caption.peek()) this.caption.value = text;
  }

  private place(): Place | null {
    return this.placeAt(this.reel.piece(), this.reel.now());
  }

  private placeAt(piece: Piece | null, played: Ms): Place | null {
    const loaded = piece && this.deps.loaded.segments.get(piece.segment);
    if (!piece || !loaded) return null;
    return { played, within: (piece.fromMs + played - piece.playedMs) as Ms, loaded };
  }

  private framed({ loaded, within }: Place): BoardRect | null {
    const view = reducedMotion() ? loaded.path.restAt(within) : loaded.path.viewAt(within);
    return view && shifted(view, this.shift);
  }

  /** True while something moves by itself. */
  private look(now: number): boolean {
    const place = this.place();
    if (place === null) return false;
    this.showTime(place.played);
    const moving = this.moveShift(place);
    const view = this.framed(place);
    const coming = view !== null && this.camera.show(view, now);
    this.shownAt = place.played;
    this.showActs(place, now);
    if (this.view.peek() === "recorded") this.wantPast(place);
    this.jumped = false;
    return moving || coming;
  }

  private readonly rectNow: RectNow = (id: ObjectId) => {
    const scene = this.view.peek() === "recorded" ? this.history.shown.scene : this.deps.store.scene;
    const view = scene.objects.get(id);
    return view === undefined ? null : scene.rectOf(view);
  };

  private moveShift({ loaded, within }: Place): boolean {
    const goal = this.view.peek() === "recorded" ? NO_SHIFT : loaded.path.shiftAt(within, this.rectNow);
    const { dx, dy } = this.shift;
    const far = Math.hypot(goal.dx - dx, goal.dy - dy);
    if (this.jumped || far < 0.5 || reducedMotion()) {
      this.shift = goal;
      return false;
    }
    this.shift = { dx: dx + (goal.dx - dx) * SHIFT_SHARE, dy: dy + (goal.dy - dy) * SHIFT_SHARE };
    return true;
  }

  private showActs({ loaded, within }: Place, now: number): void {
    const { playing } = this.deps;
    const live = this.view.peek() === "now" && this.following.peek();
    if (!live) {
      this.ghosts = [];
      this.changed.value = false;
    } else if (this.jumped || now - this.ghostsAt > MOMENT_EVERY_MS) {
      this.ghostsAt = now;
      const anchors = loaded.path.anchorsAt(within);
      const hints = hintsOf(ghostsOf(anchors, this.shift, this.rectNow), anchors);
      this.ghosts = hints.ghosts;
      this.changed.value = hints.changed;
      this.hintsDue = false;
    } else this.hintsDue = true;
    const stage = stageAt({
      acts: loaded.acts,
      at: within,
      shift: this.shift,
      rectNow: this.rectNow,
      ghosts: this.ghosts,
      author: this.author.peek(),
    });
    if (!sameStage(playing.stage.peek(), stage)) playing.stage.value = stage;
  }

  private wantPast({ loaded, within }: Place): void {
    const seq = loaded.acts.entryAt(within) ?? loaded.segment.firstSeq;
    this.history.show(seq, loaded.segment.lastSeq);
  }

  private showPast(): void {
    const { playing } = this.deps;
    if (this.view.peek() === "recorded" && playing.past.peek() === null) playing.past.value = this.history.shown;
  }
}

function watchersOf(store: BoardStore, card: ObjectId | null): readonly Watcher[] {
  return store.people.peek().flatMap((person): readonly Watcher[] => {
    const watching = store.presence.get(person.session)?.watching ?? null;
    if (person.self || watching === null || watching.track !== card) return [];
    const { session, name, hue } = person;
    return [{ session, name, hue, at: watching.playedMs, together: watching.together }];
  });
}
