/** A problem in the words of this dialog, or in the page's where they fit. */
import type { Problem, ProblemCode } from "../../../api/problem.ts";
import { serverNow } from "../../../api/serverClock.ts";
import type { Wording } from "../wording.ts";
import { words } from "./strings.ts";

const problems: Partial<Record<ProblemCode, string>> = words.problems;

/** `byCode`: a recovery code was sent, not the password. */
export function explainHere(problem: Problem, { explain, duration }: Wording, byCode = false): string {
  if (problem.code === "wrong_credentials" && byCode) return words.wrongCode;
  if (problem.code === "rate_limited") {
    const left = (problem.retryAt ?? 0) - serverNow();
    return left > 0 ? words.tooManyTriesUntil(duration(left)) : words.tooManyTries;
  }
  return problems[problem.code] ?? explain(problem);
}

const ofLinks: Partial<Record<ProblemCode, string>> = words.linkProblems;

/** As `explainHere`, of a link that was sent by mail. */
export function explainLink(problem: Problem, wording: Wording): string {
  return ofLinks[problem.code] ?? explainHere(problem, wording);
}
