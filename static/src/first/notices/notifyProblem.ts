/** Tells the visitor what was not done, if `what` says it, and why: for what fails outside any message. */
import { Problem } from "../../api/problem.ts";
import { notify } from "../../state/notices.ts";
import { explain } from "../wording.ts";

export function notifyProblem(what = ""): (thrown: unknown) => void {
  return (thrown) => notify({ kind: "problem", text: `${what} ${explain(Problem.from(thrown))}`.trim() });
}
