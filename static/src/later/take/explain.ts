/** A problem in the words of this dialog, or in the page's where they fit. */
import type { Problem, ProblemCode } from "../../api/problem.ts";
import type { Wording } from "../account/wording.ts";
import { words } from "./strings.ts";

const problems: Partial<Record<ProblemCode, string>> = words.problems;

export function explainHere(problem: Problem, { explain }: Wording): string {
  return problems[problem.code] ?? explain(problem);
}
