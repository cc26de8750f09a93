/** The way to a message that was found. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { conversation } from "../../../state/conversations.ts";
import { reach } from "./reach.ts";

beforeEach(() => {
  vi.useFakeTimers();
  localStorage.setItem("edgewise.token", "t");
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("a chat that is still being read is slow, and its message not gone", async () => {
  vi.stubGlobal("fetch", () => new Promise(() => undefined));
  void conversation("slow").read();
  const session = { id: "slow", title: "Slow", created_at: "", updated_at: "" };
  const reached = reach(session, "m", new AbortController().signal);
  const failure = expect(reached).rejects.toMatchObject({ code: "offline" });
  await vi.advanceTimersByTimeAsync(60_000);
  await failure;
});
