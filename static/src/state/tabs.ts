/**
 * What the tabs of this browser tell each other: changes that one has made and the others show. It goes through the storage that also
 * holds the guest's token, so tabs that are different guests, for want of storage, never hear of each other.
 */
import type { Allowances } from "../api/quota.ts";
import type { Session } from "../api/types.ts";
import type { ProblemCode } from "../api/problem.ts";
import { onOtherTab, store } from "./storage.ts";

export type News =
  | { kind: "quota"; allowances: Allowances }
  /** No turn is wanted until then; null: one was accepted. */
  | { kind: "refusal"; refusal: { code: ProblemCode; until: number } | null }
  /** It is new, has another title, is pinned or no longer, or is back. */
  | { kind: "session"; session: Session }
  | { kind: "deleted"; session: Session }
  /** The visitor has signed in or out; `isOther`: what is on screen is not theirs any more. */
  | { kind: "person"; isOther: boolean };

export function tellTabs(news: News): void {
  // The same words twice are no event, and nothing of them needs to stay.
  store("news", JSON.stringify(news));
  store("news", null);
}

export function onNews(react: (news: News) => void): void {
  onOtherTab("news", (_, value) => {
    if (value !== null) react(JSON.parse(value) as News);
  });
}
