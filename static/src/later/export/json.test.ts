/** The promise of the JSON format: what was written is read back, branches and all, and nothing else is taken for it. */
import { signal } from "@preact/signals";
import { expect, test } from "vitest";
import type { Role } from "../../api/types.ts";
import { newMessage } from "../../state/conversation/message.ts";
import { Thread } from "../../state/conversation/thread.ts";
import { branchOf } from "./chat.ts";
import { chatOf, jsonOf } from "./json.ts";
import { asRead } from "./withWhatIsHere.ts";
import { chatWith } from "./written.ts";

const NOW = new Date("2026-11-28T10:00:00Z");

test("a chat with all its branches comes back as it was", () => {
  const chat = chatWith(["Hi", "```\nopen", '"quotes" \\ \u2028 \u202e 😀', "", "# You"]);
  const more = { id: "m9", parent_id: "m0", role: "assistant", status: "stopped" } as const;
  const whole = { ...chat, messages: [...chat.messages, ...chatWith(["Another"], more).messages], leaf: "m4" };
  const text = jsonOf(whole, NOW);
  expect(chatOf(text)).toEqual(whole);
  expect(JSON.parse(text)).toMatchObject({ format: "edgewise-chat", version: 1, ai_generated: true, complete: true });
  expect(branchOf(chatOf(text)).map(({ id }) => id)).toEqual(["m0", "m1", "m2", "m3", "m4"]);
  // Without a word about it the newest one.
  expect(branchOf({ ...whole, leaf: null }).map(({ id }) => id)).toEqual(["m0", "m9"]);
});

test("a chat that only the page has is written as one that was read", () => {
  const thread = new Thread(signal("temporary"));
  const said = (id: string, parentId: string | null, role: Role, text: string) =>
    newMessage({ id, parentId, role, createdAt: "2026-11-28T09:00:00Z" }, text, "complete");
  const answer = said("b", "a", "assistant", "Hello");
  answer.head = new Headers({ "X-Model": "Model-8B" });
  thread.add([said("a", null, "user", "Hi"), answer, said("c", "a", "assistant", "Hel")]);
  thread.choose(answer);
  const { session } = chatWith([]);
  const back = chatOf(jsonOf({ session, ...asRead({ thread, messages: thread.messages }) }, NOW));
  expect(back.messages.map(({ id, model, content }) => [id, model, content])).toEqual([
    ["a", null, "Hi"],
    ["b", "Model-8B", "Hello"],
    ["c", null, "Hel"],
  ]);
  expect(back.leaf).toBe("b");
});

test("an answer that is still being written is told", () => {
  expect(JSON.parse(jsonOf(chatWith(["Hi"], { status: "streaming" }), NOW))).toMatchObject({ complete: false });
});

test("what is more in a file of a later time does no harm", () => {
  const file = JSON.parse(jsonOf(chatWith(["Hi", "Hello"]), NOW)) as Record<string, unknown>;
  expect(chatOf(JSON.stringify({ ...file, colour: "green" }))).toEqual(chatWith(["Hi", "Hello"]));
});

const good = () => JSON.parse(jsonOf(chatWith(["Hi", "Hello"]), NOW)) as { messages: object[] };
test.each([
  ["another format", { ...good(), format: "chat" }],
  ["a later version", { ...good(), version: 2 }],
  ["no messages", { ...good(), messages: {} }],
  ["a message twice", { ...good(), messages: [...good().messages, ...good().messages] }],
  ["a message that follows none", { ...good(), messages: good().messages.slice(1) }],
  ["a message of nobody", { ...good(), messages: [{ ...good().messages[0], role: "god" }] }],
  ["a number for a text", { ...good(), messages: [{ ...good().messages[0], content: 5 }] }],
  ["no time", { ...good(), messages: [{ ...good().messages[0], created_at: "soon" }] }],
  ["a list", []],
])("%s is refused", (_, file) => {
  expect(() => chatOf(JSON.stringify(file))).toThrow(TypeError);
});
