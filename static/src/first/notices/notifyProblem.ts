/** Tells the visitor what was not done, if `what` says it, why, and from when on it may be done: for what fails outside any message. */
import { Problem } from "../../api/problem.ts";
import { now } from "../../state/clock.ts";
import { notify } from "../../state/notices.ts";
import { strings } from "../strings.ts";
import { duration, explain } from "../wording.ts";

export function notifyProblem(what = ""): (thrown: unknown) => void {
  return (thrown) => {
    const problem = Problem.from(thrown);
    const left = (problem.retryAt ?? 0) - now.peek();
    const when = left > 0 ? strings.tryIn(duration(left)) : "";
    notify({ kind: "problem", text: `${what} ${explain(problem)} ${when}`.trim() });
  };
}
