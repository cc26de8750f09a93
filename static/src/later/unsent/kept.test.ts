/** What is kept of what was sent without a connection, whatever other tabs do with it. */
import { beforeEach, expect, test, vi } from "vitest";
import { hasAccount, isSignedIn } from "../../state/visitor.ts";
import { type Unsent, add, adopt, change, confirm, forget, has, isOld, next, unsent } from "./kept.ts";

const DAY = 86_400_000;

const said = (key: string, session: string | null, hoursAgo = 0): Unsent => ({
  key,
  text: key,
  session,
  parentId: null,
  at: Date.now() - hoursAgo * 3_600_000,
});
const kept = () => JSON.parse(localStorage.getItem("edgewise.unsent") ?? "null") as Unsent[] | null;
const keys = (all: readonly Unsent[] | null) => all?.map(({ key }) => key);

beforeEach(() => {
  localStorage.clear();
  be(null);
  change(() => []);
});

test("what another tab has kept, taken or sent meanwhile is not undone", () => {
  change(() => [said("a", "s")]);
  localStorage.setItem("edgewise.unsent", JSON.stringify([said("b", "s")]));
  change((all) => [...all, said("c", "s")]);
  expect(keys(kept())).toEqual(["b", "c"]);
  expect(keys(unsent.value)).toEqual(["b", "c"]);
  localStorage.setItem("edgewise.unsent", "[]");
  forget("c");
  expect(kept()).toEqual([]);
});

test("it goes out in order, but nothing that is too old, nor what comes after that in the same chat", () => {
  const all = [said("old", "s", 25), said("after", "s"), said("first", null), said("second", "t")];
  expect(next(all)?.key).toBe("first");
  expect(next(all.slice(0, 2))).toBeUndefined();
  expect(isOld({ ...said("a", "s"), at: 0 }, DAY)).toBe(false);
  expect(isOld({ ...said("a", "s"), at: 0 }, DAY + 1)).toBe(true);
});

test("what is confirmed goes out with what comes before it in its chat, and nothing else", () => {
  const all = [said("one", "s", 30), said("other", "t", 30), said("two", "s", 26), said("three", "s", 26)];
  change(() => all);
  confirm(said("two", "s", 26));
  expect(unsent.value.filter((one) => isOld(one)).map(({ key }) => key)).toEqual(["other", "three"]);
  expect(next(unsent.value)?.key).toBe("one");
});

test("what was said in the new chat belongs to the session that it becomes", () => {
  change(() => [said("a", null), said("b", "t"), said("c", null)]);
  adopt("s", "a");
  expect(kept()?.map(({ session }) => session)).toEqual(["s", "t", "s"]);
});

test("what another tab has said in its new chat does not go where this one's has gone by itself", () => {
  change(() => [said("theirs", null)]);
  add(said("ours", null));
  adopt("s", undefined);
  expect(kept()?.map(({ session }) => session)).toEqual([null, "s"]);
});

test("a clock that was set back says nothing of how long it has waited, but a little less is nothing", () => {
  expect(isOld(said("a", "s", -24))).toBe(true);
  expect(isOld(said("a", "s", -0.01))).toBe(false);
});

/** A token that says so of itself. */
function be(claims: object | null): void {
  if (claims) localStorage.setItem("edgewise.token", `.${btoa(JSON.stringify(claims))}.`);
  else localStorage.removeItem("edgewise.token");
  isSignedIn.value = hasAccount();
}

test("what a guest has said does not go out as somebody else, and is there again when the guest is", () => {
  be({ sub: "guest" });
  change(() => [said("a", null)]);
  be({ sub: "account", sid: "d" });
  expect(unsent.value).toEqual([]);
  expect(has("a")).toBe(false);
  change(() => [said("b", null)]);
  expect(keys(kept())).toEqual(["a", "b"]);
  be({ sub: "guest" });
  change((mine) => mine);
  expect(keys(unsent.value)).toEqual(["a"]);
  be({ sub: "other" });
  expect(has("a")).toBe(false);
});

test("an account has what the guest said whom it has claimed, also when its token does not say so any more", () => {
  be({ sub: "guest" });
  change(() => [said("a", "s")]);
  be({ sub: "account", sid: "d", was: "guest" });
  expect(keys(unsent.value)).toEqual(["a"]);
  be({ sub: "account", sid: "d" });
  expect(has("a")).toBe(true);
});

test("what was said before there was a guest is the first guest's, as is what a guest said whom the server has replaced", () => {
  be(null);
  change(() => [said("a", null)]);
  be({ sub: "account", sid: "d" });
  expect(has("a")).toBe(false);
  be({ sub: "guest" });
  change((mine) => mine);
  be({ sub: "next" });
  expect(has("a")).toBe(false);
  localStorage.setItem("edgewise.heir", "guest next");
  expect(has("a")).toBe(true);
});

test("an account that is left takes its words along, not those of others; one that was ended finds them again", async () => {
  vi.stubGlobal("location", { replace: () => undefined });
  for (const [why, left] of [
    ["out", ["a"]],
    ["ended", ["a", "b"]],
  ] as const) {
    localStorage.clear();
    be({ sub: "guest" });
    change(() => [said("a", null)]);
    be({ sub: "account", sid: "d" });
    change(() => [said("b", null)]);
    // A page leaves once.
    vi.resetModules();
    (await import("../account/device.ts")).leave(why);
    expect(keys(kept())).toEqual(left);
  }
  vi.unstubAllGlobals();
});

test("what another tab has taken out is not written back from this one's memory", () => {
  change(() => [said("a", null)]);
  localStorage.removeItem("edgewise.unsent");
  change((all) => [...all, said("b", null)]);
  expect(keys(kept())).toEqual(["b"]);
});

test("where nothing can be kept nothing is, and that is said", () => {
  const full = vi.spyOn(Storage.prototype, "setItem").mockImplementation(() => {
    throw new DOMException("full", "QuotaExceededError");
  });
  expect(change((all) => [...all, said("a", "s")])).toBe(false);
  expect(keys(unsent.value)).toEqual([]);
  full.mockRestore();
  expect(change((all) => [...all, said("a", "s")])).toBe(true);
});
