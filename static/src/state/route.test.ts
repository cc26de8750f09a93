/** What lies over the page has one entry in the history, also where it is closed and opened faster than the browser goes back. */
import { expect, test, vi } from "vitest";
import { open, openSessionId, overlay } from "./route.ts";

const popped = () => new Promise((resolve) => addEventListener("popstate", resolve, { once: true }));
const state = () => history.state as unknown;

test("what is opened again at once is not closed by the way back of before, and Back closes it", async () => {
  const onBack = vi.fn();
  const closed = popped();
  overlay(vi.fn())();
  overlay(onBack);
  await closed;
  expect(onBack).not.toHaveBeenCalled();
  expect(state()).toEqual({ isOverlay: true });

  const back = popped();
  history.back();
  await back;
  expect(onBack).toHaveBeenCalledOnce();
  expect(state()).toBeNull();
});

test("what is closed before it has an entry goes back once, and a chat that was opened meanwhile stays open", async () => {
  open("a");
  const closed = popped();
  overlay(vi.fn())();
  open("b");
  overlay(vi.fn())();
  await closed;
  expect(openSessionId.value).toBe("b");
  expect(location.pathname).toBe("/c/b");

  const back = popped();
  history.back();
  await back;
  expect(location.pathname).toBe("/c/a");
});
