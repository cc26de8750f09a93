import { expect, test } from "vitest";
import { hoursIn, placeOf, roundedUp, shareOf, slowest } from "./scale.ts";
import { pauseFrom, spanUntil } from "./span.ts";
import { bytes, count, milliseconds, moment, percent, usd } from "./written.ts";

test.each([
  [0, 1],
  [1, 1],
  [3, 5],
  [5, 5],
  [7, 10],
  [10, 10],
  [11, 20],
  [501, 1000],
  [0.3, 0.5],
  [NaN, 1],
])("a scale up to %d ends with %d", (most, end) => expect(roundedUp(most)).toBeCloseTo(end));

test("a share is between nothing and all", () => {
  expect([shareOf(1, 4), shareOf(5, 4), shareOf(-1, 4), shareOf(1, 0)]).toEqual([0.25, 1, 0, 0]);
});

test("hours have their places, also those before which others are not listed", () => {
  const [from, to] = ["2026-11-27T10:30:00Z", "2026-11-28T10:30:00Z"];
  expect(hoursIn(from, to)).toBe(25);
  expect(hoursIn(from, from)).toBe(1);
  expect(["2026-11-27T10:00:00Z", "2026-11-27T13:00:00Z", to].map((at) => placeOf({ at }, from))).toEqual([0, 3, 24]);
});

test("the slowest hours come first, without those that nothing is known of", () => {
  const hours = [5, null, 20, 10].map((wait, at) => ({ at: String(at), messages: 1, failed: 0, ttft_p95_ms: wait }));
  expect(slowest(hours, 2).map(({ at }) => at)).toEqual(["2", "3"]);
  expect(hours[0]?.at, "what is shown elsewhere keeps its order").toBe("0");
});

test("spans and pauses are whole seconds in UTC", () => {
  const now = Date.parse("2026-11-28T10:00:00.789Z");
  expect(spanUntil(now, "day")).toEqual({ from: "2026-11-27T10:00:01Z", to: "2026-11-28T10:00:01Z" });
  expect(spanUntil(now, "month").from).toBe("2026-10-28T10:00:01Z");
  expect(pauseFrom(now, "hour")).toBe("2026-11-28T11:00:01Z");
  expect(pauseFrom(now, "week")).toBe("2026-12-05T10:00:01Z");
});

test("figures are read at a glance", () => {
  expect([count(12345), usd(0.0123), usd(12), percent(0.9876), percent(null)]).toEqual([
    "12,345",
    "$0.0123",
    "$12.00",
    "98.8%",
    "–",
  ]);
  expect([milliseconds(420.4), milliseconds(1234), milliseconds(null)]).toEqual(["420 ms", "1.23 s", "–"]);
  expect([bytes(0), bytes(999), bytes(999_900), bytes(52_428_800)]).toEqual([
    "0 bytes",
    "999 bytes",
    "1 MB",
    "52.4 MB",
  ]);
  expect(moment("2026-11-28T09:05:00Z")).toBe("28 Nov, 09:05 UTC");
});
