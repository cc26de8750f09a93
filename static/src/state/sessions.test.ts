/** What the list of sessions believes. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Session } from "../api/types.ts";
import { note, remove, rename, sessions } from "./sessions.ts";

let replies: (() => Response)[] = [];
const json = (body: unknown, status = 200) =>
  new Response(JSON.stringify(body), { status, headers: { "Content-Type": "application/json" } });
const session = (updated_at: string, title = "Old"): Session => ({
  id: "s",
  title,
  created_at: updated_at,
  updated_at,
});

beforeEach(() => {
  localStorage.setItem("edgewise.token", "t");
  vi.stubGlobal("fetch", () => Promise.resolve((replies.shift() ?? (() => json({}, 500)))()));
  note(session("2026-11-26T12:00:00Z"));
});
afterEach(() => void vi.unstubAllGlobals());

test("the reply to a rename gives the title, and nothing that is older than what is known", async () => {
  replies = [() => json(session("2026-11-26T11:00:00Z", "New"))];
  await rename(session("2026-11-26T12:00:00Z"), "New");
  expect(sessions.value).toEqual([{ ...session("2026-11-26T12:00:00Z", "New") }]);
});

test("of two renames the reply to the first, come late, tells no tab", async () => {
  const told = vi.spyOn(Storage.prototype, "setItem");
  replies = ["First", "Second"].map((title) => () => json(session("2026-11-26T12:00:00Z", title)));
  await Promise.all([rename(session(""), "First"), rename(session(""), "Second")]);
  const titles = told.mock.calls
    .filter(([key]) => key === "edgewise.news")
    .map(([, news]) => /"title":"(\w+)"/.exec(news)?.[1]);
  expect(titles).toEqual(["Second"]);
});

test("a page that answers 404 in our place has deleted nothing", async () => {
  replies = [() => new Response("<h1>Sign in</h1>", { status: 404, headers: { "Content-Type": "text/html" } })];
  await expect(remove(session("2026-11-26T12:00:00Z"))).rejects.toThrow();
  expect(sessions.value).toHaveLength(1);
  replies = [() => json({ error: { code: "session_not_found", message: "m", request_id: "r" } }, 404)];
  await remove(session("2026-11-26T12:00:00Z"));
  expect(sessions.value).toEqual([]);
});
