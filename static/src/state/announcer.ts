/** What the page's one polite live region says to a screen reader: that something happened, never the tokens. */
import { signal } from "@preact/signals";

export type Announcement = "answering" | "done" | "stopped" | "interrupted" | "copied" | "offline" | "online";

/** `turn` sets apart the same words said twice. */
export const announcement = signal<{ what: Announcement; turn: number } | null>(null);

export function announce(what: Announcement): void {
  announcement.value = { what, turn: (announcement.peek()?.turn ?? 0) + 1 };
}
