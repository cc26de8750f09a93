/** What is said of a connection that comes and goes. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { announcements } from "./announcer.ts";
import { connection, onReturn } from "./connection.ts";

const said: string[] = [];
let isSaid = false;
const catchUp = vi.fn();
announcements.subscribe((all) => {
  const last = all.at(-1);
  if (last) said.push(last.what);
});
onReturn(catchUp, () => isSaid);

beforeEach(() => {
  vi.useFakeTimers();
  said.length = 0;
  isSaid = false;
  catchUp.mockClear();
});
afterEach(() => vi.useRealTimers());

const go = (event: "online" | "offline") => dispatchEvent(new Event(event));

test("that it is away is said once, and that it is back, too", () => {
  go("offline");
  vi.runAllTimers();
  expect(connection.value).toBe("offline");
  go("online");
  expect(said).toEqual(["offline", "online"]);
  expect(catchUp).toHaveBeenCalledOnce();
});

test("of a gap that ends before a word is said of it nothing is said, but what was missed is caught up on", () => {
  go("offline");
  go("online");
  go("offline");
  go("online");
  vi.runAllTimers();
  expect(said).toEqual([]);
  expect(catchUp).toHaveBeenCalledTimes(2);
});

test("that it is back is also said where a message's own words told that it was away", () => {
  isSaid = true;
  go("offline");
  vi.runAllTimers();
  go("online");
  expect(said).toEqual(["online"]);
});
