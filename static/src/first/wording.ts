/** Numbers, times and problems in words. */
import type { Problem } from "../api/problem.ts";
import { strings } from "./strings.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

const numbers = new Intl.NumberFormat("en");

export function number(value: number): string {
  return numbers.format(value);
}

/** A span in the coarsest unit that is still useful, rounded up: "in 0 s" would be a lie. */
export function duration(milliseconds: number): string {
  const span = Math.max(milliseconds, SECOND);
  if (span < MINUTE) return strings.seconds(Math.ceil(span / SECOND));
  if (span < HOUR) return strings.minutes(Math.ceil(span / MINUTE));
  const minutes = Math.ceil(span / MINUTE);
  return strings.hours(Math.floor(minutes / 60), minutes % 60);
}

/** What a visitor is told about a problem. */
export function explain(problem: Problem): string {
  const words =
    strings.problems[problem.code] ??
    (problem.status && problem.message !== problem.code ? problem.message : strings.unknownProblem);
  return problem.code === "internal" && problem.requestId ? `${words} ${strings.reference(problem.requestId)}` : words;
}
