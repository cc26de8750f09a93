/** A budget that is used up forbids sending until it is filled again, and takes nothing from what was written. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Problem } from "../../api/problem.ts";
import { Conversation } from "../../state/conversation/conversation.ts";
import { explain, loadProblems } from "../wording.ts";
import { reasonNotToSend } from "./reasonNotToSend.ts";

/** The page's clock goes on. */
function at(time: number): void {
  vi.setSystemTime(time);
  document.dispatchEvent(new Event("visibilitychange"));
}

beforeEach(() => {
  vi.useFakeTimers();
  sessionStorage.clear();
  localStorage.setItem("edgewise.token", "t");
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test.each([
  ["seconds", Date.UTC(2026, 10, 26, 12, 30), { "Retry-After": "1800" }],
  ["a time", Date.UTC(2026, 10, 26, 13, 30), {}],
])("the time that is said in %s is when it ends", async (_, now, headers) => {
  at(now);
  const reset_at = new Date(now + 1_800_000).toISOString();
  const error = { code: "budget_exhausted", message: "m", request_id: "r", reset_at };
  const head = { "Content-Type": "application/json", ...headers };
  vi.stubGlobal("fetch", () =>
    Promise.resolve(new Response(JSON.stringify({ error }), { status: 503, headers: head })),
  );
  const conversation = new Conversation(null);
  conversation.draft.text.value = "Hello";
  const turn = conversation.takeDraft();
  if (!turn) throw new Error("nothing is under way");
  expect(reasonNotToSend()).toBeNull();
  await conversation.submit(turn, () => undefined);
  expect(reasonNotToSend()).toContain("30 min");
  expect(conversation.problem.value).toMatchObject({ code: "budget_exhausted", retryAt: now + 1_800_000 });
  expect(conversation.draft.text.value).toBe("Hello");
  at(now + 1_799_000);
  expect(reasonNotToSend()).toContain("1 s");
  at(now + 1_800_000);
  expect(reasonNotToSend()).toBeNull();
  expect(conversation.draft.text.value).toBe("Hello");
});

test("a limit says whose it is", async () => {
  await loadProblems();
  const words = (["address", "user", "minute"] as const).map((scope) =>
    explain(new Problem({ code: "rate_limited", status: 429, message: "m", scope })),
  );
  expect(new Set(words).size).toBe(3);
  expect(words[0]).toContain("network");
});

test("a space that is full says whose it is, and what makes room", async () => {
  await loadProblems();
  const words = (["user", "address", "all"] as const).map((scope) =>
    explain(new Problem({ code: "storage_full", status: 403, message: "m", scope })),
  );
  expect(new Set(words).size).toBe(3);
  expect(words[0]).toContain("Delete");
});
