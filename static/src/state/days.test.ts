/** Which heading a session stands under. */
import { expect, test } from "vitest";
import type { Session } from "../api/types.ts";
import { byDay } from "./days.ts";

const NOW = new Date(2026, 10, 20, 9, 30).getTime();

function at(...[year, month, ...rest]: [number, number, number, number?, number?]): Session {
  const updated_at = new Date(year, month - 1, ...rest).toISOString();
  return { id: updated_at, title: null, created_at: updated_at, updated_at };
}

function headings(...sessions: Session[]): string[] {
  return byDay(sessions, NOW).map(({ day, sessions: { length } }) =>
    day.kind === "month" ? `${day.year}-${day.month + 1}: ${length}` : `${day.kind}: ${length}`,
  );
}

test("days end at the visitor's own midnight", () => {
  expect(
    headings(at(2026, 11, 20, 0, 0), at(2026, 11, 19, 23, 59), at(2026, 11, 19), at(2026, 11, 18, 23, 59)),
  ).toEqual(["today: 1", "yesterday: 2", "week: 1"]);
});

test("a week back, months have their own headings, and years their own months", () => {
  expect(headings(at(2026, 11, 13), at(2026, 11, 12, 23, 59), at(2026, 10, 2), at(2025, 10, 2))).toEqual([
    "week: 1",
    "2026-11: 1",
    "2026-10: 1",
    "2025-10: 1",
  ]);
});

test("a clock that is behind the server's still calls it today", () => {
  expect(headings(at(2026, 11, 21, 3, 0))).toEqual(["today: 1"]);
});
