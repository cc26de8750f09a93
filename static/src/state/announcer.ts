/** What the page's one polite live region says to a screen reader: that something happened, never the tokens. */
import { signal } from "@preact/signals";

export type Announcement = "answering" | "done" | "stopped" | "interrupted";

export const announcement = signal<Announcement | null>(null);

export function announce(what: Announcement): void {
  announcement.value = what;
}
