/**
 * Asks Cloudflare's Turnstile whether the visitor is a person, where the server wants that instead of work.
 *
 * Its script is not ours and comes from another host, so it is loaded only then. The page's policy must allow it: `vite.config.ts` says how.
 */
import { Problem } from "../../api/problem.ts";
import { trustedAddress } from "../../browser/trusted.ts";
import "./turnstile.css";

/** https://developers.cloudflare.com/turnstile/get-started/client-side-rendering/ */
interface Turnstile {
  render: (
    container: HTMLElement,
    options: {
      sitekey: string;
      /** Nothing is seen unless the visitor has to do something. */
      appearance: "interaction-only";
      callback: (token: string) => void;
      /** True: what went wrong is dealt with here. */
      "error-callback": () => boolean;
      "timeout-callback": () => void;
    },
  ) => string | undefined;
  remove: (widget: string) => void;
}

const SCRIPT = "https://challenges.cloudflare.com/turnstile/v0/api.js?render=explicit";

let loading: Promise<Turnstile> | null = null;
let address: string | undefined;

/** What proves it: a token that the server can redeem once. `halt` ends the asking: then it rejects with its reason. */
export async function turnstile(siteKey: string, halt: AbortSignal): Promise<string> {
  const asked = await (loading ??= load()).catch((thrown: unknown) => {
    loading = null;
    throw thrown;
  });
  halt.throwIfAborted();
  const container = document.createElement("div");
  container.className = "turnstile";
  document.body.append(container);
  let widget: string | undefined;
  const ending = new AbortController();
  try {
    return await new Promise((resolve, reject) => {
      const fail = () => reject(new Problem({ code: "challenge_required" }));
      halt.addEventListener("abort", () => reject(halt.reason as Error), { signal: ending.signal });
      widget = asked.render(container, {
        sitekey: siteKey,
        appearance: "interaction-only",
        callback: resolve,
        "error-callback": () => {
          fail();
          return true;
        },
        "timeout-callback": fail,
      });
    });
  } finally {
    ending.abort();
    if (widget !== undefined) asked.remove(widget);
    container.remove();
  }
}

function load(): Promise<Turnstile> {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    const fail = () => reject(new Problem({ code: "challenge_required" }));
    script.onerror = fail;
    script.onload = () => {
      const { turnstile } = window as { turnstile?: Turnstile };
      if (turnstile) resolve(turnstile);
      else fail();
    };
    script.src = address ??= trustedAddress("turnstile", SCRIPT);
    document.head.append(script);
  });
}
