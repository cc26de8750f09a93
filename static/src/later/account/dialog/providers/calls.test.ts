/** The way to a provider. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { leaveFor } from "./calls.ts";

const assign = vi.fn();

beforeEach(() => {
  vi.useFakeTimers();
  assign.mockClear();
  localStorage.setItem("edgewise.token", "t");
  vi.stubGlobal("location", { pathname: "/", assign });
  const headers = { "Content-Type": "application/json" };
  vi.stubGlobal("fetch", () => Promise.resolve(new Response('{"url":"https://works.example/"}', { headers })));
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** A way that has begun; the result says whether it is over. */
async function begun(signal = new AbortController().signal): Promise<() => boolean> {
  let isOver = false;
  void leaveFor("works", "add", signal).then(() => (isOver = true));
  await vi.advanceTimersByTimeAsync(100);
  expect(assign).toHaveBeenCalledWith("https://works.example/");
  expect(isOver).toBe(false);
  return () => isOver;
}

test("it is over with the way back", async () => {
  const isOver = await begun();
  dispatchEvent(new Event("pageshow"));
  await vi.advanceTimersByTimeAsync(0);
  expect(isOver()).toBe(true);
  expect(vi.getTimerCount()).toBe(0);
});

test("it is over for who closes the dialog", async () => {
  const leave = new AbortController();
  const isOver = await begun(leave.signal);
  leave.abort();
  await vi.advanceTimersByTimeAsync(0);
  expect(isOver()).toBe(true);
});

test("it is over after a while for who has pressed the browser's Stop", async () => {
  const isOver = await begun();
  await vi.advanceTimersByTimeAsync(9_000);
  expect(isOver()).toBe(false);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(isOver()).toBe(true);
});
