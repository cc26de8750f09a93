/** An export is read to its end, part by part; one that breaks off is no export. */
import { beforeEach, expect, test, vi } from "vitest";

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
  exportLines.mockImplementation((after) => Promise.resolve(parts[after] ?? []));
});

test("parts follow each other, and are one list in the end", async () => {
  parts = { "": [session("a"), message, next("a.1")], "a.1": [message, session("b"), next("b")], b: [message, end] };
  const counts: number[] = [];
  const all = await readAll((chats) => counts.push(chats), halt);
  expect(all).toEqual({ lines: [session("a"), message, message, session("b"), message, end], chats: 2 });
  expect(counts).toEqual([1, 2, 2]);
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
