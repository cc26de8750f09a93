/** What a conversation does when the server is slow to begin, or never says how an answer ended. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Conversation } from "./conversation.ts";
import { saveAgain } from "./saveAgain.ts";

type Way = (init: RequestInit) => Promise<Response> | Response;

/** What the network does with each call, by method and path below `/api/v1`. */
const ways = new Map<string, Way>();
const calls: { name: string; body: unknown }[] = [];
const asked = (name: string) => calls.filter((call) => call.name === name);

const SEND = "POST /chat/sessions/s/messages";
const STOP = "POST /chat/sessions/s/messages/m/stop";
const READ = "GET /chat/sessions/s";

function json(body: unknown, status = 200): Response {
  return new Response(JSON.stringify(body), { status, headers: { "Content-Type": "application/json" } });
}

function message(id: string, parent_id: string | null, status: string, content: string) {
  return { id, parent_id, role: parent_id ? "assistant" : "user", status, content, created_at: "2026-11-26T12:00:00Z" };
}

beforeEach(() => {
  vi.useFakeTimers();
  calls.length = 0;
  ways.clear();
  sessionStorage.clear();
  localStorage.setItem("edgewise.token", "t");
  vi.stubGlobal("fetch", async (path: string, init: RequestInit = {}) => {
    const name = `${init.method ?? "GET"} ${path.replace("/api/v1", "").replace(/\?.*/, "")}`;
    calls.push({ name, body: typeof init.body === "string" ? (JSON.parse(init.body) as unknown) : null });
    const way = ways.get(name);
    return way ? await way(init) : json({ error: { code: "not_found", message: "m", request_id: "r" } }, 404);
  });
  ways.set(READ, () => json({ session: { id: "s" }, messages: [], next_before: null }));
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

async function opened(): Promise<Conversation> {
  const conversation = new Conversation("s");
  await conversation.read();
  return conversation;
}

/** An answer that begins when the result is called: its first words come at once, and then the stream ends with its reader. */
function beginsLate(): () => void {
  let begin = (): void => undefined;
  const head = new Promise<void>((resolve) => (begin = resolve));
  ways.set(SEND, async ({ signal }) => {
    await Promise.race([
      head,
      new Promise((_, fail) => {
        signal?.addEventListener("abort", () => fail(new DOMException("gone", "AbortError")));
      }),
    ]);
    const body = new ReadableStream<Uint8Array>({
      start: (stream) => {
        const chunk = { choices: [{ delta: { content: "too late" } }] };
        stream.enqueue(new TextEncoder().encode(`data: ${JSON.stringify(chunk)}\n\n`));
        signal?.addEventListener("abort", () => stream.error(new DOMException("gone", "AbortError")));
      },
    });
    const headers = { "Content-Type": "text/event-stream", "X-Message-Id": "m", "X-User-Message-Id": "l" };
    return new Response(body, { headers });
  });
  return begin;
}

test("Stop before the answer has begun is sent as soon as it has a name", async () => {
  const conversation = await opened();
  const begin = beginsLate();
  ways.set(STOP, () => json(message("m", "l", "stopped", "")));
  const ending = conversation.submit(conversation.thread.sendingOf("Hello"), () => undefined);
  await vi.advanceTimersByTimeAsync(700);
  conversation.stop();
  conversation.stop();
  expect(conversation.phase.value).toBe("stopping");
  begin();
  expect(await ending).toBe("stopped");
  expect(asked(SEND)).toHaveLength(1);
  expect(asked(STOP).map(({ body }) => body)).toEqual([{ seen: 0 }]);
  expect(conversation.messages.value.map(({ text }) => text.value)).toEqual(["Hello", ""]);
  expect(conversation.phase.value).toBe("idle");
  await vi.advanceTimersByTimeAsync(60_000);
  expect(asked(READ), "nobody looks it up").toHaveLength(1);
});

test("Stop of an answer that does not begin takes back what was asked for after ten seconds", async () => {
  const conversation = await opened();
  beginsLate();
  const ending = conversation.submit(conversation.thread.sendingOf("Hello"), () => undefined);
  await vi.advanceTimersByTimeAsync(700);
  conversation.stop();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(await ending).toBeNull();
  expect(conversation.phase.value).toBe("idle");
  expect(conversation.problem.value).toBeNull();
});

test("an answer of which nobody says how it ended is looked up ever less often, and not for ever", async () => {
  const running = [message("l", null, "complete", "Hello"), message("m", "l", "streaming", "Half")];
  ways.set(READ, () => json({ session: { id: "s" }, messages: running, next_before: null }));
  const conversation = await opened();
  const ending = conversation.resume();
  await vi.advanceTimersByTimeAsync(0);
  await ending;
  await vi.advanceTimersByTimeAsync(600_000);
  const looked = asked(READ).length;
  expect(looked).toBeLessThan(20);
  expect(conversation.messages.value.at(-1)?.status.value).toBe("interrupted");
  expect(conversation.messages.value.at(-1)?.text.value).toBe("Half");
  await vi.advanceTimersByTimeAsync(600_000);
  expect(asked(READ)).toHaveLength(looked);
});

test("an answer that never began, and that the server has not kept, is gone when it is looked up", async () => {
  const running = [message("l", null, "complete", "Hello"), message("m", "l", "streaming", "")];
  ways.set(READ, () => json({ session: { id: "s" }, messages: running, next_before: null }));
  const conversation = await opened();
  running.pop();
  await conversation.thread.refresh();
  expect(conversation.messages.value.map(({ id }) => id)).toEqual(["l"]);
});

test("an answer that ends without [DONE] and without an error is not whole", async () => {
  const conversation = await opened();
  ways.set(SEND, () => {
    const chunk = { choices: [{ delta: { content: "half" } }] };
    const headers = { "Content-Type": "text/event-stream", "X-Message-Id": "m", "X-User-Message-Id": "l" };
    return new Response(`data: ${JSON.stringify(chunk)}\n\n`, { headers });
  });
  const kept = [message("l", null, "complete", "Hello"), message("m", "l", "interrupted", "half")];
  ways.set(READ, () => json({ session: { id: "s" }, messages: kept, next_before: null }));
  expect(await conversation.submit(conversation.thread.sendingOf("Hello"), () => undefined)).toBe("interrupted");
  expect(asked("GET /chat/sessions/s/messages/m/stream"), "the rest was asked for").toHaveLength(1);
});

test("a turn that is taken back leaves its words in the field, before what was written meanwhile", async () => {
  const conversation = await opened();
  beginsLate();
  conversation.draft.text.value = "Hello";
  const turn = conversation.takeDraft();
  if (!turn) throw new Error("nothing is under way");
  const ending = conversation.submit(turn, () => undefined);
  expect(conversation.draft.text.value, "it stands in the thread").toBe("");
  expect(localStorage.getItem("edgewise.draft.s"), "not accepted yet").toBe("Hello");
  conversation.draft.text.value = "More";
  await vi.advanceTimersByTimeAsync(700);
  conversation.stop();
  await vi.advanceTimersByTimeAsync(10_000);
  await ending;
  expect(conversation.draft.text.value).toBe("Hello\n\nMore");
  expect(conversation.outgoing.value).toBeNull();
});

test("a new chat adopts the session that was made for a message without an answer, with all it owns", async () => {
  const conversation = new Conversation(null);
  conversation.draft.text.value = "Hello";
  const body = { error: { code: "provider_unavailable", message: "m", request_id: "r" } };
  const headers = { "Content-Type": "application/json", "X-Session-Id": "s" };
  ways.set("POST /chat/messages", () => new Response(JSON.stringify(body), { status: 503, headers }));
  const kept = [message("l", null, "failed", "Hello")];
  ways.set(READ, () => json({ session: { id: "s" }, messages: kept, next_before: null }));
  const turn = conversation.takeDraft();
  if (!turn) throw new Error("nothing is under way");
  const sessions: [string, boolean][] = [];
  await conversation.submit(turn, (sessionId, isAccepted) => void sessions.push([sessionId, isAccepted]));
  expect(sessions).toEqual([["s", false]]);
  expect(conversation.id.value).toBe("s");
  expect(conversation.messages.value.map(({ text, problem }) => [text.value, problem.value?.code])).toEqual([
    ["Hello", "provider_unavailable"],
  ]);
  expect([conversation.problem.value, conversation.outbox.pending, conversation.draft.text.value]).toEqual([
    null,
    null,
    "",
  ]);
  conversation.draft.text.value = "Next";
  expect(sessionStorage.getItem("edgewise.draft.s")).toBe("Next");
  expect(new Conversation(null).draft.text.value, "the next new chat").toBe("");
});

test("what is said while an answer is being written goes out after it, or back to the field", async () => {
  const conversation = await opened();
  const begin = beginsLate();
  ways.set(STOP, () => json(message("m", "l", "stopped", "")));
  const ending = conversation.submit(conversation.thread.sendingOf("Hello"), () => undefined);
  for (const words of ["One", "Two"]) {
    conversation.draft.text.value = words;
    expect(conversation.takeDraft()).toBeNull();
  }
  expect(conversation.takeWaiting(true), "something is under way").toBeNull();
  begin();
  conversation.stop();
  await ending;
  expect(conversation.takeWaiting(true)?.turn).toMatchObject({ do: "send", content: "One" });
  conversation.outbox.enqueue("Three");
  expect(conversation.takeWaiting(false)).toBeNull();
  expect(conversation.draft.text.value).toBe("Two\n\nThree");
});

test("the same words written again while the first are on their way stay, also when those are accepted", async () => {
  const conversation = await opened();
  const begin = beginsLate();
  ways.set(STOP, () => json(message("m", "l", "stopped", "")));
  conversation.draft.text.value = "yes";
  const turn = conversation.takeDraft();
  if (!turn) throw new Error("nothing is under way");
  const ending = conversation.submit(turn, () => undefined);
  for (const words of ["y", "ye", "yes"]) conversation.draft.text.value = words;
  begin();
  await vi.advanceTimersByTimeAsync(0);
  expect(conversation.draft.text.value).toBe("yes");
  conversation.stop();
  await ending;
  expect([conversation.draft.text.value, localStorage.getItem("edgewise.draft.s")]).toEqual(["yes", "yes"]);
});

test("what is sent while the chat is still being read comes after what was said there", async () => {
  let arrive = (): void => undefined;
  const late = new Promise<void>((resolve) => (arrive = resolve));
  const kept = [message("a", null, "complete", "Before"), message("b", "a", "complete", "An answer")];
  ways.set(READ, async () => {
    await late;
    return json({ session: { id: "s" }, messages: kept, next_before: null });
  });
  const body = { session_id: "s", message: message("m", "l", "complete", "Yes.") };
  const headers = { "Content-Type": "application/json", "X-Message-Id": "m", "X-User-Message-Id": "l" };
  ways.set(SEND, () => new Response(JSON.stringify(body), { headers }));
  const conversation = new Conversation("s");
  const reading = conversation.read();
  const ending = conversation.submit(conversation.thread.sendingOf("Hello"), () => undefined);
  await vi.advanceTimersByTimeAsync(3000);
  expect(conversation.outgoing.value).toBe("Hello");
  arrive();
  await Promise.all([reading, ending]);
  expect(conversation.messages.value.map(({ text }) => text.value)).toEqual(["Before", "An answer", "Hello", "Yes."]);
  // Another device has said something between.
  const between = [message("c", "b", "complete", "Elsewhere"), message("l", "c", "complete", "Hello"), body.message];
  kept.push(...between);
  await conversation.thread.refresh();
  expect(conversation.messages.value.map(({ id }) => id)).toEqual(["a", "b", "c", "l", "m"]);
});

test("a tab that was left while words were on their way, and cannot ask about them, shows them", async () => {
  const left = new Conversation("s");
  ways.set(SEND, () => new Promise(() => undefined));
  left.draft.text.value = "Hello";
  void left.submit(left.takeDraft() ?? left.thread.sendingOf(""), () => undefined);
  ways.set(READ, () => Promise.reject(new TypeError("no network")));
  const conversation = new Conversation("s");
  await conversation.read();
  expect([conversation.draft.text.value, conversation.problem.value?.code]).toEqual(["Hello", "offline"]);
  ways.set(READ, () => json({ session: { id: "s" }, messages: [], next_before: null }));
  await conversation.read();
  expect(conversation.problem.value, "what was wrong is right again").toBeNull();
  const turn = conversation.takeLeft();
  expect([turn, conversation.draft.text.value]).toEqual([{ do: "send", content: "Hello", parentId: null }, ""]);
});

test("a sign-in page that answers 404 does not say that a chat is gone", async () => {
  ways.set(READ, () => new Response("<h1>Sign in</h1>", { status: 404, headers: { "Content-Type": "text/html" } }));
  expect((await opened()).thread.reading.value).toBe("failed");
  const error = { code: "session_not_found", message: "m", request_id: "r" };
  ways.set(READ, () => json({ error }, 404));
  expect((await opened()).thread.reading.value).toBe("missing");
  // Others write such words, too.
  ways.set(READ, () => json({ error: { code: "session_not_found", message: "m" } }, 404));
  expect((await opened()).thread.reading.value).toBe("failed");
});

test("what fails because the page is left gives nothing back: the next page sends it", async () => {
  const conversation = new Conversation(null);
  let fail = (): void => undefined;
  ways.set("POST /chat/messages", () => new Promise((_, reject) => (fail = () => reject(new TypeError("left")))));
  conversation.draft.text.value = "First";
  void conversation.submit(conversation.takeDraft() ?? conversation.thread.sendingOf(""), () => undefined);
  conversation.draft.text.value = "Second";
  conversation.takeDraft();
  await vi.advanceTimersByTimeAsync(0);
  dispatchEvent(new Event("beforeunload"));
  fail();
  await vi.advanceTimersByTimeAsync(0);
  const reloaded = new Conversation(null);
  expect(reloaded.outbox.waiting.value.map(({ text }) => text)).toEqual(["Second"]);
  expect([reloaded.takeLeft(), conversation.draft.text.value]).toEqual([conversation.thread.sendingOf("First"), ""]);
  await vi.advanceTimersByTimeAsync(1000);
  expect(conversation.draft.text.value, "it was not left").toBe("First\n\nSecond");
});

test("earlier messages that are being read are waited for, and not asked for twice", async () => {
  const newest = [message("b", "a", "complete", "newest")];
  ways.set(READ, () => json({ session: { id: "s" }, messages: newest, next_before: "b" }));
  const conversation = await opened();
  let answer = (): void => undefined;
  const page = new Promise<void>((resolve) => (answer = resolve));
  ways.set(READ, async () => {
    await page;
    return json({ session: { id: "s" }, messages: [message("a", null, "complete", "earlier")], next_before: null });
  });
  const first = conversation.thread.readEarlier(() => undefined);
  const second = conversation.thread.readEarlier(() => undefined).then(() => conversation.thread.earlier.value);
  answer();
  expect(await second).toBe(null);
  await first;
  expect(asked(READ)).toHaveLength(2);
  expect(conversation.thread.all.map(({ id }) => id)).toEqual(["a", "b"]);
});

const refused = (code: string, status: number) => () =>
  json({ error: { code, message: "m", request_id: "r" } }, status);

test("what is refused stands before what waited for it, and nothing twice once the server has it", async () => {
  const conversation = await opened();
  let refuse = (): void => undefined;
  const answer = new Promise<void>((resolve) => (refuse = resolve));
  ways.set(SEND, async () => {
    await answer;
    return refused("storage_unavailable", 503)();
  });
  conversation.draft.text.value = "one";
  const turn = conversation.takeDraft();
  if (!turn) throw new Error("it goes out at once");
  const sending = conversation.submit(turn, () => undefined);
  for (const text of ["two", "three"]) {
    conversation.draft.text.value = text;
    expect(conversation.takeDraft()).toBeNull();
  }
  refuse();
  await vi.advanceTimersByTimeAsync(60_000);
  await sending;
  expect(conversation.draft.text.value).toBe("one\n\ntwo\n\nthree");
  const kept = [{ ...message("l", null, "failed", "one"), role: "user" }];
  ways.set(READ, () => json({ session: { id: "s" }, messages: kept, next_before: null }));
  await conversation.thread.refresh();
  conversation.findAccepted();
  expect(conversation.draft.text.value).toBe("two\n\nthree");
});

test("an API that is switched off does not know which chats there are", async () => {
  ways.set(READ, refused("not_found", 404));
  expect((await opened()).thread.reading.value).toBe("failed");
  ways.set(READ, refused("session_not_found", 404));
  expect((await opened()).thread.reading.value).toBe("missing");
});

test("why an answer could not be saved again is told", async () => {
  const running = [message("l", null, "complete", "Hello"), message("m", "l", "complete", "Half")];
  ways.set(READ, () => json({ session: { id: "s" }, messages: running, next_before: null }));
  const conversation = await opened();
  const answer = conversation.messages.value.at(-1);
  if (!answer) throw new Error("there is an answer");
  answer.isUnsaved.value = true;
  vi.stubGlobal("fetch", () => Promise.reject(new TypeError("offline")));
  await saveAgain(conversation, answer);
  expect(answer.problem.value?.code).toBe("offline");
});
