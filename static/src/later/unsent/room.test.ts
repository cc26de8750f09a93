/** What is sent without a connection waits, goes out once and in order, and what is in its way decides whether it goes on to wait. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { isReachable } from "../../api/reachability.ts";
import { room } from "../../state/conversation/room.ts";
import { current, sendDraft } from "../../state/conversations.ts";
import { notices } from "../../state/notices.ts";
import { openSessionId } from "../../state/route.ts";
import { change, unsent } from "./kept.ts";
import "./room.ts";
import { words } from "./strings.ts";

interface Sent {
  path: string;
  key: string | null;
  content: string;
}

const sent: Sent[] = [];
/** What the server says to the words of that content; null: it accepts them. */
let refuse: (content: string) => Response | null;
let answers = 0;
/** Each test makes another chat. */
let chat = 0;

const json = (body: unknown, status = 200, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify(body), { status, headers: { "Content-Type": "application/json", ...headers } });
const refusal = (status: number, code: string) => json({ error: { code, message: "m", request_id: "r" } }, status);

const online = (is: boolean) => dispatchEvent(new Event(is ? "online" : "offline"));

async function say(...texts: string[]): Promise<void> {
  for (const text of texts) {
    current.value.draft.text.value = text;
    await sendDraft(current.value);
  }
}

const waiting = () => current.value.waiting.value.map(({ text }) => text);

beforeEach(() => {
  localStorage.setItem("edgewise.token", "t");
  history.replaceState(null, "", "/");
  dispatchEvent(new PopStateEvent("popstate"));
  sent.length = 0;
  chat += 1;
  refuse = () => null;
  vi.stubGlobal("fetch", (path: string, init: RequestInit) => {
    if (init.method !== "POST" || !path.endsWith("/messages"))
      return Promise.resolve(
        json({ sessions: [], messages: [], total: 0, page: 1, total_pages: 1, next_before: null }),
      );
    const { content } = JSON.parse(init.body as string) as { content: string };
    sent.push({ path, key: new Headers(init.headers).get("Idempotency-Key"), content });
    const refused = refuse(content);
    if (refused) return Promise.resolve(refused);
    const id = `m${String(++answers).padStart(4, "0")}`;
    const message = { id, parent_id: `${id}q`, role: "assistant", status: "complete", content: "Yes.", created_at: "" };
    return Promise.resolve(
      json({ message }, 200, { "X-Session-Id": `s${chat}`, "X-Message-Id": id, "X-User-Message-Id": `${id}-` }),
    );
  });
});
afterEach(() => {
  change(() => []);
  current.value.draft.text.value = "";
  isReachable.value = true;
  online(true);
  vi.unstubAllGlobals();
});

test("words that are said without a connection leave the field, wait under a key each, and go out in order into one chat", async () => {
  online(false);
  await say("one", "two", "three");
  expect(current.value.draft.text.value).toBe("");
  expect(waiting()).toEqual(["one", "two", "three"]);
  expect(sent).toEqual([]);
  const keys = unsent.value.map(({ key }) => key);
  expect(new Set(keys).size).toBe(3);
  online(true);
  await vi.waitFor(() => expect(unsent.value).toEqual([]));
  expect(sent.map(({ content }) => content)).toEqual(["one", "two", "three"]);
  expect(sent.map(({ key }) => key)).toEqual(keys);
  expect(sent.map(({ path }) => path)).toEqual([
    "/api/v1/chat/messages",
    `/api/v1/chat/sessions/s${chat}/messages`,
    `/api/v1/chat/sessions/s${chat}/messages`,
  ]);
});

test("what the server refuses stands in the field again with all that was said after it", async () => {
  online(false);
  await say("one", "two");
  refuse = () => refusal(413, "message_too_long");
  online(true);
  await vi.waitFor(() => expect(unsent.value).toEqual([]));
  expect(sent.length).toBe(1);
  expect(current.value.draft.text.value).toBe("one\n\ntwo");
});

test("a connection that is lost again is waited for, and what was tried keeps its key", async () => {
  online(false);
  await say("one");
  refuse = () => {
    throw new TypeError("Failed to fetch");
  };
  online(true);
  await vi.waitFor(() => expect(current.value.problem.value?.code).toBe("offline"));
  expect(waiting()).toEqual(["one"]);
  expect(current.value.draft.text.value).toBe("");
  online(false);
  refuse = () => null;
  isReachable.value = true;
  online(true);
  await vi.waitFor(() => expect(unsent.value).toEqual([]));
  expect(sent.map(({ content }) => content)).toEqual(["one", "one"]);
  expect(new Set(sent.map(({ key }) => key)).size).toBe(1);
});

test("what was tried with a connection, and failed, waits under the key it had", async () => {
  refuse = () => {
    throw new TypeError("Failed to fetch");
  };
  await say("one");
  expect(current.value.draft.text.value).toBe("one");
  online(false);
  await say("one");
  expect(unsent.value.map(({ key }) => key)).toEqual([sent[0]?.key]);
  expect(room.value?.has(sent[0]?.key ?? "")).toBe(true);
});

test("what is taken back stands in the field, and does not go out", async () => {
  online(false);
  await say("one", "two");
  const [first] = current.value.waiting.value;
  if (!first) throw new Error("nothing waits");
  current.value.takeBack(first);
  online(true);
  await vi.waitFor(() => expect(unsent.value).toEqual([]));
  expect(sent.map(({ content }) => content)).toEqual(["two"]);
});

