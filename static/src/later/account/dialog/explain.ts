/** A problem in the words of this dialog, or in the page's where they fit. */
import type { Problem, ProblemCode } from "../../../api/problem.ts";
import { serverNow } from "../../../api/serverClock.ts";
import type { Wording } from "../wording.ts";
import { words as passkeyWords } from "./passkeys/strings.ts";
import { words } from "./strings.ts";

/** By what somebody comes in, or has tried to. */
export type By = "password" | "code" | "passkey";

type Problems = Partial<Record<ProblemCode, string>>;
const problems: Problems = words.problems;
const ofPasskeys: Problems = passkeyWords.problems;

export function explainHere(problem: Problem, { explain, duration }: Wording, by: By = "password"): string {
  if (problem.code === "wrong_credentials" && by === "code") return words.wrongCode;
  if (problem.code === "rate_limited") {
    const left = (problem.retryAt ?? 0) - serverNow();
    return left > 0 ? words.tooManyTriesUntil(duration(left)) : words.tooManyTries;
  }
  if (by === "passkey") {
    // The server alone knows what does not fit, and says it to the visitor: the wrong address, a key that it cannot read, time that is up.
    if (problem.code === "invalid_request") return problem.message;
    const words = ofPasskeys[problem.code];
    if (words) return words;
  }
  return problems[problem.code] ?? explain(problem);
}

const ofLinks: Partial<Record<ProblemCode, string>> = words.linkProblems;

/** As `explainHere`, of a link that was sent by mail. */
export function explainLink(problem: Problem, wording: Wording): string {
  return ofLinks[problem.code] ?? explainHere(problem, wording);
}
