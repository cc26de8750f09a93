/** An export is read to its end, part by part; one that breaks off is no export. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Problem } from "../../../api/problem.ts";

const exportLines = vi.hoisted(() => vi.fn<(after: string) => Promise<string[]>>());
vi.mock("./calls.ts", () => ({ exportLines }));

const { readAll } = await import("./download.ts");
const halt = new AbortController().signal;
const session = (id: string) => JSON.stringify({ type: "session", session: { id } });
const message = JSON.stringify({ type: "message", message: {} });
const next = (after: string) => JSON.stringify({ type: "next", after });
const end = JSON.stringify({ type: "end" });

let parts: Record<string, string[]>;
beforeEach(() => {
  exportLines.mockReset();
  exportLines.mockImplementation((after) => Promise.resolve(parts[after] ?? []));
});

test("parts follow each other, and are one list in the end", async () => {
  parts = { "": [session("a"), message, next("a.1")], "a.1": [message, session("b"), next("b")], b: [message, end] };
  const counts: number[] = [];
  const all = await readAll((chats) => counts.push(chats), halt);
  expect(all).toEqual({ lines: [session("a"), message, message, session("b"), message, end], chats: 2 });
  expect(counts).toEqual([1, 2, 2]);
});

describe("when the minute's reads are used up", () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());
  const refused = (retryAfter: number) => new Problem({ code: "rate_limited", status: 429, retryAfter });

  test("it waits, and goes on where it was", async () => {
    parts = { "": [session("a"), next("a.1")], "a.1": [message, end] };
    exportLines.mockResolvedValueOnce([session("a"), next("a.1")]).mockRejectedValueOnce(refused(30));
    const all = readAll(() => undefined, halt);
    await vi.advanceTimersByTimeAsync(29_000);
    expect(exportLines).toHaveBeenCalledTimes(2);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(await all).toEqual({ lines: [session("a"), message, end], chats: 1 });
    expect(exportLines.mock.calls.map(([after]) => after)).toEqual(["", "a.1", "a.1"]);
  });

  test("a change of mind ends the waiting", async () => {
    const ending = new AbortController();
    exportLines.mockRejectedValueOnce(refused(30));
    const all = expect(readAll(() => undefined, ending.signal)).rejects.toThrow("enough");
    await vi.advanceTimersByTimeAsync(1_000);
    ending.abort(new Error("enough"));
    await all;
    expect(exportLines).toHaveBeenCalledTimes(1);
  });

  test("until tomorrow is too long", async () => {
    exportLines.mockRejectedValueOnce(refused(3_600));
    await expect(readAll(() => undefined, halt)).rejects.toMatchObject({ code: "rate_limited" });
  });
});

test("nothing is an export, too", async () => {
  parts = { "": [end] };
  expect(await readAll(() => undefined, halt)).toEqual({ lines: [end], chats: 0 });
});

test.each([
  ["without a last line", [session("a"), message]],
  ["cut off within a line", [session("a"), '{"type":"mess']],
  ["empty", []],
  ["that leads nowhere", [next("")]],
])("an export %s is none", async (_, part) => {
  parts = { "": part };
  await expect(readAll(() => undefined, halt)).rejects.toMatchObject({ code: "unreadable" });
});

test("one that leads in a circle ends", async () => {
  parts = { "": [next("a")], a: [session("a"), next("a")] };
  await expect(readAll(() => undefined, halt)).rejects.toMatchObject({ code: "unreadable" });
});
