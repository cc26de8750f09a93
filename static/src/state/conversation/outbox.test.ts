/** One turn has one key, until it was accepted. */
import { signal } from "@preact/signals";
import { beforeEach, expect, test, vi } from "vitest";
import type { Turn } from "../../api/messages.ts";
import { Outbox, foundIn } from "./outbox.ts";

const HELLO: Turn = { do: "send", content: "Hello", parentId: null };
const AGAIN: Turn = { do: "regenerate", messageId: "b" };

beforeEach(() => {
  sessionStorage.clear();
});

test("what is sent again has the key it had, also after the visitor was told that it failed", () => {
  const outbox = new Outbox(signal("s"));
  const { key } = outbox.dispatch(HELLO, "a");
  outbox.reject();
  expect(outbox.pending).toEqual({ turn: HELLO, key, after: "a", isOpen: false, at: expect.any(Number) as number });
  expect(outbox.dispatch(HELLO, "c")).toEqual({ key, isRepeated: true });
  expect(outbox.pending).toEqual({ turn: HELLO, key, after: "a", isOpen: true, at: expect.any(Number) as number });
});

test("what fails because the page is left is not known to have failed", () => {
  const outbox = new Outbox(signal("s"));
  outbox.dispatch(HELLO, "a");
  dispatchEvent(new Event("beforeunload"));
  outbox.reject();
  expect(outbox.pending?.isOpen).toBe(true);
  // It was not left after all, as after a download.
  outbox.dispatch(HELLO, "a");
  outbox.reject();
  expect(outbox.pending?.isOpen).toBe(false);
});

test("other words, another session and what was accepted have other keys", () => {
  const [session, fresh] = [new Outbox(signal("s")), new Outbox(signal(null))];
  const sent = [
    session.dispatch(HELLO, "a"),
    session.dispatch({ ...HELLO, content: "Hello!" }, "a"),
    fresh.dispatch(HELLO, ""),
  ];
  fresh.resolve();
  expect(fresh.pending).toBeNull();
  sent.push(fresh.dispatch(HELLO, ""), session.dispatch(AGAIN, "a"));
  expect(new Set(sent.map(({ key }) => key)).size).toBe(sent.length);
  for (const { key, isRepeated } of sent) {
    expect(key).toMatch(/^[0-9a-f]{32}$/);
    expect(isRepeated).toBe(false);
  }
});

test("a new chat that becomes a session takes along what was sent in it and what waits", () => {
  const id = signal<string | null>(null);
  const outbox = new Outbox(id);
  const { key } = outbox.dispatch(HELLO, "");
  outbox.reject();
  outbox.enqueue("More");
  expect(new Outbox(signal(null)).waiting.value, "before it is a session").toEqual(outbox.waiting.value);
  outbox.adopt("s");
  id.value = "s";
  expect(outbox.dispatch(HELLO, "")).toEqual({ key, isRepeated: true });
  expect(new Outbox(signal(null)).pending, "the next new chat").toBeNull();
  const reloaded = new Outbox(signal("s"));
  expect(reloaded.pending?.key).toBe(key);
  expect(reloaded.waiting.value.map(({ text }) => text)).toEqual(["More"]);
});

test("what waits has its key from the beginning, so that a copy of this tab does not send it twice", () => {
  const outbox = new Outbox(signal("s"));
  outbox.enqueue("Hello");
  const keys = [outbox, new Outbox(signal("s"))].map(({ waiting }) => waiting.value[0]?.key);
  expect(keys[0]).toBe(keys[1]);
  expect(outbox.dispatch(HELLO, "a", keys[0])).toEqual({ key: keys[0], isRepeated: true });
  expect(outbox.pending?.key).toBe(keys[0]);
  outbox.enqueue("Hello");
  expect(outbox.waiting.value[1]?.key, "the same words, said again").not.toBe(keys[0]);
});

test("what came of it is recognised by what is new", () => {
  const message = (id: string, role: "user" | "assistant", value: string, parentId: string | null) => ({
    id,
    role,
    text: { value },
    parentId,
  });
  const before = [message("a", "user", "Hello", null), message("b", "assistant", "Hi", "a")];
  const found = (turn: Turn, ...news: ReturnType<typeof message>[]) =>
    foundIn({ turn, key: "k", after: "b", isOpen: true }, [...before, ...news])?.id;
  expect(found(HELLO)).toBeUndefined();
  expect(found(HELLO, message("c", "user", "Hello?", "b"))).toBeUndefined();
  expect(found(HELLO, message("c", "user", "Hello", "b"))).toBe("c");
  expect(found({ do: "edit", messageId: "a", content: "Hey" }, message("c", "user", "Hey", null))).toBe("c");
  expect(found(AGAIN)).toBeUndefined();
  expect(found(AGAIN, message("c", "assistant", "Ho", "a"))).toBe("c");
  expect(found({ do: "regenerate", messageId: "a" }, message("c", "assistant", "Ho", "a"))).toBe("c");
  expect(found({ do: "continue", messageId: "b" })).toBeUndefined();
});

test("where nothing may be kept a turn has its key as long as the page lives", () => {
  vi.spyOn(Storage.prototype, "setItem").mockImplementation(() => {
    throw new DOMException("denied", "SecurityError");
  });
  const outbox = new Outbox(signal("s"));
  const { key } = outbox.dispatch(HELLO, "a");
  outbox.reject();
  expect(outbox.dispatch(HELLO, "c")).toEqual({ key, isRepeated: true });
  outbox.resolve();
  expect(outbox.pending).toBeNull();
  vi.restoreAllMocks();
});

test("a turn that was sent more than a day ago is late, and one that was just sent is not", () => {
  const outbox = new Outbox(signal("late"));
  expect(outbox.isLate).toBe(false);
  outbox.dispatch({ do: "send", content: "one", parentId: null }, "");
  expect(outbox.isLate).toBe(false);
  vi.setSystemTime(Date.now() + 86_400_001);
  expect(outbox.isLate).toBe(true);
  vi.useRealTimers();
});
