/** One asking has one key, until it was taken. */
import { beforeEach, expect, test } from "vitest";
import { foundIn, pendingOf, setOut, settle, turnBack } from "./pending.ts";
import type { Turn } from "../../api/messages.ts";

const HELLO: Turn = { do: "send", content: "Hello", parentId: null };
const AGAIN: Turn = { do: "regenerate", messageId: "b" };

beforeEach(() => {
  sessionStorage.clear();
});

test("what is asked for again has the key it had, also after the visitor was told that it failed", () => {
  const first = setOut("s", HELLO, "a");
  turnBack("s");
  expect(pendingOf("s")).toEqual({ ...first, isOpen: false });
  expect(setOut("s", HELLO, "c")).toEqual(first);
});

test("what fails because the page is left is not known to have failed", () => {
  setOut("s", HELLO, "a");
  dispatchEvent(new Event("beforeunload"));
  turnBack("s");
  expect(pendingOf("s")?.isOpen).toBe(true);
  // It was not left after all, as after a download.
  setOut("s", HELLO, "a");
  turnBack("s");
  expect(pendingOf("s")?.isOpen).toBe(false);
});

test("other words, another session and what was taken have other keys", () => {
  const keys = [setOut("s", HELLO, "a"), setOut("s", { ...HELLO, content: "Hello!" }, "a"), setOut(null, HELLO, "")];
  settle(null);
  expect(pendingOf(null)).toBeNull();
  keys.push(setOut(null, HELLO, ""), setOut("s", AGAIN, "a"));
  expect(new Set(keys.map(({ key }) => key)).size).toBe(keys.length);
  for (const { key } of keys) expect(key).toMatch(/^[0-9a-f]{32}$/);
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
