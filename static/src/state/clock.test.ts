/** The visitor's day ends at their own midnight, by the server's clock. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";

beforeEach(() => {
  vi.resetModules();
  vi.useFakeTimers();
});
afterEach(() => vi.useRealTimers());

test("today becomes another day within a second of midnight, in a page that stays open", async () => {
  vi.setSystemTime(new Date(2026, 10, 20, 23, 59, 58));
  const { today } = await import("./clock.ts");
  expect(new Date(today.value).getDate()).toBe(20);
  vi.advanceTimersByTime(3000);
  expect(new Date(today.value).getDate()).toBe(21);
});

test("a device whose clock is a day behind has the server's day, once it is learnt", async () => {
  vi.setSystemTime(new Date(2026, 10, 19, 12));
  const { today } = await import("./clock.ts");
  const { learnClock } = await import("../api/serverClock.ts");
  expect(new Date(today.value).getDate()).toBe(19);
  const said = new Date(2026, 10, 20, 12).toUTCString();
  learnClock(new Headers({ Date: said, "Cache-Control": "no-store" }), Date.now());
  expect(new Date(today.value).getDate()).toBe(20);
});
