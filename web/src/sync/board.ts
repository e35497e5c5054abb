// One open board: engine, scene, outbox, snapshots, session and company wired together, and the signals that ui and
// render read. The parts decide; this file only joins them and keeps the signals true.

import { batch, computed, effect, signal, type Signal } from "@preact/signals";
import { createEngine, type RestartableEngine } from "../engine/doc.ts";
import { Field, Kind } from "../engine/generated.ts";
import { BOARD_ID } from "../engine/id.ts";
import type { Changes, Edit, EditResult, ObjectId, ObjectView } from "../engine/types.ts";
import type { EngineModule } from "../engine/wasm.ts";
import { onlyComments } from "../state/may.ts";
import { tell } from "../state/notices.ts";
import { NO_PRESENCE } from "../state/presence.ts";
import { createScene } from "../state/scene.ts";
import type { BoardStore, Camera, Connection, Notice, OwnPresence, Prefs, Role } from "../state/types.ts";
import { ROLES } from "./api.ts";
import { linksWith, type SeenBoards } from "./boards.ts";
import { Company } from "./company.ts";
import { Clock } from "./clock.ts";
import { connectionOf } from "./connection.ts";
import type { BoardRow, Database, SnapshotRow } from "./database.ts";
import { inspect, type Inspector } from "./inspect.ts";
import { openOwnership, type Ownership } from "./locks.ts";
import { openOutbox, type Outbox } from "./outbox.ts";
import { openLinkDesk } from "./links.ts";
import { listenToPage } from "./page.ts";
import { PastAsker } from "./past.ts";
import { createPresenceSender, type PresenceSender } from "./presence.ts";
import { LocalReplica } from "./replica.ts";
import { openTakes } from "./recordings.ts";
import { createRetry } from "./retry.ts";
import { Session } from "./session.ts";
import { keepSnapshots, type SnapshotKeeper } from "./snapshots.ts";
import { openTrackDesk } from "./tracks.ts";
import { BoardState, type ServerMessage, type Welcome } from "./wire.ts";

/** Engine bugs in one visit before we stop reloading it. */
const TRAPS_MAX = 3;
const EDITING_ROLES: readonly Role[] = ["editor", "facilitator", "owner"];
const COMMENTING_ROLES: readonly Role[] = ["commenter", ...EDITING_ROLES];

const UNIDENTIFIED = -1;

export interface OpenBoardDeps {
  readonly db: Database;
  readonly seen: SeenBoards;
  readonly row: BoardRow;
  readonly module: EngineModule;
  readonly prefs: Prefs;
}

interface Parts extends OpenBoardDeps {
  readonly ownership: Ownership;
  readonly outbox: Outbox;
  readonly notices: Signal<readonly Notice[]>;
}

export interface OpenBoard {
  readonly store: BoardStore;
  readonly inspector: Inspector;
}

/** What this device kept is on screen when this resolves; the connection follows by itself. */
export async function openBoard(deps: OpenBoardDeps): Promise<OpenBoard> {
  const { db, row } = deps;
  const notices = signal<readonly Notice[]>([]);
  const ownership = await openOwnership(row.board);
  const outbox = await openOutbox(db, row.board, ownership, () => tell(notices, "error", "notice.not_kept"));
  const kept = (await db.get("snapshots", row.board)) ?? null;
  const store = new Board({ ...deps, ownership, outbox, notices });
  store.open(kept);
  return { store, inspector: inspect(store, store.replica, store.session) };
}

/** Codes that have words of their own, by the notice they come with. */
const OWN_WORDS = new Set([
  "notice.refused_perm",
  "notice.refused_quota",
  "notice.refused_too_big",
  "notice.refused_orphan",
  "notice.edit_failed_too_big",
  "notice.edit_failed_quota",
]);

function wordsFor(notice: string, code: string): string {
  const own = `${notice}_${code}`;
  return OWN_WORDS.has(own) ? own : notice;
}

function stringField(view: ObjectView, field: number): string {
  const value = view.fields.get(field);
  return typeof value === "string" ? value : "";
}

