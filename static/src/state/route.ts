/** Which session the address names: `/c/{id}`, or none on `/`. */
import { computed, signal } from "@preact/signals";

const path = signal(location.pathname);

export const openSessionId = computed(() => /^\/c\/([\w-]+)\/?$/.exec(path.value)?.[1] ?? null);

addEventListener("popstate", () => (path.value = location.pathname));

export function addressOf(sessionId: string | null): string {
  return sessionId ? `/c/${sessionId}` : "/";
}

/** Goes to a session, or to a new chat with null. `replace` leaves no entry to go back to. */
export function open(sessionId: string | null, how: "push" | "replace" = "push"): void {
  const address = addressOf(sessionId);
  if (address !== location.pathname) {
    if (how === "push") history.pushState(null, "", address);
    else history.replaceState(null, "", address);
  }
  path.value = address;
}
