// The service worker: keeps the client itself on the device, so that a board opens without a network. It never touches
// /api, sockets or media; boards live in IndexedDB. A new version takes over only when the last page of the old one is
// gone: an open page may still need its old chunks.

declare const PRECACHE: readonly string[];
declare const VERSION: string;

const worker = self as unknown as ServiceWorkerGlobalScope;
const CACHE = `plenum-${VERSION}`;
const NAVIGATION_MS_MAX = 4000;

worker.addEventListener("install", (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll([...PRECACHE])));
});

worker.addEventListener("activate", (event) => {
  event.waitUntil(
    (async () => {
      for (const name of await caches.keys()) {
        if (name.startsWith("plenum-") && name !== CACHE) await caches.delete(name);
      }
      await worker.clients.claim();
    })(),
  );
});

/** The page itself: from the network while it answers, so that a new version shows at once; else the kept one. */
async function page(request: Request): Promise<Response> {
  try {
    const response = await fetch(request, { signal: AbortSignal.timeout(NAVIGATION_MS_MAX) });
    if (response.status < 500) return response;
  } catch {
    // No network, or no server: fall through.
  }
  const kept = await caches.match("/index.html", { cacheName: CACHE });
  return kept ?? Response.error();
}

async function asset(request: Request): Promise<Response> {
  return (await caches.match(request, { cacheName: CACHE })) ?? fetch(request);
}

worker.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== worker.location.origin) return;
  if (request.mode === "navigate" && (url.pathname === "/" || url.pathname.startsWith("/b/"))) {
    event.respondWith(page(request));
  } else if (PRECACHE.includes(url.pathname)) event.respondWith(asset(request));
});
