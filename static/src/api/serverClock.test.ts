/** The server's clock is learnt from what it says, as exactly as it says it. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ahead, learnClock, serverNow } from "./serverClock.ts";

const NOW = Date.UTC(2026, 10, 26, 12, 0, 0, 400);
const said = (time: number, cache = "no-store") =>
  new Headers({ Date: new Date(time).toUTCString(), "Cache-Control": cache });

beforeEach(() => {
  vi.useFakeTimers({ now: NOW });
  ahead.value = 0;
});
afterEach(() => vi.useRealTimers());

test("a clock that agrees is left alone, whatever second was said and however long the answer took", () => {
  learnClock(said(NOW), NOW - 50);
  learnClock(said(NOW - 3000), NOW - 3500);
  expect(ahead.value).toBe(0);
});

test("a clock 50 minutes slow or fast is put right to about a second", () => {
  for (const wrong of [50, -50]) {
    learnClock(said(NOW + wrong * 60_000), NOW - 100);
    expect(Math.abs(serverNow() - (NOW + wrong * 60_000))).toBeLessThan(1100);
    // And stays so as the device's clock goes on.
    const before = ahead.value;
    vi.advanceTimersByTime(600);
    learnClock(said(NOW + 600 + wrong * 60_000), NOW + 500);
    expect(ahead.value).toBe(before);
    vi.setSystemTime(NOW);
  }
});

test("what a cache has kept tells no time, nor does an answer without a date", () => {
  learnClock(said(NOW - 600_000, "public, max-age=60"), NOW);
  learnClock(new Headers({ "Cache-Control": "no-store" }), NOW);
  expect(ahead.value).toBe(0);
});
