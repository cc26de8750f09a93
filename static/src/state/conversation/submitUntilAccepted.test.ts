/** What the server has no room for is sent again by itself, a few times, under the same key. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Conversation } from "./conversation.ts";

let keys: (string | null)[] = [];
let respond: () => Response;

function json(body: unknown, status: number, headers: Record<string, string>): Response {
  return new Response(JSON.stringify(body), { status, headers: { "Content-Type": "application/json", ...headers } });
}
const overloaded = () =>
  json({ error: { code: "overloaded", message: "m", request_id: "r" } }, 503, { "Retry-After": "5" });
const stored = { id: "m", parent_id: "l", role: "assistant", content: "Yes.", status: "complete", created_at: "" };
const answered = () => json({ message: stored }, 200, { "X-Session-Id": "s", "X-Message-Id": "m" });

beforeEach(() => {
  vi.useFakeTimers();
  sessionStorage.clear();
  localStorage.setItem("edgewise.token", "t");
  keys = [];
  vi.stubGlobal("fetch", (_: string, { headers }: { headers: Headers }) => {
    keys.push(headers.get("Idempotency-Key"));
    return Promise.resolve(respond());
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function sending(): { conversation: Conversation; outcome: Promise<unknown> } {
  const conversation = new Conversation(null);
  conversation.draft.text.value = "Hello";
  const turn = conversation.takeDraft();
  if (!turn) throw new Error("nothing is under way");
  return { conversation, outcome: conversation.submit(turn, () => undefined) };
}

test("a turn goes out when there is room, and says meanwhile why it waits", async () => {
  respond = overloaded;
  const { conversation, outcome } = sending();
  await vi.advanceTimersByTimeAsync(4900);
  expect(conversation.delay.value?.code).toBe("overloaded");
  expect(conversation.phase.value).toBe("sending");
  expect(keys).toHaveLength(1);
  respond = answered;
  await vi.advanceTimersByTimeAsync(200);
  expect(await outcome).toBe("complete");
  expect(conversation.delay.value).toBeNull();
  expect(new Set(keys).size).toBe(1);
  expect(keys).toHaveLength(2);
});

test("after three times the visitor decides, with the words in the field", async () => {
  respond = overloaded;
  const { conversation, outcome } = sending();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(await outcome).toMatchObject({ code: "overloaded" });
  expect(keys).toHaveLength(4);
  expect(new Set(keys).size).toBe(1);
  expect(conversation.problem.value?.code).toBe("overloaded");
  expect(conversation.draft.text.value).toBe("Hello");
  expect(conversation.phase.value).toBe("idle");
});

test("Stop while it waits takes the turn back at once", async () => {
  respond = overloaded;
  const { conversation, outcome } = sending();
  await vi.advanceTimersByTimeAsync(1000);
  conversation.stop();
  await vi.advanceTimersByTimeAsync(0);
  expect(await outcome).toBeNull();
  expect(conversation.problem.value).toBeNull();
  expect(conversation.draft.text.value).toBe("Hello");
  await vi.advanceTimersByTimeAsync(60_000);
  expect(keys).toHaveLength(1);
});
