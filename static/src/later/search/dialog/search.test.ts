/** Promises about what is asked of the server, which lets a visitor search ten pages a minute: little, and never twice. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { SearchResult } from "../../../api/types.ts";
import { Search } from "./search.ts";

/** What was asked, and what each of it is answered with, by the text and the cursor. */
const asked: string[] = [];
const answers = new Map<string, () => Response>();

const json = (body: unknown, status = 200, headers = {}) =>
  new Response(JSON.stringify(body), { status, headers: { "Content-Type": "application/json", ...headers } });
const page = (next_cursor: string | null, ...ids: string[]) => {
  const hit = { message_id: "m", role: "user" as const, created_at: "", before: "", text: "", after: "" };
  const sessions = ids.map((id) => ({
    session: { id, title: id, model: null, pinned: false, created_at: "", updated_at: "" },
    hits: [{ ...hit, message_id: `${id}${next_cursor}` }],
  }));
  return () => json({ sessions, next_cursor } satisfies SearchResult);
};
const limit = () => json({ error: { code: "rate_limited", message: "m", request_id: "r", retry_after: 20 } }, 429);

beforeEach(() => {
  vi.useFakeTimers();
  asked.length = 0;
  answers.clear();
  localStorage.setItem("edgewise.token", "t");
  vi.stubGlobal("fetch", async (_path: string, { body, signal }: RequestInit) => {
    const { q, cursor } = JSON.parse(body as string) as { q: string; cursor?: string };
    const name = cursor ? `${q} from ${cursor}` : q;
    asked.push(name);
    await new Promise((resolve) => setTimeout(resolve, 100));
    if (signal?.aborted) throw new DOMException("left", "AbortError");
    return (answers.get(name) ?? page(null))();
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const later = (milliseconds = 1000) => vi.advanceTimersByTimeAsync(milliseconds);
const found = (search: Search) => search.found.value.map(({ session, hits }) => `${session.id} ${hits.length}`);

test("nothing is asked while somebody types, nor for one letter, nor for blanks", async () => {
  const search = new Search();
  for (const text of ["h", "he", "her", "hero", "heron"]) {
    search.type(text);
    await later(300);
  }
  expect(asked).toEqual([]);
  await later();
  search.type(" heron  ");
  await later();
  for (const text of ["h", "👩", "   ", ""]) {
    search.type(text);
    await later();
    expect(search.phase.value).toBe("idle");
  }
  expect(asked).toEqual(["heron"]);
});

test("a word that an input method may still change waits longer, and Enter waits for nothing", async () => {
  const search = new Search();
  search.type("百円", true);
  await later(900);
  expect(asked).toEqual([]);
  search.type("百円");
  await later(450);
  expect(asked).toEqual(["百円"]);
  search.type("百円玉");
  search.now();
  await later(1);
  expect(asked).toEqual(["百円", "百円玉"]);
});

test("a late answer is none to what stands in the field by then", async () => {
  answers.set("heron", page(null, "old"));
  answers.set("stork", page(null, "new"));
  const search = new Search();
  search.type("heron");
  search.now();
  search.type("stork");
  search.now();
  await later();
  expect(found(search)).toEqual(["new 1"]);
  expect(search.problem.value).toBeNull();
});

test("what is known is not asked again, nor what cannot be there", async () => {
  answers.set("heron", page(null, "a"));
  const search = new Search();
  for (const text of ["heron", "stork", "HERON", "storks", "heron"]) {
    search.type(text);
    await later();
  }
  expect(asked).toEqual(["heron", "stork"]);
  expect(found(search)).toEqual(["a 1"]);
});

test("empty pages are passed, three at a time; a long chat on two pages is one", async () => {
  answers.set("heron", page("1"));
  answers.set("heron from 1", page("2"));
  answers.set("heron from 2", page("3"));
  answers.set("heron from 3", page("4", "a", "b"));
  answers.set("heron from 4", page(null, "b", "c"));
  const search = new Search();
  search.type("heron");
  await later();
  expect([asked.length, search.phase.value, search.next.value, found(search)]).toEqual([3, "ended", "3", []]);
  search.goOn();
  await later();
  expect([asked.length, search.next.value, found(search)]).toEqual([4, "4", ["a 1", "b 1"]]);
  search.goOn();
  await later();
  expect([asked.length, search.next.value, found(search)]).toEqual([5, null, ["a 1", "b 2", "c 1"]]);
});

test("at the limit nothing is asked until it has passed, and then what stands in the field by itself", async () => {
  answers.set("heron", limit);
  answers.set("stork", page(null, "a"));
  const search = new Search();
  search.type("heron");
  await later();
  expect([search.phase.value, search.problem.value?.code]).toEqual(["failed", "rate_limited"]);
  search.type("stork");
  search.now();
  await later(15_000);
  expect([asked, search.problem.value?.code]).toEqual([["heron"], "rate_limited"]);
  await later(5_000);
  expect([asked, search.problem.value, found(search)]).toEqual([["heron", "stork"], null, ["a 1"]]);
});

test("what is known is shown at the limit, and what is not says why it waits", async () => {
  answers.set("heron", page("1", "a"));
  answers.set("stork", limit);
  const search = new Search();
  for (const text of ["heron", "stork"]) {
    search.type(text);
    await later();
  }
  const state = () => [search.phase.value, search.problem.value?.code, found(search)];
  search.type("heron");
  expect(state()).toEqual(["ended", undefined, ["a 1"]]);
  search.type("crane");
  expect(state()).toEqual(["failed", "rate_limited", []]);
  search.type("heron");
  search.goOn();
  expect(state(), "more was asked for").toEqual(["failed", "rate_limited", ["a 1"]]);
  await later(20_000);
  expect(state()).toEqual(["ended", undefined, ["a 1"]]);
  expect(asked).toEqual(["heron", "stork", "heron from 1"]);
});

test("what failed keeps what was found and its place, and nobody asks for who has left", async () => {
  answers.set("heron", page("1", "a"));
  answers.set("heron from 1", () => json({}, 503));
  const search = new Search();
  search.type("heron");
  await later();
  search.goOn();
  await later();
  expect([search.phase.value, found(search)]).toEqual(["failed", ["a 1"]]);
  answers.set("heron from 1", page(null, "b"));
  search.goOn();
  search.leave();
  await later();
  expect(found(search)).toEqual(["a 1"]);
  search.comeBack();
  await later();
  expect(found(search)).toEqual(["a 1", "b 1"]);
  expect(asked).toEqual(["heron", "heron from 1", "heron from 1", "heron from 1"]);
});

test("who has never said anything is no reason to ask for a token", async () => {
  localStorage.clear();
  const search = new Search();
  search.type("heron");
  await later();
  expect([asked, search.phase.value]).toEqual([[], "ended"]);
});
