/** What is kept of what was sent without a connection, whatever other tabs do with it. */
import { beforeEach, expect, test, vi } from "vitest";
import { type Unsent, adopt, change, confirm, forget, isOld, next, unsent } from "./kept.ts";

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

beforeEach(() => change(() => []));

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
  adopt("s");
  expect(kept()?.map(({ session }) => session)).toEqual(["s", "t", "s"]);
});

test("where nothing can be kept it lives as long as the page", () => {
  vi.spyOn(Storage.prototype, "setItem").mockImplementation(() => {
    throw new DOMException("full", "QuotaExceededError");
  });
  change((all) => [...all, said("a", "s")]);
  change((all) => [...all, said("b", "s")]);
  expect(keys(unsent.value)).toEqual(["a", "b"]);
  forget("a");
  expect(keys(unsent.value)).toEqual(["b"]);
});
