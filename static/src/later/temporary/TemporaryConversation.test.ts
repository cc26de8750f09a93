/** What a temporary chat asks for, keeps and picks up. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { choice } from "../../state/conversations.ts";
import { TemporaryConversation } from "./TemporaryConversation.ts";
import { kept } from "./kept.ts";

const SEND = "POST /chat/temporary";
const calls: { name: string; path: string; init: RequestInit }[] = [];
const ways = new Map<string, () => Response>();
const asked = (name: string) => calls.filter((call) => call.name === name);
const bodies = () => asked(SEND).map(({ init }) => JSON.parse(init.body as string) as unknown);

/** An answer, or the rest of one; its stream stays open without an `end`. */
function says(id: string, words: string, end = "data: [DONE]\n\n"): Response {
  const chunk = { choices: [{ delta: { content: words } }] };
  const body = new ReadableStream<Uint8Array>({
    start: (stream) => {
      stream.enqueue(new TextEncoder().encode(`data: ${JSON.stringify(chunk)}\n\n${end}`));
      if (end) stream.close();
    },
  });
  return new Response(body, {
    headers: { "Content-Type": "text/event-stream", "X-Message-Id": id, "X-Model": "a" },
  });
}

beforeEach(() => {
  calls.length = 0;
  ways.clear();
  sessionStorage.clear();
  localStorage.clear();
  // Whose it is: {"sub":"u"}.
  localStorage.setItem("edgewise.token", `t.${btoa('{"sub":"u"}')}.t`);
  vi.stubGlobal("fetch", (path: string, init: RequestInit = {}) => {
    const name = `${init.method ?? "GET"} ${path.replace("/api/v1", "").replace(/\?.*/, "")}`;
    calls.push({ name, path, init });
    const refused = { error: { code: "not_found", message: "m", request_id: "r" } };
    const headers = { "Content-Type": "application/json" };
    return Promise.resolve(ways.get(name)?.() ?? new Response(JSON.stringify(refused), { status: 404, headers }));
  });
});
afterEach(() => {
  vi.unstubAllGlobals();
});

async function say(conversation: TemporaryConversation, words: string): Promise<void> {
  conversation.draft.words = words;
  const turn = conversation.takeDraft();
  if (turn) await conversation.submit(turn);
}

const shown = (conversation: TemporaryConversation) =>
  conversation.messages.value.map(({ text, status }) => [text.value, status.value]);

test("what was said goes along with what is said next, and the browser keeps nothing", async () => {
  const conversation = new TemporaryConversation();
  ways.set(SEND, () => says("1a", "two"));
  await say(conversation, "one");
  ways.set(SEND, () => says("2a", "four"));
  await say(conversation, "three");
  const before = [
    { role: "user", content: "one" },
    { role: "assistant", content: "two" },
  ];
  expect(bodies()).toEqual([
    { messages: [], content: "one", model: null },
    { messages: before, content: "three", model: null },
  ]);
  const complete = ["one", "two", "three", "four"].map((words) => [words, "complete"]);
  expect(shown(conversation)).toEqual(complete);
  expect(Object.keys(localStorage)).toEqual(["edgewise.token"]);

  // Another answer to the second question knows the first alone.
  ways.set(SEND, () => says("3a", "five"));
  await conversation.submit({ do: "regenerate", messageId: "2a" });
  expect(bodies()[2]).toEqual({ messages: before, content: "three", model: null });
  expect(shown(conversation).at(-1)).toEqual(["five", "complete"]);
  const reloaded = kept();
  expect(reloaded?.messages).toHaveLength(5);

  // What one that was left still hears is not kept in the place of what is there now.
  sessionStorage.removeItem("edgewise.temporary");
  conversation.isHere = false;
  conversation.keep();
  expect(kept()).toBeNull();
});

test("what has waited names the model that was chosen, and a reload keeps who has answered", async () => {
  choice.into = (_, turn) => ({ ...turn, model: "b" });
  const conversation = new TemporaryConversation();
  ways.set(SEND, () => says(`${asked(SEND).length}a`, "two"));
  const first = say(conversation, "one");
  await say(conversation, "three");
  await first;
  delete choice.into;
  expect(bodies()[1]).toMatchObject({ content: "three", model: "b" });
  const heads = kept()?.messages.map(({ head }) => head?.get("X-Model") ?? null);
  expect(heads).toEqual([null, "a", null, "a"]);
});

test("after a reload an answer goes on where it was, and nobody else sees it", async () => {
  const left = new TemporaryConversation();
  ways.set(SEND, () => says("1a", "half an ", ""));
  void say(left, "one");
  await vi.waitFor(() => expect(shown(left).at(-1)).toEqual(["half an ", "streaming"]));
  left.keep();

  const found = kept();
  const conversation = new TemporaryConversation(found?.of, found?.messages);
  ways.set("GET /chat/temporary/1a/stream", () => says("1a", "answer"));
  await conversation.resume();
  expect(shown(conversation)).toEqual([
    ["one", "complete"],
    ["half an answer", "complete"],
  ]);
  expect(asked("GET /chat/temporary/1a/stream")[0]?.path).toContain("?from=8");

  localStorage.setItem("edgewise.token", `t.${btoa('{"sub":"v"}')}.t`);
  expect(kept()).toBeNull();
  expect(sessionStorage.getItem("edgewise.temporary")).toBeNull();
});

test("words that were not accepted come back, and are asked again under their key", async () => {
  const conversation = new TemporaryConversation();
  await say(conversation, "one");
  expect([conversation.draft.text.value, conversation.problem.value?.code]).toEqual(["one", "not_found"]);
  ways.set(SEND, () => says("1a", "two"));
  await say(conversation, "one");
  const keys = asked(SEND).map(({ init }) => new Headers(init.headers).get("Idempotency-Key"));
  expect(keys[0]).toBe(keys[1]);
  expect(conversation.draft.text.value).toBe("");
});
