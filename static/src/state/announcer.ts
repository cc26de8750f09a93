/** What the page's one polite live region says to a screen reader: that something happened, never the tokens. */
import { signal } from "@preact/signals";
import type { MessageStatus } from "../api/types.ts";

export type Announcement =
  | "thinking"
  | "answering"
  | "done"
  | "stopped"
  | "interrupted"
  | "truncated"
  | "filtered"
  | "copied"
  | "codeCopied"
  | "codeNotCopied"
  | "offline"
  | "online"
  | "version"
  | "waits"
  | "returned"
  | "renamed"
  | "restored"
  | "lowToday"
  | "atDailyLimit"
  | "atMinuteLimit"
  | "atBudget"
  | "checking"
  | "crowded"
  | "notice";

/** `turn` sets apart the same words said twice; `of` has what belongs into them. */
export interface Said {
  what: Announcement;
  of: (number | string)[];
  turn: number;
}

/** As many are kept as may come at the same moment: one does not silence the other. */
const KEPT = 3;

export const announcements = signal<readonly Said[]>([]);
let turn = 0;

export function announce(what: Announcement, ...of: (number | string)[]): void {
  announcements.value = [...announcements.peek().slice(1 - KEPT), { what, of, turn: ++turn }];
}

/** Says how an answer ended. */
export function announceEnd(status: MessageStatus): void {
  if (status === "complete") announce("done");
  else if (status !== "streaming" && status !== "failed") announce(status);
}
