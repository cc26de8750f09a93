/**
 * Shows the page where there is no network: keeps index.html and what it asks for, and gives that back when nothing else does.
 *
 * Conversations are never kept, and nothing of /api is. There is no list of files in here: index.html itself says what it asks for,
 * so a browser that still has the worker of an older deployment keeps the files of the newer page.
 */
const PAGE = "/";
/** Each index.html has a cache of its own, named by its digest. */
const PREFIX = "shell ";

self.addEventListener("install", (event) => {
  event.waitUntil(fetch(PAGE).then(keep));
  // An open page is none the worse for a newer worker: what it has asked for once, it has.
  self.skipWaiting();
});

self.addEventListener("activate", (event) => {
  // The browser then asks for the page while the worker is still starting.
  event.waitUntil(Promise.resolve(self.registration.navigationPreload?.enable()));
});

self.addEventListener("fetch", (event) => {
  const { method, mode, url } = event.request;
  const { origin, pathname } = new URL(url);
  if (method !== "GET" || origin !== location.origin) return;
  if (pathname.startsWith("/api/")) {
    // The browser has asked for it already, and would ask once more: a way back from a provider is good once.
    if (mode === "navigate") event.respondWith(preloaded(event));
  } else if (/^\/(s|embed|status|metrics)(\/|$)/.test(pathname)) {
    // A link to a chat, or how the page does, is written by the server, and is nobody's own page; in the frame of another site the one that is kept would be refused.
    if (mode === "navigate") event.respondWith(preloaded(event));
  } else if (mode === "navigate") event.respondWith(page(event));
  else if (pathname.startsWith("/assets/")) event.respondWith(asset(event));
  else event.respondWith(file(event.request));
});

/** What the browser has asked for while the worker was starting. */
async function preloaded(event) {
  return (await event.preloadResponse) ?? fetch(event.request);
}

/** The page, from the network if there is one. */
async function page(event) {
  let response;
  try {
    response = await preloaded(event);
  } catch {
    return kept(PAGE);
  }
  if (isPage(response)) {
    const copy = response.clone();
    // Without room or network for its files the page before stays the one that is kept.
    event.waitUntil(keep(copy).catch(() => undefined));
  }
  return response;
}

/** A file whose name changes with its content: once here, it is never asked for again. */
async function asset(event) {
  const known = await caches.match(event.request);
  if (known) return known;
  const response = await fetch(event.request);
  if (isFile(response)) {
    const copy = response.clone();
    event.waitUntil(keepAsset(event.request, copy).catch(() => undefined));
  }
  return response;
}

/** Any other file of the page. */
async function file(request) {
  try {
    return await fetch(request);
  } catch {
    return kept(request);
  }
}

async function kept(request) {
  return (await caches.match(request)) ?? Response.error();
}

/** Keeps an index.html with what it asks for, in place of the one before. */
async function keep(response) {
  if (!isPage(response)) throw new TypeError("not the page");
  const html = await response.clone().text();
  // The sign-in page of a network comes under this address, too.
  if (!html.includes('id="page"')) throw new TypeError("not our page");
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(html)));
  const name = PREFIX + Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
  const cache = await caches.open(name);
  // The page goes in last: a cache that has it has all of it.
  if (await cache.match(PAGE)) return;
  const files = [...html.matchAll(/(?:src|href)="(\/[^"]+\.(?:js|css|svg))"/g)].map(([, path]) => path);
  await Promise.all(
    files.map(async (path) => {
      const found = await fetch(path);
      if (!isFile(found)) throw new TypeError(`${path} is missing`);
      await cache.put(path, found);
    }),
  );
  await cache.put(PAGE, response);
  await Promise.all((await shells()).filter((other) => other !== name).map((other) => caches.delete(other)));
}

async function keepAsset(request, response) {
  const name = (await shells()).at(-1);
  if (name) await (await caches.open(name)).put(request, response);
}

async function shells() {
  return (await caches.keys()).filter((name) => name.startsWith(PREFIX));
}

function isHtml(response) {
  return response.headers.get("content-type")?.startsWith("text/html") ?? false;
}

/** A redirected answer cannot be given to a navigation later on. */
function isPage(response) {
  return response.ok && !response.redirected && isHtml(response);
}

/** For a file that is gone after a deployment, the host may send the page. */
function isFile(response) {
  return response.ok && !isHtml(response);
}
