// @vitest-environment node
/** What the worker that reads a file says of it: of archives, of all three kinds of chats, and of files that are none or too large. */
import { strToU8, zipSync } from "fflate";
import { beforeAll, expect, test, vi } from "vitest";
import { jsonOf } from "../export/json.ts";
import { chatWith } from "../export/written.ts";
import type { Order, Reply } from "./reader.ts";

let heard: (reply: Reply) => void;
beforeAll(async () => {
  vi.stubGlobal("onmessage", null);
  vi.stubGlobal("postMessage", (reply: Reply) => heard(reply));
  await import("./reader.ts");
});

/** What it answers. */
function told(data: Order): Promise<Reply> {
  return new Promise((resolve) => {
    heard = resolve;
    (onmessage as unknown as (event: { data: Order }) => void)({ data });
  });
}

type Bytes = Uint8Array<ArrayBuffer>;
const read = (bytes: string | Bytes) => told({ file: new File([bytes], "any name") });
const zipped = (files: Record<string, string>) =>
  zipSync(Object.fromEntries(Object.entries(files).map(([name, text]) => [name, strToU8(text)])));

const claude = (uuid: string, updated_at: string, ...texts: string[]) => ({
  uuid,
  name: `Chat ${uuid}`,
  updated_at,
  chat_messages: texts.map((text, at) => ({ uuid: `${at}`, sender: at % 2 ? "assistant" : "human", text })),
});
const chatGpt = (title: string, update_time: number, text: string) => ({
  title,
  update_time,
  current_node: "q",
  mapping: {
    q: { parent: null, message: { author: { role: "user" }, content: { content_type: "text", parts: [text] } } },
  },
});
const NONE = { kind: "failed", why: "no_chats" };
const TOO_LARGE = { kind: "failed", why: "too_large" };

/** What is in a file, without where it stands there. */
async function offered(bytes: string | Bytes): Promise<unknown> {
  const reply = await read(bytes);
  return reply.kind === "chats" ? reply.chats.map(({ title, messages }) => [title, messages]) : reply;
}

/** Where a text stands in a file. */
const places = (bytes: Bytes, sign: number[]) =>
  [...bytes.keys()].filter((at) => sign.every((byte, index) => bytes[at + index] === byte));

/** An archive whose lists of contents say that its first file is so large. */
function declaring(bytes: Bytes, size: number): Bytes {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  for (const at of places(bytes, [0x50, 0x4b, 1, 2])) view.setUint32(at + 24, size, true);
  return bytes;
}

test("Claude's chats, the newest first, and what of them comes in", async () => {
  const chats = [
    claude("old", "2025-01-01T00:00:00Z", "How?", "So."),
    claude("new", "2026-01-01T00:00:00Z", "Why?"),
    claude("empty", "2026-01-01T00:00:00Z"),
  ];
  expect(await offered(JSON.stringify(chats))).toEqual([
    ["Chat new", 1],
    ["Chat old", 2],
  ]);
  const reply = await told({ parts: 0 });
  expect(
    reply.kind === "parts" && reply.parts.flat().map(({ role, content, parent }) => [role, content, parent]),
  ).toEqual([
    ["user", "How?", null],
    ["assistant", "So.", 0],
  ]);
});

test("what this page exports comes in as it was, with all its versions", async () => {
  const chat = chatWith(["Why?", "The moon.", "And?"]);
  const [question, answer] = chat.messages;
  if (!question || !answer) throw new Error("no messages");
  const other = { ...answer, id: "other", content: "The sun.", status: "stopped" as const };
  const text = jsonOf({ ...chat, messages: [...chat.messages, other], leaf: "m2" }, new Date("2026-11-29T00:00:00Z"));
  expect(await offered(text)).toEqual([["Tides", 4]]);
  const reply = await told({ parts: 0 });
  const said_at = (second: number) => Date.UTC(2026, 10, 28, 9, 0, second) / 1000;
  expect(reply).toMatchObject({
    parts: [
      [
        { parent: null, role: "user", content: "Why?", is_cut: false, model: null, said_at: said_at(0) },
        { parent: 0, content: "The sun.", is_cut: true, model: "Model-8B" },
        // What was on screen is the last.
        { parent: 0, role: "assistant", content: "The moon.", is_cut: false, model: "Model-8B", said_at: said_at(1) },
        { parent: 2, content: "And?" },
      ],
    ],
  });
});

