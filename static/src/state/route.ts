/**
 * Which session the address names: `/c/{id}`, or none on `/`. In the frame of another site both stand below `/embed`. Operators have `/admin`; for
 * everybody else it is the address of a session that does not exist.
 */
import { computed, signal } from "@preact/signals";

const path = signal(location.pathname);

/** The only address that other sites may show; empty in a window of our own. */
export const frame = /^\/embed\b/.exec(path.peek())?.[0] ?? "";

export const openSessionId = computed(
  () => /^(?:\/embed)?\/(?:c\/|(?=admin$))([\w-]+)\/?$/.exec(path.value)?.[1] ?? null,
);

/** What is opened while an overlay's entry is still on its way out of the history: its own entry is made after that. */
let afterClosing: (() => void) | null = null;

addEventListener("popstate", () => {
  const next = afterClosing;
  afterClosing = null;
  if (next) next();
  path.value = location.pathname;
});

export function addressOf(sessionId: string | null): string {
  return sessionId ? `${frame}/c/${sessionId}` : frame || "/";
}

/** Something that lies over the page has an entry of its own, so that Back closes it. */
interface Entry {
  isOverlay?: boolean;
}
const isOverlay = () => (history.state as Entry | null)?.isOverlay ?? false;

// After a reload no overlay is open: its history entry is dropped.
if (isOverlay()) history.replaceState(null, "");

/** Opens an overlay, one at a time: Back calls `onBack`. Returns what closes it from here. */
export function overlay(onBack: () => void): () => void {
  const before = afterClosing;
  const begin = () => {
    before?.();
    history.pushState({ isOverlay: true } satisfies Entry, "");
    addEventListener("popstate", onBack, { once: true });
  };
  if (before) afterClosing = begin;
  else begin();
  return () => {
    removeEventListener("popstate", onBack);
    // It may have no entry yet.
    if (afterClosing === begin) afterClosing = before;
    else if (!afterClosing && isOverlay()) {
      afterClosing = () => undefined;
      history.back();
    }
  };
}

/** Goes to a session, or to a new chat with null. `replace` leaves no entry to go back to. */
export function open(sessionId: string | null, how: "push" | "replace" = "push"): void {
  const address = addressOf(sessionId);
  if (afterClosing) {
    afterClosing = () => open(sessionId, how);
  } else if (address !== location.pathname) {
    // What is followed from an overlay takes its entry.
    // Back belongs to the site around a frame.
    if (how === "push" && !isOverlay() && !frame) history.pushState(null, "", address);
    else history.replaceState(null, "", address);
  }
  path.value = address;
}