test("what the browser cannot keep stays in the field, and is sent from there", () => {
  online(false);
  const full = vi.spyOn(Storage.prototype, "setItem").mockImplementation(() => {
    throw new DOMException("full", "QuotaExceededError");
  });
  current.value.draft.text.value = "one";
  expect(room.value?.takes(current.value)).toBe(false);
  expect(waiting()).toEqual([]);
  expect(current.value.draft.text.value).toBe("one");
  full.mockRestore();
});

test("a server that fails is asked again, later each time, and everything goes on to wait as it was said", async () => {
  vi.useFakeTimers();
  try {
    online(false);
    await say("one", "two");
    refuse = () => refusal(503, "internal");
    online(true);
    await vi.advanceTimersByTimeAsync(1000);
    expect(waiting()).toEqual(["one", "two"]);
    expect(current.value.draft.text.value).toBe("");
    expect(sent.length).toBe(1);
    await vi.advanceTimersByTimeAsync(20_000);
    expect(sent.map(({ content }) => content)).toEqual(["one", "one", "one", "one"]);
    refuse = () => null;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(unsent.value).toEqual([]);
    expect(sent.slice(3).map(({ content }) => content)).toEqual(["one", "one", "two"]);
  } finally {
    vi.useRealTimers();
  }
});

test("a network that loses every message, but answers otherwise, is not tried every moment", async () => {
  vi.useFakeTimers();
  try {
    online(false);
    await say("one");
    refuse = () => {
      throw new TypeError("Failed to fetch");
    };
    online(true);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(sent.length).toBeGreaterThan(2);
    expect(sent.length).toBeLessThan(8);
    expect(waiting()).toEqual(["one"]);
  } finally {
    vi.useRealTimers();
  }
});

test("the same words, said again while they wait, are another message", async () => {
  online(false);
  await say("yes");
  refuse = () => {
    throw new TypeError("Failed to fetch");
  };
  online(true);
  await vi.waitFor(() => expect(current.value.problem.value?.code).toBe("offline"));
  online(false);
  await say("yes");
  expect(new Set(unsent.value.map(({ key }) => key)).size).toBe(2);
  refuse = () => null;
  isReachable.value = true;
  online(true);
  await vi.waitFor(() => expect(unsent.value).toEqual([]));
  expect(sent.map(({ content }) => content)).toEqual(["yes", "yes", "yes"]);
});

test("what another tab is sending cannot be taken back meanwhile", async () => {
  online(false);
  await say("one", "two");
  // This tab must not send it itself.
  refuse = () => refusal(503, "internal");
  online(true);
  await vi.waitFor(() => expect(current.value.problem.value?.status).toBe(503));
  change((all) => all.map((one, at) => ({ ...one, isGoing: at === 0 })));
  expect(current.value.waiting.value.map(({ isGoing = false }) => isGoing)).toEqual([true, false]);
  // None sends without a connection, whatever a tab that was closed has left.
  online(false);
  expect(current.value.waiting.value.map(({ isGoing = false }) => isGoing)).toEqual([false, false]);
});

test("it is marked while it is on its way, for other tabs", async () => {
  online(false);
  await say("one");
  const marks: unknown[] = [];
  refuse = () => {
    marks.push(unsent.value.map(({ isGoing }) => isGoing));
    return refusal(503, "internal");
  };
  online(true);
  await vi.waitFor(() => expect(current.value.problem.value?.status).toBe(503));
  await vi.waitFor(() => expect(unsent.value.map(({ isGoing }) => isGoing)).toEqual([false]));
  expect(marks).toEqual([[true]]);
});

test("what waited for an answer goes before what is said without a connection, under its key", async () => {
  current.value.outbox.enqueue("one");
  const [first] = current.value.outbox.waiting.value;
  online(false);
  await say("two");
  expect(waiting()).toEqual(["one", "two"]);
  expect(current.value.outbox.waiting.value).toEqual([]);
  expect(unsent.value[0]?.key).toBe(first?.key);
});

test("the words to a chat that was deleted meanwhile stand in a new one", async () => {
  history.replaceState(null, "", "/c/gone");
  dispatchEvent(new PopStateEvent("popstate"));
  online(false);
  await say("one", "two");
  expect(unsent.value.map(({ session }) => session)).toEqual(["gone", "gone"]);
  refuse = () => refusal(404, "session_not_found");
  online(true);
  await vi.waitFor(() => expect(unsent.value).toEqual([]));
  expect(current.value.draft.text.value).toBe("");
  notices.value.at(-1)?.action?.run();
  expect(openSessionId.value).toBe(null);
  expect(current.value.draft.text.value).toBe("one\n\ntwo");
});

test("what comes after something too old says that it waits for that", async () => {
  online(false);
  await say("one", "two");
  change((all) => all.map((one, at) => (at === 0 ? { ...one, at: 0 } : one)));
  expect(current.value.waiting.value.map(({ state }) => state)).toEqual([words.ask, words.after]);
});

test("a tab that nobody looks at leaves it to the others for a moment", async () => {
  vi.useFakeTimers();
  const hidden = vi.spyOn(document, "hidden", "get").mockReturnValue(true);
  vi.stubGlobal("navigator", { onLine: true, locks: { request: (_: string, work: () => Promise<void>) => work() } });
  try {
    online(false);
    await say("one");
    online(true);
    await vi.advanceTimersByTimeAsync(2900);
    expect(sent).toEqual([]);
    await vi.advanceTimersByTimeAsync(1000);
    expect(sent.length).toBe(1);
    expect(unsent.value).toEqual([]);
  } finally {
    hidden.mockRestore();
    vi.useRealTimers();
  }
});
