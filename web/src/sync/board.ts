// Makes one open board's store: engine, scene, outbox, snapshots and session wired together, and the signals that ui and
// render read. The parts decide; this file only joins them and keeps the signals true.

import { batch, computed, effect, signal } from "@preact/signals";
import { createEngine } from "../engine/doc.ts";
import { Field, Kind } from "../engine/generated.ts";
import { BOARD_ID } from "../engine/id.ts";
import type { Changes, Ms, ObjectId, ObjectView } from "../engine/types.ts";
import type { EngineModule } from "../engine/wasm.ts";
import type { BoardPoint, BoardRect, ScreenPoint } from "../geom/types.ts";
import { boardToScreen } from "../state/camera.ts";
import { createNotices } from "../state/notices.ts";
import { hueOf } from "../state/names.ts";
import { presenceFrom } from "../state/presence.ts";
import { createScene } from "../state/scene.ts";
import type { BoardStore, Camera, Connection, Person, Prefs, Presence, Role } from "../state/types.ts";
import { ROLES } from "./api.ts";
import { linksWith, type SeenBoards } from "./boards.ts";
import { connectionOf } from "./connection.ts";
import type { BoardRow, Database } from "./database.ts";
import { openOwnership } from "./locks.ts";
import { openOutbox } from "./outbox.ts";
import { createPresenceSender } from "./presence.ts";
import { LocalReplica } from "./replica.ts";
import { createRetry } from "./retry.ts";
import { Session } from "./session.ts";
import { keepSnapshots } from "./snapshots.ts";
import { BoardState, type ServerMessage, type Welcome } from "./wire.ts";

/** Engine bugs in one visit before we stop reloading it. */
const TRAPS_MAX = 3;
const EDITING_ROLES: readonly Role[] = ["editor", "facilitator", "owner"];

/** What tests and the curious may ask an open board (web/README.md). */
export interface Inspector {
  hashes(): { readonly state: string; readonly view: string };
  seq(): number;
  pending(): number;
  state(): Connection;
  /** Everything drawn, in drawing order. */
  objects(): readonly InspectedObject[];
  /** Where a board point is in the window. */
  onScreen(at: BoardPoint): ScreenPoint;
  /** Cuts the connection as a network would; the session goes on by itself. */
  dropSocket(): void;
}

export interface InspectedObject {
  readonly id: ObjectId;
  readonly kind: number;
  readonly text: string;
  readonly color: unknown;
  readonly parent: unknown;
  readonly rect: BoardRect;
  readonly pending: boolean;
}

export interface OpenBoard {
  readonly store: BoardStore;
  readonly inspector: Inspector;
}

export interface OpenBoardDeps {
  readonly db: Database;
  readonly seen: SeenBoards;
  readonly row: BoardRow;
  readonly module: EngineModule;
  readonly prefs: Prefs;
}

function stringField(view: ObjectView | undefined, field: number): string {
  const value = view?.fields.get(field);
  return typeof value === "string" ? value : "";
}

