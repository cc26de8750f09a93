/**
 * Scripts and what else is loaded when it is needed, also where the network fails now and then.
 *
 * A browser remembers an import that failed: the same address is never asked for again. So it is asked for under another one, which
 * the build writes into each import() (`vite.config.ts`). A file that is gone since the page was opened, because a newer page has taken
 * its place, comes back only with a reload.
 */

declare global {
  interface Window {
    /** What is added to the address of a script that could not be loaded. */
    again?: Record<string, string>;
  }
}

const PAUSES_MS = [500, 2_000, 6_000];

const added: Record<string, string> = {};
window.again = added;
let tries = 0;

let tellLoss = (): void => undefined;

/** Has `tell` called when something can only be loaded by a page that is opened anew. */
export function onLoss(tell: () => void): void {
  tellLoss = once(tell);
}

/** However much can be loaded no more, it is one newer page that has taken its place. */
function once(tell: () => void): () => void {
  let isTold = false;
  return () => {
    if (!isTold) tell();
    isTold = true;
  };
}

/** What is loaded has no use before this is there. */
let alsoWanted: Promise<unknown> | undefined;

/** Has all that is loaded wait for `what`, which does not fail. */
export function waitFor(what: Promise<unknown>): void {
  alsoWanted = what;
}

/** What `load` imports. If that fails it is tried a few times more; after that the next call may try again. */
export async function lazily<T>(load: () => Promise<T>, when?: "at once"): Promise<T> {
  let failure: unknown;
  let address: string | undefined;
  for (const pause of [0, ...PAUSES_MS]) {
    if (pause > 0) {
      if (address && (await isGone(address))) break;
      await new Promise((resolve) => setTimeout(resolve, pause));
      if (address) askElsewhere(address);
    }
    try {
      const loaded = await load();
      if (!when) await alsoWanted;
      return loaded;
    } catch (thrown) {
      console.warn(thrown);
      failure = thrown;
      address = addressOf(thrown);
    }
  }
  // What is there and cannot be loaded all the same is remembered by the browser as something that could not.
  if (address ? (await isGone(address)) !== undefined : await isReplaced()) tellLoss();
  throw failure;
}

/** For what no import() loads: tells of a file that could not be loaded, if only a page that is opened anew can have it. */
export async function notLoaded(address: string): Promise<void> {
  if (await isGone(address)) tellLoss();
}

/** The file that could not be loaded. Safari does not say which, and asks for it again by itself. */
function addressOf(thrown: unknown): string | undefined {
  return /(?:https?:\/)?\/[^\s"'?]+\.(?:js|css|wasm)/.exec(String(thrown))?.[0];
}

function askElsewhere(address: string): void {
  const name = address.slice(address.lastIndexOf("/") + 1);
  added[`./${name}`] = `?again=${++tries}`;
  // Only a style sheet that is not there yet is loaded.
  for (const link of document.querySelectorAll(`link[href$="/${name}"]`)) if (name.endsWith(".css")) link.remove();
}

/** Whether another page stands at this one's address, one with another script. */
async function isReplaced(): Promise<boolean> {
  const script = document.querySelector("script[type=module]")?.getAttribute("src");
  if (!script) return false;
  try {
    const response = await fetch("/", { cache: "no-store" });
    return response.ok && !(await response.text()).includes(script);
  } catch {
    return false;
  }
}

/** Whether the server has the file no more; undefined if it cannot be asked. */
async function isGone(address: string): Promise<boolean | undefined> {
  try {
    const { status, headers } = await fetch(address, { method: "HEAD", cache: "no-store" });
    if (status >= 500) return undefined;
    return status === 404 || Boolean(headers.get("content-type")?.startsWith("text/html"));
  } catch {
    return undefined;
  }
}
