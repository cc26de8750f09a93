/** What the list of sessions believes. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Session } from "../api/types.ts";
import { note, remove, sessions } from "./sessions.ts";

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

test("a page that answers 404 in our place has deleted nothing", async () => {
  replies = [() => new Response("<h1>Sign in</h1>", { status: 404, headers: { "Content-Type": "text/html" } })];
  await expect(remove(session("2026-11-26T12:00:00Z"))).rejects.toThrow();
  expect(sessions.value).toHaveLength(1);
  replies = [() => json({ error: { code: "session_not_found", message: "m", request_id: "r" } }, 404)];
  await remove(session("2026-11-26T12:00:00Z"));
  expect(sessions.value).toEqual([]);
});

const gone = (code: string) => () => json({ error: { code, message: "m", request_id: "r" } }, 404);
const news = (kind: string, title: string) => {
  const newValue = JSON.stringify({ kind, session: session("2026-11-26T12:00:00Z", title) });
  dispatchEvent(new StorageEvent("storage", { key: "edgewise.news", newValue }));
};

test("an API that is switched off has deleted nothing", async () => {
  replies = [gone("not_found")];
  await expect(remove(session("2026-11-26T12:00:00Z"))).rejects.toThrow();
  expect(sessions.value).toHaveLength(1);
});

test("what another tab does in a chat whose deletion is on its way does not bring it back", async () => {
  replies = [() => json(session("2026-11-26T12:00:00Z"))];
  const removing = remove(session("2026-11-26T12:00:00Z"));
  news("session", "Said elsewhere");
  await removing;
  expect(sessions.value).toEqual([]);
  news("session", "Restored");
  expect(sessions.value.map(({ title }) => title)).toEqual(["Restored"]);
});