test("all files of chats in an archive are read, whatever else is in it", async () => {
  const archive = zipped({
    "export/conversations-000.json": JSON.stringify([chatGpt("One", 1, "first")]),
    "export/conversations-001.json": JSON.stringify([chatGpt("Two", 3, "second")]),
    "conversations.json": JSON.stringify([claude("x", "1970-01-01T00:00:02Z", "third")]),
    "export/user.json": JSON.stringify([chatGpt("Not this", 9, "never")]),
    "my-conversations.json": JSON.stringify([chatGpt("Nor this", 9, "never")]),
    "chat.html": "<h1>no</h1>",
  });
  expect(await offered(archive)).toEqual([
    ["Two", 1],
    ["Chat x", 1],
    ["One", 1],
  ]);
});

test("an archive that is broken, or has no chats in it, is told as such", async () => {
  const archive = zipped({ "conversations.json": JSON.stringify([chatGpt("One", 1, "word ".repeat(1_000))]) });
  expect(await read(archive.slice(0, archive.length / 2)), "cut").toEqual(NONE);
  expect(await read(strToU8("PK\u0003\u0004 and nothing more")), "no archive").toEqual(NONE);
  const spoiled = archive.slice();
  spoiled.fill(0xff, 60, 90);
  expect(await read(spoiled), "spoiled").toEqual(NONE);
  expect(await read(zipped({ "chat.html": "<h1>no</h1>" })), "nothing of it").toEqual(NONE);
  expect(await read(new Uint8Array([0x7b, 0xff, 0xfe, 0x7d])), "no UTF-8").toEqual(NONE);
  expect(await read(""), "nothing at all").toEqual(NONE);
});

test("what is larger than 300 MB is not read, nor unpacked", async () => {
  const file = new File(["[]"], "conversations.json");
  Object.defineProperty(file, "size", { value: 300_000_001 });
  const reading = vi.spyOn(file, "arrayBuffer");
  expect(await told({ file })).toEqual(TOO_LARGE);
  expect(reading).not.toHaveBeenCalled();

  const archive = () => zipped({ "conversations.json": JSON.stringify([chatGpt("One", 1, "word ".repeat(1_000))]) });
  expect(await read(declaring(archive(), 300_000_001)), "as it says itself").toEqual(TOO_LARGE);
  const text = JSON.stringify([chatGpt("One", 1, "first")]);
  const both = declaring(zipped({ "conversations-0.json": text, "conversations-1.json": text }), 200_000_000);
  expect(await read(both), "all together").toEqual(TOO_LARGE);
  // What holds more than it says has no more room than that.
  expect(await read(declaring(archive(), 100)), "more than it says").toEqual(NONE);
});

test("a chat has the same digest in another file, with another title and beside others; and no other chat has it", async () => {
  const digests = async (...chats: object[]) => {
    await read(JSON.stringify(chats));
    const found: string[] = [];
    for (const parts of chats.keys()) {
      const reply = await told({ parts });
      if (reply.kind === "parts") found.push(reply.digest);
    }
    return found;
  };
  const chat = claude("c", "2026-01-01T00:00:00Z", "How?", "So.");
  const [digest = ""] = await digests(chat);
  expect(digest).toMatch(/^[0-9a-f]{64}$/);
  const renamed = { ...chat, name: "Renamed", updated_at: "2026-02-02T00:00:00Z" };
  expect((await digests(claude("before", "2027-01-01T00:00:00Z", "Why?"), renamed))[1]).toBe(digest);
  for (const other of [
    claude("d", "2026-01-01T00:00:00Z", "How?", "So."),
    claude("c", "2026-01-01T00:00:00Z", "How?", "So.", "And?"),
  ])
    expect((await digests(other))[0]).not.toBe(digest);
});
