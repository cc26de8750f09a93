/** Tokens of guests and of accounts: which is shown, and what takes the place of one that is refused. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";

const KEY = "edgewise.token";
const base64 = (claims: object) =>
  btoa(JSON.stringify(claims)).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const tokenOf = (claims: object) => `head.${base64(claims)}.signature`;
const GUEST = tokenOf({ sub: "g", role: "guest" });
const OLD = tokenOf({ sub: "a", role: "user", sid: "d", exp: 1 });
const NEW = tokenOf({ sub: "a", role: "user", sid: "d", exp: 2 });

// Of a page that was just opened, in each test.
let request: typeof import("./request.ts").request;
let seen: { path: string; token: string | null }[] = [];
let answer: (path: string, token: string | null) => Response;

const ok = (body: object = {}) => Response.json(body);
const refusal = (code: string) => Response.json({ error: { code, message: "m", request_id: "r" } }, { status: 401 });
const paths = () => seen.map(({ path }) => path);

beforeEach(async () => {
  vi.resetModules();
  ({ request } = await import("./request.ts"));
  seen = [];
  vi.stubGlobal("fetch", (path: string, { headers }: RequestInit) => {
    const one = { path: path.replace("/api/v1", ""), token: new Headers(headers).get("Authorization") };
    seen.push(one);
    return Promise.resolve(answer(one.path, one.token?.replace("Bearer ", "") ?? null));
  });
});
afterEach(() => {
  vi.unstubAllGlobals();
  localStorage.clear();
  sessionStorage.clear();
});

test("an account's token that has ended is renewed by the cookie, once, also for calls at the same time", async () => {
  localStorage.setItem(KEY, OLD);
  answer = (path, token) => {
    if (path === "/auth/refresh") return ok({ token: NEW, user: { id: "a", role: "user" } });
    return token === NEW ? ok() : refusal("token_expired");
  };
  await Promise.all([request("/me"), request("/chat/quota")]);
  expect(paths().filter((path) => path === "/auth/refresh")).toHaveLength(1);
  expect(seen.find(({ path }) => path === "/auth/refresh")?.token, "the cookie says it all").toBeNull();
  expect(localStorage.getItem(KEY)).toBe(NEW);
});

test("what another tab has renewed meanwhile is taken as it is", async () => {
  localStorage.setItem(KEY, OLD);
  answer = (_, token) => {
    localStorage.setItem(KEY, NEW);
    return token === NEW ? ok() : refusal("token_expired");
  };
  await request("/me");
  expect(paths()).toEqual(["/me", "/me"]);
});

test("a change of role is told", async () => {
  localStorage.setItem(KEY, OLD);
  const told = vi.fn();
  addEventListener("role", (event) => void told((event as CustomEvent<string>).detail), { once: true });
  answer = (path, token) => {
    if (path === "/auth/refresh") return ok({ token: NEW, user: { id: "a", role: "admin" } });
    return token === NEW ? ok() : refusal("token_expired");
  };
  await request("/me");
  expect(told).toHaveBeenCalledExactlyOnceWith("admin");
});

test("a guest who was claimed becomes the account where that has signed in here, and else a new guest", async () => {
  localStorage.setItem(KEY, GUEST);
  let hasCookie = true;
  answer = (path, token) => {
    if (path === "/auth/refresh")
      return hasCookie ? ok({ token: NEW, user: { id: "a", role: "user" } }) : refusal("unauthenticated");
    if (path === "/auth/guest") return ok({ token: "another guest" });
    return token === GUEST ? refusal("token_claimed") : ok();
  };
  await request("/me");
  expect(localStorage.getItem(KEY)).toBe(NEW);

  hasCookie = false;
  localStorage.setItem(KEY, GUEST);
  await request("/me");
  expect(localStorage.getItem(KEY)).toBe("another guest");
  expect(sessionStorage.getItem("edgewise.farewell"), "it is said").toBe("claimed");
});

test("a server that cannot be asked costs nobody their account", async () => {
  localStorage.setItem(KEY, OLD);
  answer = (path) =>
    path === "/auth/refresh"
      ? new Response("<h1>Sign in to our network</h1>", { status: 401 })
      : refusal("token_expired");
  await expect(request("/me")).rejects.toMatchObject({ code: "foreign" });
  expect(localStorage.getItem(KEY)).toBe(OLD);
});

test("a device that has ended is left: its token and its words go, and the guest of before is back", async () => {
  localStorage.setItem(KEY, OLD);
  localStorage.setItem("edgewise.guest", GUEST);
  localStorage.setItem("edgewise.draft.s", "words");
  localStorage.setItem("edgewise.theme", "dark");
  sessionStorage.setItem("edgewise.editing.s", "words");
  answer = () => refusal("unauthenticated");
  void request("/me");
  await vi.waitFor(() => expect(localStorage.getItem(KEY)).toBe(GUEST));
  expect(Object.keys(localStorage).sort()).toEqual(["edgewise.theme", KEY]);
  expect(Object.entries(sessionStorage)).toEqual([["edgewise.farewell", "ended"]]);
});

test("the guest who takes the place of one that the server refuses is noted as the heir of what that one has said", async () => {
  localStorage.setItem(KEY, GUEST);
  const next = tokenOf({ sub: "n", role: "guest" });
  answer = (path, token) =>
    path === "/auth/guest" ? ok({ token: next }) : token === next ? ok() : refusal("unauthenticated");
  await request("/chat/quota");
  expect(localStorage.getItem("edgewise.heir")).toBe("g n");
});
