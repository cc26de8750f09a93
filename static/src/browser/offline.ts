/** Registers the service worker, which shows the page where there is no network, once nothing of the first visit waits any more. */
import { whenIdle } from "./whenIdle.ts";

/** What TypeScript's DOM library does not know yet: https://w3c.github.io/trusted-types/ */
interface WithTrustedTypes {
  trustedTypes?: {
    createPolicy: (
      name: string,
      rules: { createScriptURL: () => string },
    ) => { createScriptURL: (url: string) => string };
  };
}

const WORKER = "/sw.js";

// Vite's own server has no worker, and what it serves must not be kept.
if (import.meta.env.PROD && "serviceWorker" in navigator) {
  if (document.readyState === "complete") whenIdle(register);
  else addEventListener("load", () => whenIdle(register), { once: true });
}

function register(): void {
  // A policy that knows one address only, whatever it is asked for.
  const policy = (window as WithTrustedTypes).trustedTypes?.createPolicy("worker", { createScriptURL: () => WORKER });
  // Refused in some private windows: the page works without.
  navigator.serviceWorker.register(policy?.createScriptURL(WORKER) ?? WORKER).catch(() => undefined);
}