export async function openBoard({ db, seen, row, module, prefs }: OpenBoardDeps): Promise<OpenBoard> {
  const { board } = row;
  const engine = createEngine(module);
  const scene = createScene();
  const notices = createNotices();
  const ownership = await openOwnership(board);
  const outbox = await openOutbox(db, board, ownership, () => notices.add("error", "notice.not_kept"));
  const kept = (await db.get("snapshots", board)) ?? null;

  const title = signal(row.title);
  const role = signal<Role>(row.role ?? "viewer");
  const boardState = signal<number>(BoardState.READY);
  const connection = signal<Connection>({ is: "connecting", kept: 0, attempt: 1 });
  const loaded = signal(false);
  const identified = signal(false);
  const counts = signal({ pending: 0, undo: 0, redo: 0 });
  const people = signal<readonly Person[]>([]);
  const presence = new Map<number, Presence>();
  const presenceVersion = signal(0);
  const names = new Map<number, string>();
  const links = signal(row.links);
  const self = signal({ session: 0, user: 0 });

  const replica = new LocalReplica(engine, outbox, {
    changed: onChanges,
    editFailed: (status) => notices.add("error", "notice.edit_failed", { code: status }),
    trapped: recover,
  });
  const retry = createRetry();
  const session = new Session(
    { board, token: row.token, name: () => prefs.name.value, replica, ownership, retry, stateHash },
    { moved, welcomed, message: onMessage, refused, trapped: recover },
  );
  const sender = createPresenceSender((frame) => session.send(frame));
  const snapshots = keepSnapshots(db, board, engine);
  let traps = 0;
  let gesture = 0;

  function stateHash(): string {
    return engine.hashes().state;
  }

  function onChanges(changes: Changes): void {
    batch(() => {
      if (changes.reset) names.clear();
      for (const view of changes.changed) {
        if (view.kind === Kind.PERSON) {
          const user = view.fields.get(Field.USER);
          if (typeof user === "number") names.set(user, stringField(view, Field.NAME));
        } else if (view.id === BOARD_ID) title.value = stringField(view, Field.TITLE);
      }
      scene.apply(changes);
      counts.value = { pending: changes.pending, undo: changes.undo, redo: changes.redo };
      if (changes.seq > 0) loaded.value = true;
      identified.value = replica.identity() !== null;
      if (session.lineage !== null && changes.seq > 0) snapshots.changed(session.lineage);
      refresh();
    });
    session.outgoing.flush();
  }

  function moved(): void {
    refresh();
    if (session.phase.is === "live") sender.again();
  }

  function refresh(): void {
    connection.value = connectionOf({
      phase: session.phase,
      failures: session.failures,
      kept: counts.value.pending,
      mayEdit: EDITING_ROLES.includes(role.value),
      boardState: boardState.value,
      online: navigator.onLine,
    });
  }

  function welcomed(welcome: Welcome): void {
    batch(() => {
      self.value = { session: welcome.session, user: welcome.user };
      people.value = [];
      presence.clear();
      presenceVersion.value += 1;
      setState(welcome.role, welcome.boardState);
    });
  }

  function setState(roleNumber: number, state: number): void {
    const now = ROLES[roleNumber - 1] ?? "viewer"; // enum pl_role counts from 1
    const known = linksWith({ ...row, links: links.value }, now);
    batch(() => {
      role.value = now;
      boardState.value = state;
      links.value = known;
      refresh();
    });
    void seen.update(board, { role: now, links: known });
  }

  function onMessage(message: ServerMessage): void {
    if (message.is === "state") setState(message.role, message.boardState);
    else if (message.is === "people") onPeople(message);
    else if (message.is === "presence") onPresence(message);
  }

  function onPeople({ joined, left }: Extract<ServerMessage, { readonly is: "people" }>): void {
    const come = new Map(joined.map((person) => [person[0], person]));
    const stay = people.value.filter((person) => !left.includes(person.session) && !come.has(person.session));
    const news = joined.map(([id, user, name]): Person => {
      return { session: id, user, name, hue: hueOf(user), self: id === self.value.session };
    });
    people.value = [...stay, ...news];
    for (const gone of left) presence.delete(gone);
    if (left.length > 0) presenceVersion.value += 1;
    if (news.some((person) => !person.self)) sender.again();
  }

  function onPresence({ states }: Extract<ServerMessage, { readonly is: "presence" }>): void {
    const at = performance.now() as Ms;
    for (const [from, state] of states) {
      if (from === self.value.session) continue;
      const parsed = presenceFrom(state, at);
      if (parsed) presence.set(from, parsed);
      else presence.delete(from);
    }
    presenceVersion.value += 1;
  }

  function refused(code: string, text: string): void {
    notices.add("error", "notice.refused", { code }, text === "" ? null : text);
  }

  /** The engine hit a bug: a new one is filled from what is kept, then from the server. */
  function recover(): void {
    traps += 1;
    notices.add("warn", "notice.engine_reloaded");
    if (traps > TRAPS_MAX) return session.close();
    replica.fill(null);
    session.startOver({ snapshot: true });
  }

  let keptTitle = row.title;
  const stopTitle = effect(() => {
    if (title.value === keptTitle) return;
    keptTitle = title.value;
    void seen.update(board, { title: keptTitle });
  });

  const stopListening = listenToPage({
    wake: () => session.wake(),
    hide: () => void snapshots.flush(),
    network: refresh,
  });

  session.lineage = kept?.lineage ?? null;
  fillFromDevice();
  session.open();

  function fillFromDevice(): void {
    try {
      replica.fill(kept);
    } catch (error) {
      // What was kept cannot be read any more: the server has it all but the unsent batches, which stay in the outbox.
      console.error(error);
      session.lineage = null;
      replica.fill(null);
    }
  }

  function close(): void {
    stopListening();
    stopTitle();
    sender.stop();
    session.close();
    void snapshots.flush();
    snapshots.stop();
  }

  const store: BoardStore = {
    board,
    engine,
    scene,
    title,
    role,
    canEdit: computed(() => identified.value && EDITING_ROLES.includes(role.value) && boardState.value <= BoardState.READY),
    connection,
    loaded,
    people,
    presence,
    presenceVersion,
    names,
    camera: signal<Camera>({ x: 0, y: 0, zoom: 1 }),
    viewport: signal({ w: 0, h: 0 }),
    selection: signal<ReadonlySet<ObjectId>>(new Set()),
    editing: signal<ObjectId | null>(null),
    notices: notices.list,
    undoCount: computed(() => counts.value.undo),
    redoCount: computed(() => counts.value.redo),
    edit: (edits, inGesture = 0) => (store.canEdit.value ? replica.edit(inGesture, edits) : null),
    newGesture: () => (gesture += 1),
    undo: () => replica.undo(),
    redo: () => replica.redo(),
    keysBetween: (low, high, n) => engine.keysBetween(low, high, n),
    setPresence: (patch) => sender.set(patch),
    rename(name) {
      prefs.name.value = name;
      // The name travels with the ticket: connect again, everything pending stays.
      if (session.phase.is === "live") session.startOver();
    },
    links,
    close,
  };
  return { store, inspector: inspect(store, () => session.startOver()) };
}

