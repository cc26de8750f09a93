/** Leaving an account: once, for the reason that somebody had, and without the guest who is back. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";

const GUEST = "head.e30=.guest";
const ACCOUNT = `head.${btoa(JSON.stringify({ sub: "a", sid: "d" }))}.account`;

// Of a page that was just opened, in each test.
let device: typeof import("./device.ts");
const replace = vi.fn<(address: string) => void>();
const refused = () =>
  Response.json({ error: { code: "unauthenticated", message: "m", request_id: "r" } }, { status: 401 });

beforeEach(async () => {
  vi.resetModules();
  device = await import("./device.ts");
  vi.stubGlobal("location", { replace });
  vi.stubGlobal("fetch", () => Promise.resolve(refused()));
  localStorage.setItem("edgewise.token", ACCOUNT);
  localStorage.setItem("edgewise.guest", GUEST);
});
afterEach(() => {
  vi.unstubAllGlobals();
  replace.mockClear();
  localStorage.clear();
  sessionStorage.clear();
});

const left = () => [localStorage.getItem("edgewise.token"), sessionStorage.getItem("edgewise.farewell")];

test("a call that is refused after the account was left does not put the guest out who is back", async () => {
  await device.leaveBy(() => Promise.resolve(), "out");
  device.leave("ended");
  expect(left()).toEqual([GUEST, "out"]);
  expect(replace).toHaveBeenCalledTimes(1);
});

test("a call that is refused before the account is left is no other reason", async () => {
  await device.leaveBy(async () => {
    void device.renew(ACCOUNT);
    await vi.waitFor(() => expect(replace).toHaveBeenCalled());
  }, "out");
  expect(left()).toEqual([GUEST, "out"]);
  expect(replace).toHaveBeenCalledTimes(1);
});

test("who is not let go stays, and may be put out for another reason", async () => {
  await expect(device.leaveBy(() => Promise.reject(new Error("offline")), "out")).rejects.toThrow("offline");
  expect(left()).toEqual([ACCOUNT, null]);
  device.leave("ended");
  expect(left()).toEqual([GUEST, "ended"]);
});

test("a token that another tab has renewed is waited for, also where the browser tells of it later than of the lock", async () => {
  const fetched = vi.fn(() => Promise.resolve(refused()));
  vi.stubGlobal("fetch", fetched);
  const NEXT = `${ACCOUNT}2`;
  const request = (_: string, options: unknown, work?: (lock: object | null) => unknown) =>
    Promise.resolve((work ?? (options as typeof work))?.(work ? null : {}));
  vi.stubGlobal("navigator", { locks: { request } });
  const listening = vi.spyOn(window, "addEventListener");
  const renewed = device.renew(ACCOUNT);
  await vi.waitFor(() => expect(listening).toHaveBeenCalledWith("storage", expect.anything(), expect.anything()));
  localStorage.setItem("edgewise.token", NEXT);
  dispatchEvent(new Event("storage"));
  expect(await renewed).toBe(NEXT);
  expect(fetched).not.toHaveBeenCalled();
});
