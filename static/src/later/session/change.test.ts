/** What is changed of a session: the newest word wins, whichever reply comes last. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Session } from "../../api/types.ts";
import { note, remove, sessions } from "../../state/sessions.ts";
import { rename, setPinned } from "./change.ts";

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
  sessions.value = [];
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

test("a pin is shown at once, and taken back if the server refuses, with what was said meanwhile kept", async () => {
  const other = { ...session("2026-11-26T13:00:00Z", "Newer"), id: "other" };
  note(session("2026-11-26T12:00:00Z"));
  note(other);
  const order = () => sessions.value.map(({ id }) => id);
  replies = [() => json({ error: { code: "too_many_pinned", message: "m", request_id: "r", limit: 20 } }, 409)];
  const refused = setPinned(session("2026-11-26T12:00:00Z"), true);
  expect(order()).toEqual(["s", "other"]);
  note({ ...other, title: "Said meanwhile" });
  await expect(refused).rejects.toMatchObject({ code: "too_many_pinned" });
  expect(order()).toEqual(["other", "s"]);
  expect(sessions.value.map(({ title }) => title)).toEqual(["Said meanwhile", "Old"]);
});

test("a pin that is taken tells the other tabs", async () => {
  const told = vi.spyOn(Storage.prototype, "setItem");
  replies = [() => json({ ...session("2026-11-26T12:00:00Z"), pinned: true })];
  note(session("2026-11-26T12:00:00Z"));
  told.mockClear();
  await setPinned(session("2026-11-26T12:00:00Z"), true);
  const news = told.mock.calls.filter(([key]) => key === "edgewise.news").map(([, text]) => text);
  expect(news).toEqual([expect.stringContaining('"pinned":true')]);
});

test("the late reply to the rename of a deleted chat tells no tab of it", async () => {
  let answer = (): void => undefined;
  const late = new Promise<void>((resolve) => (answer = resolve));
  vi.stubGlobal("fetch", async (_: string, { method }: RequestInit) => {
    if (method === "DELETE") return json(session("2026-11-26T12:00:00Z"));
    await late;
    return json(session("2026-11-26T12:00:00Z", "Late"));
  });
  const renaming = rename(session("2026-11-26T12:00:00Z"), "Late");
  await remove(session("2026-11-26T12:00:00Z"));
  const told = vi.spyOn(Storage.prototype, "setItem");
  answer();
  await renaming;
  expect(told.mock.calls.filter(([key]) => key === "edgewise.news")).toEqual([]);
  expect(sessions.value).toEqual([]);
});
