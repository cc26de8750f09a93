/** What the server says of a conversation, beside what happens in it meanwhile. */
import { signal } from "@preact/signals";
import { expect, test } from "vitest";
import type { Message, MessageStatus } from "../../api/types.ts";
import { newMessage } from "./message.ts";
import { Thread } from "./thread.ts";

function message(
  id: string,
  content: string,
  status: MessageStatus = "complete",
  parent: string | null = null,
): Message {
  const kept = { session_id: "s", model: null, token_count: null, created_at: "", vote: null };
  return { ...kept, id, parent_id: parent, role: parent ? "assistant" : "user", status, content };
}

function texts(thread: Thread): string[] {
  return thread.messages.value.map(({ text, status }) => `${status.value}: ${text.value}`);
}

function opened(...messages: Message[]): Thread {
  const thread = new Thread(signal("s"));
  thread.mergeNewest(messages, true, thread.changes.ask());
  return thread;
}

test("an answer that never began is taken away when the server does not have it", () => {
  const thread = opened(message("a", "Hello", "failed"));
  thread.add([newMessage({ id: "b", parentId: "a", role: "assistant" }, "", "streaming")]);
  thread.mergeNewest([message("a", "Hello", "failed")], true, thread.changes.ask());
  expect(texts(thread)).toEqual(["failed: Hello"]);
});

test("what was asked for before an answer began takes it neither away nor back", () => {
  const thread = opened(message("a", "Hello"), message("b", "Half", "stopped", "a"));
  const asked = thread.changes.ask();
  const answer = thread.find("b");
  if (!answer) throw new Error("it is there");
  thread.add([answer, newMessage({ id: "c", parentId: "b", role: "user" }, "More", "complete")]);
  answer.text.value = "Half and the rest";
  answer.status.value = "complete";
  thread.mergeNewest([message("a", "Hello"), message("b", "Half", "stopped", "a")], true, asked);
  expect(texts(thread)).toEqual(["complete: Hello", "complete: Half and the rest", "complete: More"]);
});

test("words that were read stay while the server has fewer and still works on them", () => {
  const thread = opened(message("a", "Hello"), message("b", "Half an answer", "streaming", "a"));
  thread.mergeNewest([message("a", "Hello"), message("b", "", "streaming", "a")], true, thread.changes.ask());
  expect(texts(thread)).toEqual(["complete: Hello", "streaming: Half an answer"]);
  thread.mergeNewest([message("a", "Hello"), message("b", "Half an", "interrupted", "a")], true, thread.changes.ask());
  expect(texts(thread), "what is kept in the end is what there is").toEqual([
    "complete: Hello",
    "interrupted: Half an",
  ]);
});

test("a page of the newest says nothing of what is older", () => {
  const thread = opened(message("a", "old"), message("b", "newer", "complete", "a"), message("c", "newest"));
  expect(thread.mergeNewest([message("b", "newer", "complete", "a")], false, thread.changes.ask())).toBe(false);
  expect(thread.all.map(({ id }) => id)).toEqual(["a", "b"]);
  expect(thread.mergeNewest([message("x", "long after")], false, thread.changes.ask()), "they do not join").toBe(true);
  expect(thread.all.map(({ id }) => id)).toEqual(["x"]);
});
