// The driver page's service worker. The build puts VERSION and FILES before this text.
// It keeps the page itself, so that it opens without network; the hub's answers are never kept here.
/* global VERSION, FILES */

const CACHE = `driver-${VERSION}`;
const PAGE = "/d";

self.addEventListener("install", (event) => {
  event.waitUntil(keepFiles());
});

self.addEventListener("activate", (event) => {
  event.waitUntil(dropOlder().then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== self.location.origin) {
    return;
  }
  if (request.mode === "navigate") {
    // The scope is a prefix: the cabinet's /drivers falls into it and is none of ours.
    if (pathname === PAGE || pathname === `${PAGE}/`) {
      event.respondWith(freshOrKept(request));
    }
  } else if (FILES.includes(pathname)) {
    event.respondWith(kept(request));
  }
});

async function keepFiles() {
  const cache = await caches.open(CACHE);
  // One missing file (a map without names) must not keep the page from working offline.
  await Promise.allSettled(FILES.map((file) => cache.add(new Request(file, { cache: "reload" }))));
  const missing = [];
  for (const file of FILES.filter((name) => name === PAGE || name.startsWith("/assets/"))) {
    if (!(await cache.match(file))) {
      missing.push(file);
    }
  }
  if (missing.length > 0) {
    throw new Error(`not kept: ${missing.join(", ")}`);
  }
  await self.skipWaiting();
}

async function dropOlder() {
  const names = await caches.keys();
  const older = names.filter((name) => name.startsWith("driver-") && name !== CACHE);
  await Promise.all(older.map((name) => caches.delete(name)));
}

/** The page as the hub has it now, within four seconds; else the kept one. */
async function freshOrKept(request) {
  try {
    const response = await fetch(request, { signal: AbortSignal.timeout(4000) });
    if (response.ok) {
      return response;
    }
  } catch {
    // No network: that is what the kept page is for.
  }
  return (await caches.match(PAGE)) ?? Response.error();
}

async function kept(request) {
  return (await caches.match(request)) ?? fetch(request);
}