class Board implements BoardStore {
  readonly board: string;
  readonly engine: RestartableEngine;
  readonly scene = createScene();
  readonly title = signal("");
  readonly role = signal<Role>("viewer");
  readonly connection = signal<Connection>({ is: "connecting", kept: 0, attempt: 1 });
  readonly loaded = signal(false);
  readonly names = new Map<number, string>();
  readonly camera = signal<Camera>({ x: 0, y: 0, zoom: 1 });
  readonly viewport = signal({ w: 0, h: 0 });
  readonly selection = signal<ReadonlySet<ObjectId>>(new Set());
  readonly editing = signal<ObjectId | null>(null);
  readonly links: BoardStore["links"];
  readonly desk: BoardStore["desk"];
  readonly tracks: BoardStore["tracks"];
  readonly takes: BoardStore["takes"];
  readonly clock = new Clock(() => this.session.ping());
  readonly past: PastAsker;
  readonly replica: LocalReplica;
  readonly session: Session;
  private readonly knownLinks = signal<BoardRow["links"]>({});
  private readonly company = new Company();
  private readonly boardState = signal<number>(BoardState.READY);
  /** Our guest number (0: not known yet), or UNIDENTIFIED while edits cannot be given ids. */
  private readonly identity = signal(UNIDENTIFIED);
  private readonly counts = signal({ seq: 0, pending: 0, undo: 0, redo: 0 });
  private readonly sender: PresenceSender;
  private readonly snapshots: SnapshotKeeper;
  private readonly retry = createRetry();
  private readonly stops: (() => void)[] = [];
  private traps = 0;
  private gesture = 0;

  readonly people = this.company.people;
  readonly presence = this.company.presence;
  readonly presenceVersion = this.company.presenceVersion;
  readonly seq = computed(() => this.counts.value.seq);
  readonly pendingCount = computed(() => this.counts.value.pending);
  readonly undoCount = computed(() => this.counts.value.undo);
  readonly redoCount = computed(() => this.counts.value.redo);
  readonly own = signal<OwnPresence>(NO_PRESENCE);
  readonly me = computed(() => Math.max(0, this.identity.value));
  readonly lookingBack = signal(false);
  readonly canEdit = computed(() => !this.lookingBack.value && this.mayWriteNow(EDITING_ROLES));
  readonly canComment = computed(() => this.mayWriteNow(COMMENTING_ROLES));

  constructor(private readonly parts: Parts) {
    const { row, db, module, outbox, ownership, prefs } = parts;
    this.board = row.board;
    this.engine = createEngine(module);
    this.links = this.knownLinks;
    this.desk = openLinkDesk(row.board, row.token);
    this.tracks = openTrackDesk(row.board, row.token);
    this.takes = openTakes(db, row.board);
    this.title.value = row.title;
    this.role.value = row.role ?? "viewer";
    this.knownLinks.value = row.links;
    this.replica = new LocalReplica(this.engine, outbox, {
      changed: (changes) => this.onChanges(changes),
      editFailed: (code) => tell(parts.notices, "error", wordsFor("notice.edit_failed", code), { values: { code } }),
      trapped: () => this.recover(),
    });
    const { replica, retry } = this;
    const stateHash = (): string => this.engine.hashes().state;
    this.session = new Session(
      { board: row.board, token: row.token, name: () => prefs.name.value, replica, ownership, retry, stateHash },
      {
        moved: () => this.onMoved(),
        welcomed: (welcome) => this.onWelcome(welcome),
        caughtUp: () => this.keepSnapshot(),
        message: (message) => this.onMessage(message),
        refused: (code, text) => this.onRefused(code, text),
        trapped: () => this.recover(),
      },
    );
    this.past = new PastAsker(module, (frame) => this.session.send(frame));
    this.sender = createPresenceSender((frame) => this.session.send(frame));
    this.snapshots = keepSnapshots(db, row.board, this.engine);
  }

  get notices(): BoardStore["notices"] {
    return this.parts.notices;
  }

  open(kept: SnapshotRow | null): void {
    this.stops.push(
      this.keepTitle(),
      listenToPage({
        wake: () => this.session.wake(),
        hide: () => void this.snapshots.flush(),
        network: () => this.refresh(),
      }),
    );
    this.session.lineage = kept?.lineage ?? null;
    try {
      this.replica.fill(kept);
    } catch (error) {
      // What was kept cannot be read any more: the server has it all but the unsent batches, which stay in the outbox.
      console.error(error);
      this.session.lineage = null;
      this.replica.fill(null);
    }
    this.session.open();
  }

  edit(edits: readonly Edit[], gesture = 0): EditResult | null {
    const may = this.canEdit.value || (this.canComment.value && onlyComments(edits, this.scene.objects));
    return may ? this.replica.edit(gesture, edits) : null;
  }
  newGesture(): number {
    return (this.gesture += 1);
  }
  undo(): void {
    if (this.canComment.value) this.replica.undo();
  }
  redo(): void {
    if (this.canComment.value) this.replica.redo();
  }
  setPresence(patch: Partial<OwnPresence>): void {
    this.own.value = { ...this.own.peek(), ...patch };
    this.sender.set(this.own.peek());
  }

