/** Whoever deletes all of their chats has all of them listed first, at the first try: in few calls, and in spite of the minute's limit. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Session } from "../../api/types.ts";
import { listState, sessions, takeOff } from "../../state/sessions.ts";
import { readAll } from "./readAll.ts";

/** Of each test others: what was deleted is not listed again. */
let chats: Session[];
let run = 0;
const json = (body: unknown, status = 200) =>
  new Response(JSON.stringify(body), { status, headers: { "Content-Type": "application/json" } });

/** Calls that a minute has, and those that were made in it. */
let limit: number;
let asked: number;
const refused = vi.fn();

beforeEach(() => {
  vi.useFakeTimers({ now: Date.UTC(2026, 10, 29) });
  localStorage.setItem("edgewise.token", "t");
  [limit, asked] = [60, 0];
  run += 1;
  chats = Array.from({ length: 2_000 }, (_, at) => {
    const time = new Date(Date.UTC(2026, 0, 1) - at * 60_000).toISOString();
    return { id: `${run}.${at}`, title: `Chat ${at}`, created_at: time, updated_at: time };
  });
  refused.mockClear();
  setInterval(() => (asked = 0), 60_000);
  vi.stubGlobal("fetch", (path: string) => {
    asked += 1;
    if (asked > limit) {
      refused();
      const error = { code: "rate_limited", message: "m", request_id: "r", retry_after: 60 };
      return Promise.resolve(json({ error }, 429));
    }
    const query = new URLSearchParams(path.slice(path.indexOf("?")));
    const [page, size] = [Number(query.get("page")), Number(query.get("per_page"))];
    const those = chats.slice((page - 1) * size, page * size);
    return Promise.resolve(
      json({ sessions: those, page, total: chats.length, total_pages: Math.ceil(chats.length / size) }),
    );
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  takeOff(...sessions.value);
});

test("two thousand chats are read within what a minute has", async () => {
  await readAll(new AbortController().signal);
  expect(sessions.value).toHaveLength(2_000);
  expect(asked).toBeLessThan(25);
});

test("where the minute is used up it waits for the next one, and a change of mind ends that", async () => {
  limit = 9;
  const ending = new AbortController();
  const read = readAll(ending.signal);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(sessions.value.length).toBeGreaterThan(500);
  expect(listState.value).not.toBe("read");
  await vi.advanceTimersByTimeAsync(180_000);
  await read;
  expect(sessions.value).toHaveLength(2_000);
  expect(refused.mock.calls.length).toBeLessThan(5);

  asked = limit;
  const again = expect(readAll(ending.signal)).rejects.toThrow("enough");
  await vi.advanceTimersByTimeAsync(1_000);
  ending.abort(new Error("enough"));
  await again;
});
