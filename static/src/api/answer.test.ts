/** The answer's stream is read the same wherever the network cuts it. */
import { describe, expect, test, vi } from "vitest";
import { readAnswer } from "./answer.ts";

const CHUNK = (content: string) => `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content } }] })}\n\n`;
const USAGE = 'data: {"choices":[],"usage":{"total_tokens":3}}\n\n';
const DONE = "data: [DONE]\n\n";
const NOT_SAVED = 'event: error\ndata: {"error":{"code":"not_saved","message":"m","request_id":"r"}}\n\n';
const ERROR = 'event: error\ndata: {"error":{"code":"provider_error","message":"m","request_id":"r"}}\n\n';

function streamOf(bytes: Uint8Array[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const piece of bytes) controller.enqueue(piece);
      controller.close();
    },
  });
}

async function read(bytes: Uint8Array[]): Promise<{ text: string; end: string; code?: string | undefined }> {
  let text = "";
  const end = await readAnswer(streamOf(bytes), (piece) => (text += piece), new AbortController().signal);
  if (end.kind === "done") return { text, end: end.isSaved ? "saved" : "not saved" };
  return { text, end: end.kind, ...(end.kind === "error" ? { code: end.problem.code } : {}) };
}

function cutAt(stream: string, position: number): Uint8Array[] {
  const bytes = new TextEncoder().encode(stream);
  return [bytes.slice(0, position), bytes.slice(position)];
}

describe("an answer", () => {
  test("is whole wherever it is cut, also inside a character", async () => {
    const stream = CHUNK("Grüße ") + CHUNK("🦀!") + USAGE + DONE;
    const length = new TextEncoder().encode(stream).length;
    for (let position = 0; position <= length; position += 1) {
      expect(await read(cutAt(stream, position))).toEqual({ text: "Grüße 🦀!", end: "saved" });
    }
  });

  test("that breaks off with our error event says why", async () => {
    expect(await read(cutAt(CHUNK("half") + ERROR, 9))).toEqual({ text: "half", end: "error", code: "provider_error" });
  });

  test("that could not be saved is whole all the same", async () => {
    expect(await read(cutAt(CHUNK("all") + DONE + NOT_SAVED, 9))).toEqual({ text: "all", end: "not saved" });
  });

  test("that broke off and could not be saved is no whole one", async () => {
    expect(await read(cutAt(CHUNK("half") + NOT_SAVED, 9))).toEqual({ text: "half", end: "cut" });
  });

  test("that is picked up says which event each piece came with", async () => {
    const seen: unknown[] = [];
    const body = streamOf(cutAt(`id: 7\n${CHUNK("a")}id: 19\n${CHUNK("b")}id: 25\n${DONE}`, 3));
    await readAnswer(body, (...piece) => seen.push(piece), new AbortController().signal);
    expect(seen).toEqual([
      ["a", "7"],
      ["b", "19"],
    ]);
  });

  test("that has fallen silent is given up", async () => {
    vi.useFakeTimers();
    const silent = new ReadableStream<Uint8Array>();
    const end = readAnswer(silent, () => undefined, new AbortController().signal);
    await vi.advanceTimersByTimeAsync(100_000);
    expect(await end).toEqual({ kind: "cut", inOrder: true });
    vi.useRealTimers();
  });

  test("that ends without [DONE] was cut", async () => {
    expect(await read(cutAt(CHUNK("half"), 3))).toEqual({ text: "half", end: "cut" });
  });
});