  rename(name: string): void {
    this.parts.prefs.name.value = name;
    // The name travels with the ticket: connect again, everything pending stays.
    if (this.session.phase.is === "live") this.session.startOver();
  }

  close(): void {
    for (const stop of this.stops) stop();
    this.sender.stop();
    this.clock.stop();
    this.past.stop();
    this.session.close();
    void this.snapshots.flush();
    this.snapshots.stop();
  }

  private mayWriteNow(roles: readonly Role[]): boolean {
    const identified = this.identity.value !== UNIDENTIFIED;
    return identified && roles.includes(this.role.value) && this.boardState.value <= BoardState.READY;
  }

  private onChanges(changes: Changes): void {
    batch(() => {
      if (changes.reset) this.names.clear();
      const { changed } = this.scene.apply(changes);
      for (const view of changed) {
        const user = view.fields.get(Field.USER);
        if (view.id === BOARD_ID) this.title.value = stringField(view, Field.TITLE);
        else if (view.kind === Kind.PERSON && typeof user === "number") {
          this.names.set(user, stringField(view, Field.NAME));
        }
      }
      const { seq, pending, undo, redo } = changes;
      this.counts.value = { seq, pending, undo, redo };
      if (changes.seq > 0) this.loaded.value = true;
      this.identity.value = this.replica.identity()?.user ?? UNIDENTIFIED;
      this.refresh();
    });
    this.keepSnapshot();
    this.session.outgoing.flush();
  }

  private keepSnapshot(): void {
    const { lineage } = this.session;
    if (lineage !== null && this.replica.seq > 0) this.snapshots.changed(lineage);
  }

  private onMoved(): void {
    this.refresh();
    if (this.session.phase.is === "live") this.sender.again();
    else this.past.lost();
  }

  private refresh(): void {
    this.connection.value = connectionOf({
      phase: this.session.phase,
      failures: this.session.failures,
      kept: this.counts.value.pending,
      mayWrite: COMMENTING_ROLES.includes(this.role.value),
      boardState: this.boardState.value,
      online: navigator.onLine,
    });
  }

  private onWelcome(welcome: Welcome): void {
    this.company.reset(welcome.session);
    this.clock.forget();
    this.setState(welcome.role, welcome.boardState);
  }

  private setState(roleNumber: number, boardState: number): void {
    const role = ROLES[roleNumber - 1] ?? "viewer"; // enum pl_role counts from 1
    if (this.session.phase.is === "live" && role !== this.role.value) this.tellRole(role);
    const links = linksWith({ ...this.parts.row, links: this.knownLinks.value }, role);
    batch(() => {
      this.role.value = role;
      this.boardState.value = boardState;
      this.knownLinks.value = links;
      this.refresh();
    });
    void this.parts.seen.update(this.board, { role, links });
  }

  /** Whoever shared the board changed what we may do while we are here. */
  private tellRole(role: Role): void {
    tell(this.notices, "info", `notice.role_${role}`);
  }

  private onMessage(message: ServerMessage): void {
    if (message.is === "state") this.setState(message.role, message.boardState);
    else if (message.is === "presence") this.company.onPresence(message);
    else if (message.is === "pong") this.clock.onPong(message.echo, message.srvMs);
    else if (message.is === "people") this.onPeople(message);
    else this.past.onMessage(message);
  }

  private onPeople(message: Extract<ServerMessage, { readonly is: "people" }>): void {
    if (this.company.onPeople(message)) this.sender.again();
  }

  private onRefused(code: string, text: string): void {
    tell(this.notices, "error", wordsFor("notice.refused", code), { values: { code }, kept: text === "" ? null : text });
  }

  /** The engine hit a bug: a new one is filled from the outbox, then from the server. */
  private recover(): void {
    this.traps += 1;
    tell(this.notices, "warn", "notice.engine_reloaded");
    if (this.traps > TRAPS_MAX) return this.session.close();
    this.replica.fill(null);
    this.session.startOver({ snapshot: true });
  }

  private keepTitle(): () => void {
    let kept = this.parts.row.title;
    return effect(() => {
      if (this.title.value === kept) return;
      kept = this.title.value;
      void this.parts.seen.update(this.board, { title: kept });
    });
  }
}
