/** What the account's dialog says by the page's own rules, which it is handed: it is loaded later, and the rules are the page's. */
import type { Problem } from "../../api/problem.ts";

export interface Wording {
  explain: (problem: Problem) => string;
  /** How far away a time is, in milliseconds; negative: in the past. */
  relativeTime: (difference: number) => string;
  /** A span in milliseconds. */
  duration: (milliseconds: number) => string;
}