function inspect(store: BoardStore, dropSocket: () => void): Inspector {
  const { engine, scene } = store;
  const plain = (view: ObjectView): InspectedObject => {
    const place = view.fields.get(Field.PLACE);
    return {
      id: view.id,
      kind: view.kind,
      text: stringField(view, Field.TEXT),
      color: view.fields.get(Field.COLOR) ?? null,
      parent: Array.isArray(place) ? (place[0] ?? null) : null,
      rect: scene.rectOf(view),
      pending: view.pending,
    };
  };
  return {
    hashes: () => engine.hashes(),
    seq: () => engine.snapshot().seq,
    pending: () => engine.pending().length,
    state: () => store.connection.value,
    objects: () => scene.inOrder().map(plain),
    onScreen: (at) => boardToScreen(store.camera.value, at),
    dropSocket,
  };
}

interface PageEvents {
  wake(): void;
  hide(): void;
  network(): void;
}

/** The page's own signs: hints to look after the connection, and the last chance to write. */
function listenToPage({ wake, hide, network }: PageEvents): () => void {
  const stop = new AbortController();
  const { signal: until } = stop;
  const onVisibility = (): void => (document.hidden ? hide() : wake());
  const onNetwork = (): void => {
    wake();
    network();
  };
  addEventListener("online", onNetwork, { signal: until });
  addEventListener("offline", onNetwork, { signal: until });
  addEventListener("pagehide", hide, { signal: until });
  addEventListener("pageshow", wake, { signal: until });
  document.addEventListener("visibilitychange", onVisibility, { signal: until });
  return () => stop.abort();
}
