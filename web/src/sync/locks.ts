// Who owns a replica on this device. With Web Locks a tab holds `plenum:<board>:<replica>` while it lives, and a lock
// nobody holds marks an orphan: a replica whose tab closed or crashed. Without a secure context there are no locks: a
// tab then owns only what it wrote itself, under an id kept in sessionStorage, and asks its twins on a broadcast
// channel whether it is a duplicate (a duplicated tab copies sessionStorage).

const TAB_KEY = "plenum.tab";
const TWIN_ANSWER_MS = 250;

export interface Ownership {
  /** This tab's name for rows it owns without locks. */
  readonly tab: string;
  /** Whether a replica from an earlier life may be used again (DESIGN section 3: only under a lock). */
  readonly canReuse: boolean;
  /** True when this tab now holds the replica; it stays so until `release` or the tab's end. */
  take(replica: number): Promise<boolean>;
  release(replica: number): void;
}

function newTabId(): string {
  return Array.from(crypto.getRandomValues(new Uint32Array(2)), (part) => part.toString(36)).join("");
}

function lockOwnership(board: string, locks: LockManager): Ownership {
  const held = new Map<number, () => void>();

  function take(replica: number): Promise<boolean> {
    if (held.has(replica)) return Promise.resolve(true);
    return new Promise((resolve) => {
      const name = `plenum:${board}:${replica}`;
      void locks.request(name, { ifAvailable: true }, (lock) => {
        if (!lock) {
          resolve(false);
          return undefined;
        }
        // The lock lasts until this promise settles.
        return new Promise<void>((release) => {
          held.set(replica, release);
          resolve(true);
        });
      });
    });
  }

  return {
    tab: "",
    canReuse: true,
    take,
    release(replica) {
      held.get(replica)?.();
      held.delete(replica);
    },
  };
}

function storedTabId(): string | null {
  try {
    return sessionStorage.getItem(TAB_KEY);
  } catch {
    return null;
  }
}

/** Asks all pages whether one of them already goes by this id, and answers for it from then on. */
async function claimTabId(id: string): Promise<boolean> {
  const channel = new BroadcastChannel("plenum.tabs");
  let twin = false;
  let mine = false;
  channel.addEventListener("message", ({ data }: MessageEvent<{ readonly ask?: string; readonly taken?: string }>) => {
    if (data.taken === id) twin = true;
    if (mine && data.ask === id) channel.postMessage({ taken: id });
  });
  channel.postMessage({ ask: id });
  await new Promise((resolve) => setTimeout(resolve, TWIN_ANSWER_MS));
  if (twin) channel.close();
  mine = !twin;
  return mine;
}

async function tabOwnership(): Promise<Ownership> {
  let tab = storedTabId() ?? newTabId();
  while (!(await claimTabId(tab))) tab = newTabId();
  try {
    sessionStorage.setItem(TAB_KEY, tab);
  } catch {
    // Without storage the tab's outbox ends with the tab.
  }
  return { tab, canReuse: false, take: () => Promise.resolve(true), release: () => undefined };
}

export function openOwnership(board: string): Promise<Ownership> {
  // The type says always there; without a secure context it is not.
  const locks = navigator.locks as LockManager | undefined;
  return locks ? Promise.resolve(lockOwnership(board, locks)) : tabOwnership();
}
