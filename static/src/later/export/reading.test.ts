/** A chat of more messages than a minute may read is read to its beginning all the same. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Problem } from "../../api/problem.ts";
import { chatWith } from "./written.ts";

const requestJson = vi.hoisted(() => vi.fn<(path: string) => Promise<unknown>>());
vi.mock("../../api/request.ts", () => ({ requestJson }));
const { Reading } = await import("./reading.ts");

const { session, messages } = chatWith(Array.from({ length: 3_250 }, (_, at) => `Message ${at}`));

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

test("it waits where the minute is used up, goes on where it was, and tells how far it is", async () => {
  let left = 20;
  requestJson.mockImplementation((path) => {
    if (left === 0) {
      left = 60;
      return Promise.reject(new Problem({ code: "rate_limited", status: 429, retryAfter: 45 }));
    }
    left -= 1;
    const query = new URLSearchParams(path.slice(path.indexOf("?")));
    const before = query.get("before");
    const end = before === null ? messages.length : messages.findIndex(({ id }) => id === before);
    const start = Math.max(0, end - Number(query.get("limit")));
    const next_before = start > 0 ? messages[start]?.id : null;
    return Promise.resolve({ session, messages: messages.slice(start, end), next_before });
  });
  const counts: number[] = [];
  const reading = new Reading("s").all((count) => counts.push(count), new AbortController().signal);
  await vi.advanceTimersByTimeAsync(44_000);
  expect(counts.at(-1)).toBe(2_000);
  await vi.advanceTimersByTimeAsync(2_000);
  const all = await reading;
  expect(all.messages.map(({ id }) => id)).toEqual(messages.map(({ id }) => id));
  expect(requestJson, "33 pages, and one that was refused").toHaveBeenCalledTimes(34);
});
