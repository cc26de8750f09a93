/** A problem with a provider in words. */
import type { Problem } from "../../../../api/problem.ts";
import type { Wording } from "../../wording.ts";
import { explainHere } from "../explain.ts";
import { words } from "./strings.ts";

const problems: Partial<Record<string, string>> = words.problems;

export function explainProvider(problem: Problem, wording: Wording): string {
  return problems[problem.code] ?? explainHere(problem, wording);
}
