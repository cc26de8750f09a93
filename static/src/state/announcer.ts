/** What the page's one polite live region says to a screen reader: that something happened, never the tokens. */
import { signal } from "@preact/signals";

export type Announcement =
  | "answering"
  | "done"
  | "stopped"
  | "interrupted"
  | "truncated"
  | "filtered"
  | "copied"
  | "offline"
  | "online"
  | "version";

/** `turn` sets apart the same words said twice; `of` has the numbers that belong to them. */
export const announcement = signal<{ what: Announcement; of: number[]; turn: number } | null>(null);

export function announce(what: Announcement, ...of: number[]): void {
  announcement.value = { what, of, turn: (announcement.peek()?.turn ?? 0) + 1 };
}
