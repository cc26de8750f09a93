/** Chats of three kinds of files, with what is odd in them, and files that are none. */
import { describe, expect, test } from "vitest";
import { type FoundChat, type Sent, inParts, ordered } from "./chat.ts";
import { chatsOf } from "./formats.ts";

const node = (parent: string | null, role: string, parts: unknown[], more: object = {}) => ({
  parent,
  message: { author: { role }, content: { content_type: "text", parts }, create_time: 1_700_000_000.5, ...more },
});

const CHATGPT = {
  id: "g",
  title: "Tides",
  update_time: 1_700_000_100,
  current_node: "b1",
  mapping: {
    root: { parent: null, message: null },
    system: node("root", "system", ["You are"]),
    q: node("system", "user", ["Why tides?", { asset_pointer: "x" }]),
    a1: node("q", "assistant", ["The moon."], { metadata: { model_slug: "gpt-4o" } }),
    tool: node("q", "assistant", ["search()"], { recipient: "browser" }),
    a2: node("tool", "assistant", ["The moon and the sun."], { status: "in_progress" }),
    b1: node("a1", "user", ["And the sun?"]),
  },
};

const CLAUDE = {
  uuid: "c",
  name: "Bread",
  updated_at: "2026-01-02T03:04:05.678Z",
  chat_messages: [
    { uuid: "1", sender: "human", text: "How?", parent_message_uuid: "0", created_at: "2026-01-02T03:04:05Z" },
    { uuid: "2", sender: "assistant", text: "", content: [{ type: "text", text: "Flour." }, { type: "tool_use" }] },
    { uuid: "3", sender: "human", text: "And then?" },
  ],
};

const OURS = {
  format: "edgewise-chat",
  version: 1,
  session: { id: "s", title: null, created_at: "2026-01-01T00:00:00Z", updated_at: "2026-01-01T00:00:00Z" },
  leaf: null,
  messages: [
    ["1", null, "user", "complete", "Hi"],
    ["2", "1", "assistant", "stopped", "Hel"],
  ].map(([id, parent_id, role, status, content]) => ({
    id,
    parent_id,
    role,
    status,
    content,
    model: null,
    token_count: null,
    created_at: "2026-01-01T00:00:00Z",
  })),
};

/** The messages of a chat, as they come in. */
const sent = (chat: FoundChat | undefined): Sent[] => (chat && ordered(chat)) ?? [];
const said = (chat: FoundChat | undefined) =>
  sent(chat).map(({ parent, role, content, is_cut }) => [parent, role, content, is_cut]);

test("ChatGPT's tree comes in without tools and instructions, the branch on screen last", () => {
  const [chat] = chatsOf(JSON.stringify([CHATGPT])) ?? [];
  expect([chat?.id, chat?.title, chat?.at]).toEqual(["g", "Tides", 1_700_000_100_000]);
  expect(said(chat)).toEqual([
    [null, "user", "Why tides?", false],
    [0, "assistant", "The moon and the sun.", true],
    [0, "assistant", "The moon.", false],
    [2, "user", "And the sun?", false],
  ]);
  expect(sent(chat)[2]).toMatchObject({ model: "gpt-4o", said_at: 1_700_000_000 });
});

test("Claude's list comes in one after the other, and our own file as it was", () => {
  expect(said(chatsOf(JSON.stringify([CLAUDE]))?.[0])).toEqual([
    [null, "user", "How?", false],
    [0, "assistant", "Flour.", false],
    [1, "user", "And then?", false],
  ]);
  expect(said(chatsOf(JSON.stringify(OURS))?.[0])).toEqual([
    [null, "user", "Hi", false],
    [0, "assistant", "Hel", true],
  ]);
});

test.each([
  ["HTML", "<!doctype html><p>[]</p>"],
  ["nothing", ""],
  ["a number", "7"],
  ["a list of texts", '["a"]'],
  ["other objects", '[{"title":"x"},{"mapping":[]},{"chat_messages":{}}]'],
  ["deep", "[".repeat(200_000)],
  ["deep and whole", `${"[".repeat(5_000)}${"]".repeat(5_000)}`],
  ["ours, of a later version", JSON.stringify({ ...OURS, version: 2 })],
])("no file of chats: %s", (_, text) => expect(chatsOf(text)).toBeNull());

describe("what a file may hold", () => {
  const chat = (messages: Partial<FoundChat["messages"][0]>[]): FoundChat => ({
    id: null,
    title: "",
    at: null,
    leaf: null,
    messages: messages.map((one, index) => ({
      id: String(index),
      parent: index > 0 ? String(index - 1) : null,
      role: "user",
      text: "x",
      isCut: false,
      model: null,
      at: null,
      ...one,
    })),
  });

  test("what cannot be seen is left out, and what follows it moves up", () =>
    expect(said(chat([{}, { text: " \u200b\n" }, { text: "\ud800y" }]))).toEqual([
      [null, "user", "x", false],
      [0, "user", "\ufffdy", false],
    ]));

  test("a circle is never walked", () => {
    expect(ordered(chat([{ parent: "1" }, { parent: "0" }]))).toBeNull();
    expect(said(chat([{}, { parent: "2" }, { parent: "1" }]))).toEqual([[null, "user", "x", false]]);
  });

  test("two messages of one name do not follow each other for ever", () => {
    const twice = [
      { uuid: "a", sender: "human", text: "" },
      { uuid: "a", sender: "human", text: "" },
    ];
    expect(ordered(chatsOf(JSON.stringify([{ chat_messages: twice }]))?.[0] ?? chat([]))).toBeNull();
  });

  test("a chain of 9,999 is no matter, one of 10,001 is refused", () => {
    expect(ordered(chat(Array.from({ length: 9_999 }, () => ({}))))).toHaveLength(9_999);
    expect(ordered(chat(Array.from({ length: 10_001 }, () => ({}))))).toBeNull();
  });

  test.each([
    ["letters", "x".repeat(300_000)],
    ["three bytes each", "字".repeat(19_000)],
    ["escapes", "\u0001".repeat(20_001) + "y"],
    ["pairs", "😀".repeat(10_000)],
  ])("a text that is too long is cut: %s", (_, text) => {
    const [message] = sent(chat([{ text, role: "assistant" }]));
    const content = message?.content ?? "";
    expect(message?.is_cut).toBe(true);
    expect(content).toMatch(/\[…\]$/);
    expect(content.isWellFormed()).toBe(true);
    expect(Array.from(content).length).toBeLessThanOrEqual(20_000);
    expect(new TextEncoder().encode(content).length).toBeLessThanOrEqual(32_000);
    expect(new TextEncoder().encode(JSON.stringify(message)).length).toBeLessThan(150_000);
  });

  test("parts stay below what the API takes, and lose nothing", () => {
    const messages = sent(chat(Array.from({ length: 500 }, (_, index) => ({ text: "y".repeat(index * 40) }))));
    const parts = inParts(messages);
    expect(parts.flat()).toEqual(messages);
    for (const part of parts) {
      expect(part.length).toBeLessThanOrEqual(200);
      expect(new TextEncoder().encode(JSON.stringify(part)).length).toBeLessThan(155_000);
    }
    expect(inParts([])).toEqual([]);
  });
});
