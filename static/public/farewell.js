/**
 * Takes the place of `sw.js` where the page is built without a service worker (`src/browser/worker.ts`): what the worker before has kept goes, and
 * so does this one. A file that is only missing would end nothing: browsers go on with the worker they have.
 */
self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(leave()));

async function leave() {
  await Promise.all((await caches.keys()).map((name) => caches.delete(name)));
  await self.registration.unregister();
}
