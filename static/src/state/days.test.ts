/** Which heading a session stands under. */
import { afterEach, expect, test } from "vitest";
import type { Session } from "../api/types.ts";
import { byDay } from "./days.ts";

const NOW = new Date(2026, 10, 20, 9, 30).getTime();

function at(...[year, month, ...rest]: [number, number, number, number?, number?]): Session {
  const updated_at = new Date(year, month - 1, ...rest).toISOString();
  return { id: updated_at, title: null, created_at: updated_at, updated_at };
}

function headings(...sessions: Session[]): string[] {
  return headingsAt(NOW, sessions);
}

function headingsAt(now: number, sessions: Session[]): string[] {
  return byDay(sessions, now).map(({ day, sessions: { length } }) =>
    day.kind === "month" ? `${day.year}-${day.month + 1}: ${length}` : `${day.kind}: ${length}`,
  );
}

test("days end at the visitor's own midnight", () => {
  expect(
    headings(at(2026, 11, 20, 0, 0), at(2026, 11, 19, 23, 59), at(2026, 11, 19), at(2026, 11, 18, 23, 59)),
  ).toEqual(["today: 1", "yesterday: 2", "week: 1"]);
});

test("after seven and thirty days months have their own headings, and years their own months", () => {
  expect(
    headings(
      at(2026, 11, 13),
      at(2026, 11, 12, 23, 59),
      at(2026, 10, 21),
      at(2026, 10, 20, 23, 59),
      at(2026, 10, 2),
      at(2025, 10, 2),
    ),
  ).toEqual(["week: 1", "days30: 2", "2026-10: 2", "2025-10: 1"]);
});

test("a clock that is behind the server's still calls it today", () => {
  expect(headings(at(2026, 11, 21, 3, 0))).toEqual(["today: 1"]);
});

test("what is pinned stands under one heading, however old it is", () => {
  const pinned = [at(2026, 11, 20), at(2025, 1, 1)].map((session) => ({ ...session, pinned: true }));
  expect(headings(...pinned, at(2026, 11, 20), at(2025, 1, 1))).toEqual(["pinned: 2", "today: 1", "2025-1: 1"]);
});

const zone = process.env.TZ;
afterEach(() => {
  if (zone === undefined) delete process.env.TZ;
  else process.env.TZ = zone;
});

test.each<[string, string, string, string[]]>([
  // The clocks went back in the night before: yesterday had 25 hours.
  ["America/New_York", "2026-11-02T14:00Z", "2026-11-01T04:00Z", ["yesterday: 1"]],
  ["America/New_York", "2026-11-02T14:00Z", "2026-11-01T03:59Z", ["week: 1"]],
  // The week began before they went forward, a day of 23 hours.
  ["Europe/Berlin", "2026-03-30T10:00Z", "2026-03-22T23:00Z", ["week: 1"]],
  ["Europe/Berlin", "2026-03-30T10:00Z", "2026-03-22T22:59Z", ["days30: 1"]],
  // This day has no midnight: it begins at one.
  ["Africa/Cairo", "2026-04-24T10:00Z", "2026-04-23T22:00Z", ["today: 1"]],
  ["Africa/Cairo", "2026-04-24T10:00Z", "2026-04-23T21:59Z", ["yesterday: 1"]],
  // The same moment is another day, and another month, elsewhere.
  ["Pacific/Kiritimati", "2026-11-30T12:00Z", "2026-11-30T09:59Z", ["yesterday: 1"]],
  ["Pacific/Pago_Pago", "2026-11-30T12:00Z", "2026-11-30T11:00Z", ["today: 1"]],
  ["Pacific/Kiritimati", "2026-12-31T12:00Z", "2026-09-30T10:00Z", ["2026-10: 1"]],
  ["Pacific/Pago_Pago", "2026-12-31T12:00Z", "2026-10-01T10:59Z", ["2026-9: 1"]],
])("in %s at %s, %s is %j", (place, now, then, expected) => {
  process.env.TZ = place;
  const updated_at = new Date(then).toISOString();
  const session = { id: "a", title: null, created_at: updated_at, updated_at };
  expect(headingsAt(Date.parse(now), [session])).toEqual(expected);
});
