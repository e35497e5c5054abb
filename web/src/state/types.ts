// What the layers above state (sync, render, tools, a11y, ui) share. Signals are @preact/signals-core's.
// sync fills in the store, ui and render read it, tools write through it. Nothing here does I/O.

import type { ReadonlySignal, Signal } from "@preact/signals";
import type { Edit, EditResult, Engine, Ms, ObjectId, ObjectView } from "../engine/types.ts";
import type { History } from "../engine/history.ts";
import type { BoardPoint, BoardRect, ScreenSize } from "../geom/types.ts";
import type { TakeStore } from "./takes.ts";
import type { TrackDesk } from "./tracks.ts";

export type Role = "viewer" | "commenter" | "editor" | "facilitator" | "owner";

/** The status chip's truth. `kept` counts pending batches. */
export type Connection =
  | { readonly is: "connecting"; readonly kept: number; readonly attempt: number }
  | { readonly is: "saved" }
  | { readonly is: "saving"; readonly kept: number }
  | { readonly is: "offline"; readonly kept: number }
  | { readonly is: "readonly"; readonly why: "role" | "disk" | "draining" }
  | { readonly is: "ended"; readonly code: string; readonly text: string };

/** Where the view is: board point at the screen's top left, and screen pixels per board unit. */
export interface Camera {
  readonly x: number;
  readonly y: number;
  readonly zoom: number;
}

export interface Person {
  readonly session: number;
  readonly user: number;
  readonly name: string;
  /** Index into the people palette, stable per user. */
  readonly hue: number;
  readonly self: boolean;
}

/** One other person's lossy state (SPEC S11, K9), already parsed and checked. */
export interface Presence {
  readonly cursor: BoardPoint | null;
  readonly view: BoardRect | null;
  readonly selected: readonly ObjectId[];
  readonly gesture:
    | null
    | { readonly ids: readonly ObjectId[]; readonly dx: number; readonly dy: number }
    | { readonly ids: readonly ObjectId[]; readonly rects: readonly BoardRect[] };
  readonly typing: ObjectId | null;
  /** Where the laser points; null while it is out. */
  readonly laser: BoardPoint | null;
  readonly watching: Watching | null;
  /** When it came, by performance.now(). */
  readonly at: Ms;
}

/** What we let others know of us. */
export type OwnPresence = Omit<Presence, "at">;

/** A talk-track somebody is watching. `together`: they follow a shared playback. */
export interface Watching {
  readonly track: ObjectId; // its card
  readonly playedMs: Ms;
  readonly together: boolean;
}

/** Something to tell the person, shown as a toast. `kept` is text that would otherwise be lost, for copying; `offer` is
 *  what one may want to do next. */
export interface Notice {
  readonly id: number;
  readonly tone: "info" | "warn" | "error";
  /** An i18n key and its values. */
  readonly key: string;
  readonly values: Readonly<Record<string, string | number>>;
  readonly kept: string | null;
  readonly offer: { readonly key: string; take(): void } | null;
}

/** What became of the scene: `changed` are whole views, whether they came so or as patches. */
export interface SceneChanges {
  readonly reset: boolean;
  readonly changed: readonly ObjectView[];
  readonly removed: readonly ObjectId[];
}

/** The scene: a mirror of the engine's views, with a spatial index and the drawing order. */
export interface Scene {
  readonly objects: ReadonlyMap<ObjectId, ObjectView>;
  /** Bumped after every change. */
  readonly version: ReadonlySignal<number>;
  /** Called synchronously with each batch of changes; returns the unsubscriber. */
  subscribe(listener: (changes: SceneChanges) => void): () => void;
  /** Drawn objects (not board, person) in drawing order, those touching `rect` when given. */
  inOrder(rect?: BoardRect): readonly ObjectView[];
  /** Living objects whose effective parent is `id`. */
  childrenOf(id: ObjectId): readonly ObjectView[];
  rectOf(view: ObjectView): BoardRect;
}

/** The server's time, as far as its answers let us know it. */
export interface ServerClock {
  /** Unix time of the server; this device's until there was an answer. */
  now(): Ms;
  /** Asks a few times, to know better. */
  measure(): void;
}

/** The state of the board at a seq, with what leads there (SPEC section 11). */
export interface PastAnswer {
  /** Of the snapshot, 0 for the empty board; entries follow up to `seq`. */
  readonly asOf: number;
  readonly seq: number;
  readonly snapshot: Uint8Array;
  /** The snapshot's state, as 16 hex digits; "" of the empty board. */
  readonly hash: string;
  /** Whole OPS messages. */
  readonly ops: readonly Uint8Array[];
}

export interface PastDesk {
  /** Rejects with an EngineError: "perm", "not_found", "limit", "offline". One is under way at a time; others wait. */
  ask(seq: number): Promise<PastAnswer>;
  /** An instance to look at answers with. */
  open(): History;
}

