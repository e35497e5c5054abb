// The page's own signs: hints to look after the connection, and the last chances to write.

export interface PageEvents {
  /** Shown again, or the network changed: look after the connection. */
  wake(): void;
  /** Hidden, maybe for good. */
  hide(): void;
  /** The browser changed its mind about being online. */
  network(): void;
}

/** Returns what stops it. */
export function listenToPage({ wake, hide, network }: PageEvents): () => void {
  const stop = new AbortController();
  const options = { signal: stop.signal };
  const onNetwork = (): void => {
    wake();
    network();
  };
  addEventListener("online", onNetwork, options);
  addEventListener("offline", onNetwork, options);
  addEventListener("pagehide", hide, options);
  addEventListener("pageshow", wake, options);
  document.addEventListener("visibilitychange", () => (document.hidden ? hide() : wake()), options);
  return () => stop.abort();
}
