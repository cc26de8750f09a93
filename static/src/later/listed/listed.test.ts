/** The list of the visit before is there at once, asked for by its tag, and nobody else's. */
import { beforeEach, expect, test, vi } from "vitest";
import type { Session } from "../../api/types.ts";
import { load, store } from "../../state/storage.ts";

const tokenOf = (sub: string) => `h.${btoa(JSON.stringify({ sub }))}.s`;
const session = (id: string, title = "Old"): Session => ({
  id,
  title,
  model: null,
  pinned: false,
  created_at: "2026-11-26T12:00:00Z",
  updated_at: "2026-11-26T12:00:00Z",
});
const page = (...sessions: Session[]) => ({ sessions, total: sessions.length, page: 1, total_pages: 1 });
const says = (tag: string, ...sessions: Session[]) => Response.json(page(...sessions), { headers: { ETag: tag } });
const offline = () => Promise.reject(new TypeError("offline"));

/** What is sent when the list is asked for, and what is answered. */
const server = vi.fn<(known: string | null) => Response | Promise<Response>>();

/** A visit: the page's modules anew, with the part that keeps the list. */
async function visit(sub = "me") {
  localStorage.setItem("edgewise.token", tokenOf(sub));
  vi.resetModules();
  const list = await import("../../state/sessions.ts");
  const atOnce = list.sessions.value.map(({ id }) => id);
  await import("./listed.ts");
  return { ...list, atOnce };
}
const ids = ({ sessions }: { sessions: { value: Session[] } }) => sessions.value.map(({ id }) => id);
const kept = () => JSON.parse(load("list") ?? "null") as { of: string; tag: string | null; sessions: Session[] } | null;

beforeEach(() => {
  localStorage.clear();
  server.mockReset();
  vi.stubGlobal("fetch", (_: string, { headers }: { headers: Headers }) => server(headers.get("If-None-Match")));
  vi.restoreAllMocks();
});

test("is there at once, and stays as it is when the server knows no other", async () => {
  server.mockReturnValueOnce(says('"1.a"', session("b"), session("a")));
  const first = await visit();
  expect([first.atOnce, kept()]).toEqual([[], null]);
  await first.readFirstPage();
  expect(server).toHaveBeenLastCalledWith(null);
  expect(kept()).toMatchObject({ of: "1me", tag: '"1.a"' });

  server.mockReturnValueOnce(new Response(null, { status: 304 }));
  const second = await visit();
  expect([second.atOnce, second.hasMore.value]).toEqual([["b", "a"], false]);
  await second.readFirstPage();
  expect(server).toHaveBeenLastCalledWith('"1.a"');
  expect([ids(second), second.listState.value, second.hasMore.value]).toEqual([["b", "a"], "read", false]);
  expect(kept()).toMatchObject({ tag: '"1.a"' });
});

test("gives way to what the server says, and stays while it says nothing", async () => {
  server.mockReturnValueOnce(says('"1.a"', session("b"), session("a")));
  await (await visit()).readFirstPage();
  server.mockImplementationOnce(offline);
  const away = await visit();
  await expect(away.readFirstPage()).rejects.toThrow();
  expect(ids(away)).toEqual(["b", "a"]);

  server.mockReturnValueOnce(says('"1.b"', session("c"), session("b", "New")));
  const back = await visit();
  await back.readFirstPage();
  expect(back.sessions.value.map(({ id, title }) => [id, title])).toEqual([
    ["c", "Old"],
    ["b", "New"],
  ]);
  expect(kept()).toMatchObject({ tag: '"1.b"' });
});

test("has no tag with what was changed here: the server may not have heard of it", async () => {
  server.mockReturnValueOnce(says('"1.a"', session("b"), session("a")));
  const first = await visit();
  await first.readFirstPage();
  first.takeOff(session("b"));
  expect(kept()).toMatchObject({ tag: null, sessions: [{ id: "a" }] });

  server.mockReturnValueOnce(says('"1.a"', session("b"), session("a")));
  const second = await visit();
  expect(second.atOnce).toEqual(["a"]);
  await second.readFirstPage();
  expect(server).toHaveBeenLastCalledWith(null);
  expect([ids(second), kept()?.tag]).toEqual([["b", "a"], '"1.a"']);
});

test("is nobody else's, and goes when somebody else is here", async () => {
  server.mockReturnValueOnce(says('"1.a"', session("a")));
  await (await visit()).readFirstPage();
  const other = await visit("other");
  expect([other.atOnce, load("list")]).toEqual([[], null]);
  server.mockReturnValueOnce(says('"1.b"'));
  await other.readFirstPage();
  expect(server).toHaveBeenLastCalledWith(null);
});

test("is not kept for who has come while it was asked for", async () => {
  const list = await visit();
  server.mockImplementationOnce(() => {
    localStorage.setItem("edgewise.token", tokenOf("other"));
    return says('"1.a"', session("a"));
  });
  await list.readFirstPage();
  expect(load("list")).toBeNull();
});

test("is dropped where an older page has kept it, where it is broken, and not kept where it is too long", async () => {
  for (const old of ['{"of":"0me","sessions":[{"id":"a"}]}', "[{", "null", "1"]) {
    store("list", old);
    expect((await visit()).atOnce, old).toEqual([]);
    expect(load("list"), old).toBeNull();
  }
  server.mockReturnValueOnce(says('"1.a"', session("a", "x".repeat(40_000))));
  const list = await visit();
  await list.readFirstPage();
  expect([ids(list), load("list")]).toEqual([["a"], null]);
});

test("a storage that is closed, or full, is no trouble", async () => {
  const list = await visit();
  const full = vi.spyOn(Storage.prototype, "setItem").mockImplementation(() => {
    throw new DOMException("full", "QuotaExceededError");
  });
  server.mockReturnValueOnce(says('"1.a"', session("a")));
  await list.readFirstPage();
  expect(full).toHaveBeenCalled();
  expect(ids(list)).toEqual(["a"]);
  vi.spyOn(Storage.prototype, "getItem").mockImplementation(() => {
    throw new DOMException("closed", "SecurityError");
  });
  vi.resetModules();
  expect((await import("../../state/sessions.ts")).sessions.value).toEqual([]);
});

test.each(['{"of":"1me","sessions":"none"}', '{"of":"1me","sessions":[null]}', '{"of":"1me"}', "[", "null"])(
  "that is none of ours is not shown: %s",
  async (text) => {
    store("list", text);
    expect((await visit()).atOnce).toEqual([]);
  },
);

test("may be longer than what is kept of it", async () => {
  const many = Array.from({ length: 31 }, (_, number) => session(`${number + 10}`));
  server.mockReturnValueOnce(says('"1.a"', ...many.slice(1)));
  const first = await visit();
  await first.readFirstPage();
  first.sessions.value = many;
  expect(kept()).toMatchObject({ tag: null, total_pages: null });

  server.mockReturnValueOnce(Response.json({ sessions: many.slice(0, 30), total: 31, page: 1, total_pages: 2 }));
  const second = await visit();
  second.sessions.value = [session("99"), ...second.sessions.value];
  await second.readFirstPage();
  expect(second.hasMore.value).toBe(true);
});

test("is not kept by a tab in which another one has signed out", async () => {
  server.mockReturnValueOnce(says('"1.a"', session("a")));
  const list = await visit();
  await list.readFirstPage();
  localStorage.clear();
  list.sessions.value = [session("b"), ...list.sessions.value];
  expect(kept()).toBeNull();
});
