/** A chat is here once, whenever and however often its file is chosen; one that was deleted comes in again. */
import { beforeEach, expect, test, vi } from "vitest";
import { Problem } from "../../api/problem.ts";
import type { Sent } from "./chat.ts";

interface Part {
  import_id: string;
  first: number;
  messages: Sent[];
}
const requestJson = vi.hoisted(() => vi.fn<(path: string, call: { body: Part }) => Promise<unknown>>());
vi.mock("../../api/request.ts", () => ({ requestJson }));
const { BringingIn, importId } = await import("./bringIn.ts");

const message = (content: string): Sent => ({
  parent: null,
  role: "user",
  content,
  is_cut: false,
  model: null,
  said_at: null,
});
const parts = [[message("One"), message("two")], [message("three")], [message("four")]];
const digest = "0123456789abcdef".repeat(4);
/** The chat, as a dialog finds it in its file. */
const chosen = () => new BringingIn({ parts: () => Promise.resolve({ parts, digest }) });
const chat = { index: 0, title: "Tides", isPinned: false, at: null, messages: 4 };
const bring = (bringing = chosen()) => bringing.all([chat], () => undefined, new AbortController().signal);
const refusal = (code: "session_not_found" | "rate_limited", status: number, retryAfter?: number) =>
  new Problem({ code, status, retryAfter });

/** The server: parts by the chat's name and the number that they begin with, and names that were deleted. */
let kept: Map<string, Set<number>>;
let deleted: Set<string>;
let before: (part: Part) => void;
beforeEach(() => {
  kept = new Map();
  deleted = new Set();
  before = () => undefined;
  requestJson.mockReset();
  requestJson.mockImplementation(async (_, { body }) => {
    await Promise.resolve();
    before(body);
    const { import_id, first } = body;
    if (deleted.has(import_id) || (first > 0 && !kept.has(import_id))) throw refusal("session_not_found", 404);
    kept.set(import_id, (kept.get(import_id) ?? new Set()).add(first));
    return {};
  });
});
const chats = () => [...kept].filter(([id]) => !deleted.has(id)).map(([, firsts]) => [...firsts]);

test("the name of an import is a UUIDv7 that follows from the chat", () => {
  expect(importId(digest, 0)).toBe("016f5e66-e800-7012-8345-6789abcdef01");
  expect(importId(digest, 1)).toBe("016f5e66-e801-7012-8345-6789abcdef01");
});

test("a file that is chosen again, also after the limit of a day, brings in what is missing and nothing twice", async () => {
  let left = 2;
  before = ({ import_id, first }) => {
    if (kept.get(import_id)?.has(first)) return;
    if (left === 0) throw refusal("rate_limited", 429, 40_000);
    left -= 1;
  };
  await expect(bring()).rejects.toMatchObject({ code: "rate_limited" });
  expect(chats()).toEqual([[0, 2]]);
  left = 48;
  await bring();
  await bring();
  expect(chats()).toEqual([[0, 2, 3]]);
});

test("what was deleted here comes in again as another chat, whole, and that is there once, too", async () => {
  await bring();
  deleted.add(importId(digest, 0));
  await bring();
  await bring();
  expect(chats()).toEqual([[0, 2, 3]]);
  deleted.add(importId(digest, 1));
  await bring();
  expect([...kept.keys()]).toEqual([0, 1, 2].map((round) => importId(digest, round)));
  expect(chats()).toEqual([[0, 2, 3]]);
});

test("half a chat that was deleted since the dialog has sent it comes in from its begin", async () => {
  const bringing = chosen();
  before = ({ first }) => {
    if (first === 3) throw new Problem({ code: "offline" });
  };
  await expect(bring(bringing)).rejects.toMatchObject({ code: "offline" });
  deleted.add(importId(digest, 0));
  before = () => undefined;
  await bring(bringing);
  expect(bringing.has(chat)).toBe(true);
  expect(chats()).toEqual([[0, 2, 3]]);
});

test("what somebody deletes while it comes in does not come back by itself", async () => {
  before = ({ import_id, first }) => {
    if (first === 2) deleted.add(import_id);
  };
  await expect(bring()).rejects.toMatchObject({ code: "session_not_found" });
  expect(chats()).toEqual([]);
});
