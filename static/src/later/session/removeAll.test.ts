/** Promises about chats that are deleted together: none can be opened meanwhile, and a limit keeps none of them. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Session } from "../../api/types.ts";
import { notices, undoLast } from "../../state/notices.ts";
import { note, sessions } from "../../state/sessions.ts";
import type { Page } from "./page.ts";
import { removeAll } from "./removeAll.ts";

const list = Array.from({ length: 9 }, (_, at): Session => {
  const time = `2026-11-26T12:00:0${at}Z`;
  return { id: `s${at}`, title: `Chat ${at}`, created_at: time, updated_at: time };
});
const problems: string[] = [];
const page: Page = {
  Words: () => null,
  icon: () => null,
  explain: ({ code }) => code,
  notifyProblem: (text) => () => void problems.push(text),
};

const json = (body: unknown, status = 200) =>
  new Response(JSON.stringify(body), { status, headers: { "Content-Type": "application/json" } });
const refusal = (status: number, code: string, retry_after?: number) =>
  json({ error: { code, message: "m", request_id: "r", retry_after } }, status);

/** What the server does with a call, by method and id; null: what was wanted. */
let answer: (method: string, id: string) => Response | null;
const asked: string[] = [];
/** Each test begins an hour later: no pause reaches into the next. */
let start = Date.now();

beforeEach(() => {
  vi.useFakeTimers({ now: (start += 3_600_000) });
  localStorage.setItem("edgewise.token", "t");
  asked.length = problems.length = 0;
  notices.value = [];
  answer = () => null;
  vi.stubGlobal("fetch", async (path: string, { method = "GET" }: RequestInit) => {
    const id = /sessions\/(s\d)/.exec(path)?.[1] ?? "";
    asked.push(`${method} ${id}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
    return answer(method, id) ?? json(list.find((one) => one.id === id));
  });
  for (const each of list) note(each);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const listed = () => sessions.value.map(({ id }) => id).toSorted();
const later = (milliseconds = 1000) => vi.advanceTimersByTimeAsync(milliseconds);

test("all leave the list at once, and those that the server keeps come back", async () => {
  answer = (_, id) => (id === "s7" ? refusal(500, "internal") : null);
  const writes = vi.fn();
  const stop = sessions.subscribe(writes);
  writes.mockClear();
  const ending = removeAll(page, list.slice(1));
  expect(listed()).toEqual(["s0"]);
  expect(writes).toHaveBeenCalledTimes(1);
  stop();
  await later(10_000);
  await ending;
  expect(listed()).toEqual(["s0", "s7"]);
  expect(problems).toEqual(["1 of 8 chats was not deleted."]);
  expect(notices.value.map(({ text }) => text)).toEqual(["7 chats were deleted."]);
});

test("where too many calls were made it waits, nothing comes back meanwhile, and all are deleted in the end", async () => {
  let isLimited = true;
  answer = (method, id) => (isLimited && method === "DELETE" && id > "s3" ? refusal(429, "rate_limited", 30) : null);
  const ending = removeAll(page, list);
  await later(20_000);
  expect(listed()).toEqual([]);
  const before = asked.length;
  isLimited = false;
  await later(5_000);
  expect(asked.length, "it is waited").toBe(before);
  await later(10_000);
  await ending;
  expect(listed()).toEqual([]);
  expect(problems).toEqual([]);
  expect(notices.value.map(({ text }) => text)).toEqual(["9 chats were deleted."]);
});

test("a minute in which all are refused, for ten seconds each time, keeps none of them", async () => {
  const free = Date.now() + 62_000;
  answer = () => (Date.now() < free ? refusal(429, "rate_limited", 10) : null);
  const ending = removeAll(page, list);
  await later(80_000);
  await ending;
  expect(listed()).toEqual([]);
  expect(problems).toEqual([]);
  expect(notices.value.map(({ text }) => text)).toEqual(["9 chats were deleted."]);
  expect(asked.length, "it does not hammer").toBeLessThan(60);
});

test("those that did not come back have a way back of their own", async () => {
  const ending = removeAll(page, list);
  await later();
  await ending;
  answer = (_, id) => (id > "s6" ? refusal(503, "unavailable") : null);
  undoLast();
  await later();
  expect(listed()).toEqual(["s0", "s1", "s2", "s3", "s4", "s5", "s6"]);
  expect(notices.value.map(({ kind, text }) => [kind, text])).toEqual([
    ["problem", "2 of 9 chats could not be brought back. unavailable"],
  ]);
  answer = () => null;
  asked.length = 0;
  undoLast();
  await later();
  expect(asked).toEqual(["POST s7", "POST s8"]);
  expect(listed()).toHaveLength(9);
  expect(notices.value).toEqual([]);
});