/** Everything one open board's interface works with; made by sync, handed to ui. */
export interface BoardStore {
  readonly board: string;
  readonly engine: Engine;
  readonly scene: Scene;
  readonly title: ReadonlySignal<string>;
  readonly role: ReadonlySignal<Role>;
  readonly canEdit: ReadonlySignal<boolean>;
  /** Comments and reactions at least (state/may.ts). */
  readonly canComment: ReadonlySignal<boolean>;
  /** Our own guest number; 0 until it is known. */
  readonly me: ReadonlySignal<number>;
  readonly connection: ReadonlySignal<Connection>;
  /** False until the first state is on screen. */
  readonly loaded: ReadonlySignal<boolean>;
  readonly people: ReadonlySignal<readonly Person[]>;
  /** By session; changes do not re-render ui: subscribe to `presenceVersion`. */
  readonly presence: ReadonlyMap<number, Presence>;
  readonly presenceVersion: ReadonlySignal<number>;
  /** Our own state as `setPresence` made it, whether others have heard of it yet or not. */
  readonly own: ReadonlySignal<OwnPresence>;
  readonly names: ReadonlyMap<number, string>; // user -> display name, from person objects
  readonly camera: Signal<Camera>;
  readonly viewport: Signal<ScreenSize>;
  readonly selection: Signal<ReadonlySet<ObjectId>>;
  /** The object whose text is being edited. */
  readonly editing: Signal<ObjectId | null>;
  readonly notices: Signal<readonly Notice[]>;
  /** The last entry of the journal that this page has, and how many batches of its own are not in it yet. */
  readonly seq: ReadonlySignal<number>;
  readonly pendingCount: ReadonlySignal<number>;
  readonly undoCount: ReadonlySignal<number>;
  readonly redoCount: ReadonlySignal<number>;
  /** One gesture's edits: shown at once, kept, sent. Refusals become notices and return null. */
  edit(edits: readonly Edit[], gesture?: number): EditResult | null;
  newGesture(): number;
  undo(): void;
  redo(): void;
  /** What others see of us; sent at most 20 times a second, latest only. */
  setPresence(patch: Partial<OwnPresence>): void;
  /** Changes the guest's own name. */
  rename(name: string): void;
  /** The links this person may hand out, by role, when this device knows them. */
  readonly links: ReadonlySignal<Readonly<Partial<Record<Role, string>>>>;
  /** All of the board's links, for facilitators and owners; see mayRule. */
  readonly desk: LinkDesk;
  /** The board's talk-tracks. */
  readonly tracks: TrackDesk;
  /** Recordings of it that this device keeps until they are published. */
  readonly takes: TakeStore;
  readonly clock: ServerClock;
  readonly past: PastDesk;
  /** The board as it was is on screen instead of the living one: nothing on it can be edited. */
  readonly lookingBack: Signal<boolean>;
  close(): void;
}

/** What a picture of a board is drawn from: the living one, or one that was. */
export type CanvasStore = Pick<
  BoardStore,
  | "scene" | "names" | "camera" | "viewport" | "selection" | "editing" | "canEdit" | "me" | "own"
  | "people" | "presence" | "presenceVersion" | "tracks"
>;

/** A link of the board that stands, as its rulers see it. Times are this device's. */
export interface GivenLink {
  readonly link: string;
  readonly role: Role;
  readonly url: string; // with the token, absolute
  /** We came by it. */
  readonly own: boolean;
  readonly madeAt: Ms | null;
  readonly endsAt: Ms | null; // null: never
}

/** Handing out the board. What fails rejects with an Error whose message is an i18n key. */
export interface LinkDesk {
  readonly given: ReadonlySignal<readonly GivenLink[] | null>; // null until refreshed
  refresh(): Promise<void>;
  /** `lastsMs` 0: without an end. */
  make(role: Role, lastsMs: number): Promise<GivenLink>;
  /** Holds at once for everybody who came by it. */
  setRole(link: string, role: Role): Promise<void>;
  withdraw(link: string): Promise<void>;
}

/** A board seen on this device. */
export interface SeenBoard {
  readonly board: string;
  readonly title: string;
  readonly url: string; // with the token, absolute
  readonly visitedAt: Ms; // Unix time
  readonly thumbnail: Blob | null;
}

/** What the home page works with; made by sync. */
export interface HomeStore {
  readonly boards: ReadonlySignal<readonly SeenBoard[] | null>; // null while loading
  /** Makes a board and navigates to it; rejects with an Error whose message is an i18n key. */
  create(): Promise<void>;
  forget(board: string): Promise<void>;
}

/** How the person is known and how they like it; kept on this device. */
export interface Prefs {
  readonly name: Signal<string>; // "" until chosen
  readonly suggestedName: string; // a friendly one, in the interface language
  readonly theme: Signal<"system" | "light" | "dark">;
  readonly language: Signal<"en" | "zh">;
}
