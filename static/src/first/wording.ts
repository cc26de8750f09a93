/** Numbers, times and problems in words. */
import { signal } from "@preact/signals";
import type { Problem, ProblemCode } from "../api/problem.ts";
import type { Scope } from "../api/types.ts";
import type { Day } from "../state/days.ts";
import { serverNow } from "../api/serverClock.ts";
import { locale } from "../browser/language.ts";
import { lazily } from "../browser/lazily.ts";
import { whenIdle } from "../browser/whenIdle.ts";
import { strings } from "./strings.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/**
 * Each is made when it is first used: a browser reads its tables for that,
 * which took a tenth of the time until the page could be used.
 */
const numbers = once(() => new Intl.NumberFormat(locale));
const relative = once(() => new Intl.RelativeTimeFormat(locale, { numeric: "auto" }));
const exact = once(() => new Intl.DateTimeFormat(locale, { dateStyle: "full", timeStyle: "short" }));
const months = once(() => new Intl.DateTimeFormat(locale, { month: "long", year: "numeric" }));

function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}

/** The language that dates are in, for who reads them out. */
export const dateLanguage = once(() => numbers().resolvedOptions().locale);

export function number(value: number): string {
  return numbers().format(value);
}

/** A span in the coarsest unit that is still useful, rounded up: "in 0 s" would be a lie. */
export function duration(milliseconds: number): string {
  const span = Math.max(milliseconds, SECOND);
  if (span < MINUTE) return strings.seconds(Math.ceil(span / SECOND));
  if (span < HOUR) return strings.minutes(Math.ceil(span / MINUTE));
  const minutes = Math.ceil(span / MINUTE);
  return strings.hours(Math.floor(minutes / 60), minutes % 60);
}

const DAY = 24 * HOUR;
/** From here on a time is a date. */
const FAR = 30 * DAY;

/** How far away a time is; `difference` is in milliseconds, negative in the past. */
export function relativeTime(difference: number): string {
  const size = Math.abs(difference);
  if (size < MINUTE) return strings.justNow;
  if (size < HOUR) return relative().format(Math.round(difference / MINUTE), "minute");
  if (size < DAY) return relative().format(Math.round(difference / HOUR), "hour");
  if (size < FAR) return relative().format(Math.round(difference / DAY), "day");
  return months().format(serverNow() + difference);
}

/** The language of `relativeTime` where it is not the page's. */
export function languageOfTime(difference: number): string | undefined {
  return Math.abs(difference) < MINUTE ? undefined : dateLanguage();
}

/** A time of the API, in the visitor's own zone. */
export function exactTime(time: string): string {
  return exact().format(new Date(time));
}

/** The heading of the sessions of a day, a week or a month. */
export function dayName(day: Day): string {
  return day.kind === "month" ? months().format(new Date(day.year, day.month)) : strings.days[day.kind];
}

/** Words for most problems: once the browser is idle, for few meet one before. */
const problems = signal<typeof import("../later/problems/strings.ts").words | null>(null);
export const loadProblems = () =>
  lazily(() => import("../later/problems/strings.ts")).then(
    ({ words }) => (problems.value = words),
    () => undefined,
  );
whenIdle(() => void loadProblems());

const early: Partial<Record<ProblemCode, string>> = strings.problems;

/** What a visitor is told about a problem. */
export function explain(problem: Problem): string {
  const { codes, scopes } = problems.value ?? {};
  const ofScope: Partial<Record<ProblemCode, Partial<Record<Scope, string>>>> = scopes ?? {};
  const ofCode: Partial<Record<ProblemCode, string>> = codes ?? {};
  const words =
    (problem.scope && ofScope[problem.code]?.[problem.scope]) ??
    early[problem.code] ??
    ofCode[problem.code] ??
    (problem.status && problem.message !== problem.code ? problem.message : strings.unknownProblem);
  return problem.code === "internal" && problem.requestId ? `${words} ${strings.reference(problem.requestId)}` : words;
}
