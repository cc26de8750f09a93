/** Has the service worker keep this script, which it was not there to see on a first visit: without a network it is wanted most. */

/** As `public/sw.js` names what it keeps. */
const PREFIX = "shell ";

export function keepItself(): void {
  if (!("serviceWorker" in navigator)) return;
  const [address = ""] = import.meta.url.split("?");
  void navigator.serviceWorker.ready
    .then(async () => {
      const name = (await caches.keys()).find((each) => each.startsWith(PREFIX));
      if (name !== undefined && !(await caches.match(address))) await (await caches.open(name)).add(address);
    })
    // No room: it is fetched when there is a network.
    .catch(() => undefined);
}
