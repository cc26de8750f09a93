/** Registers the service worker, which shows the page where there is no network, once nothing of the first visit waits any more. */
import { trustedAddress } from "./trusted.ts";
import { whenIdle } from "./whenIdle.ts";
import { HAS_WORKER } from "./worker.ts";

const WORKER = "/sw.js";

// Vite's own server has no worker, and what it serves must not be kept.
if (HAS_WORKER && import.meta.env.PROD && "serviceWorker" in navigator) {
  if (document.readyState === "complete") whenIdle(register);
  else addEventListener("load", () => whenIdle(register), { once: true });
}

function register(): void {
  // Refused in some private windows: the page works without.
  navigator.serviceWorker.register(trustedAddress("worker", WORKER)).catch(() => undefined);
}
