/** Every position at which an answer can be cut, by three kinds of upstream: what readers read is what is stored. */
import { createHmac, randomUUID } from "node:crypto";
import { createParser } from "eventsource-parser";
import { expect, test } from "vitest";
import { readAnswer } from "./answer.ts";

/** Streams at once: enough to keep a server busy, few enough for Redis to answer in time. */
const AT_ONCE = 8;

type What = "split" | "close" | "error";

/** A chunk of the answer; `content` in JSON's own notation. */
const chunk = (content: string, end = "\n") =>
  `data: {"id":"c","object":"chat.completion.chunk","model":"m","choices":[{"index":0,"delta":{"content":"${content}"}}]}${end}${end}`;

/** About 2 kB with everything that has gone wrong somewhere: each line end, ids, comments, halves of characters, odd fields. */
const ANSWER = [
  ": keep-alive\n\n",
  'data: {"model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":""}}]}\n\n',
  `id: 7\n${chunk("Grüße, 世界! ")}`,
  chunk("split \\ud83d"),
  chunk("\\ude00 emoji, "),
  chunk("lone \\ud83d", "\r\n"),
  chunk('half, \\u00e9\\n\\t\\"quoted\\" \\\\ ', "\r\n"),
  "retry: 1000\n: between\n\n",
  chunk("after a lone CR: 👩‍👩‍👧‍👦 ", "\r"),
  'data: {"choices":[{"delta":{"reasoning":"hidden \\ud83d","content":null}}]}\n\n',
  'data: {"model":7,"usage":"none","choices":[{"delta":{"content":"odd fields, "},"finish_reason":null}]}\n\n',
  'event: chunk\ndata: {"choices":\ndata: [{"delta":{"content":"two lines, "}}]}\n\n',
  "data: not json\n\n",
  chunk("data: [DONE] is only text. "),
  chunk(
    "And so it goes on for some more words, until it is about as long as a short answer is, which are two thousand bytes or some more with all that belongs to them. ",
  ),
  chunk("The end.", "\r\n"),
  'data: {"choices":[{"delta":{"content":""},"finish_reason":"stop","index":0}]}\n\n',
  'data: {"choices":[],"usage":{"prompt_tokens":11,"completion_tokens":22,"total_tokens":33}}\n\n',
  "data: [DONE]\n\n",
].join("");
const BYTES = new TextEncoder().encode(ANSWER);

function variable(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: cargo xtask test sets it`);
  return value;
}

/** A token of a guest whom nobody has seen before: no limit is theirs yet. */
function guest(): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    iss: process.env.JWT_ISSUER ?? "edgewise",
    sub: randomUUID(),
    role: "guest",
    iat: now,
    exp: now + 3600,
  };
  const signed = `${part({ alg: "HS256", typ: "JWT" })}.${part(claims)}`;
  return `${signed}.${createHmac("sha256", variable("JWT_SECRET")).update(signed).digest("base64url")}`;
}

async function ask(url: string, headers: Record<string, string>, body: object): Promise<Response> {
  const method = "POST";
  return fetch(url, {
    method,
    headers: { "Content-Type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
}

/** What a reader of these bytes reads. */
interface Reading {
  text: string;
  isDone: boolean;
  hasReason: boolean;
  /** Events by the name of `error`. */
  errors: string[];
  /** The model's own error, which is an event without a name. */
  hasModelError: boolean;
}

function parsed(bytes: Uint8Array): Reading {
  const reading: Reading = { text: "", isDone: false, hasReason: false, errors: [], hasModelError: false };
  const parser = createParser({
    onEvent: ({ event, data }) => {
      if (event === "error") reading.errors.push(data);
      else if (data === "[DONE]") reading.isDone = true;
      else if (!reading.isDone && !reading.hasModelError) readChunk(reading, data);
    },
  });
  parser.feed(new TextDecoder().decode(bytes));
  reading.text = reading.text.replace(/\p{Cs}/gu, "\ufffd");
  return reading;
}

function readChunk(reading: Reading, data: string): void {
  let chunk: { error?: unknown; choices?: { delta?: { content?: unknown }; finish_reason?: unknown }[] } | null;
  try {
    chunk = JSON.parse(data) as typeof chunk;
  } catch {
    return;
  }
  if (chunk?.error) {
    reading.hasModelError = true;
    return;
  }
  const choice = chunk?.choices?.[0];
  if (typeof choice?.delta?.content === "string") reading.text += choice.delta.content;
  reading.hasReason ||= typeof choice?.finish_reason === "string";
}

/** What the page reads, with the network cutting it at `cut` once more. */
async function readByPage(bytes: Uint8Array, cut: number): Promise<{ text: string; end: string }> {
  let text = "";
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const piece of [bytes.slice(0, cut), bytes.slice(cut)]) controller.enqueue(piece);
      controller.close();
    },
  });
  const end = await readAnswer(body, (piece) => (text += piece), new AbortController().signal);
  return { text: text.replace(/\p{Cs}/gu, "\ufffd"), end: end.kind };
}

interface Streamed {
  at: number;
  status: number;
  session: string | null;
  bytes: Uint8Array;
}

async function stream(marker: string, at: number): Promise<Streamed> {
  const url = `${variable("SERVED_AT")}/api/v1/chat/messages`;
  for (let tries = 0; ; tries += 1) {
    const response = await ask(url, { Authorization: `Bearer ${guest()}` }, { content: `${marker} @${at};` });
    const bytes = new Uint8Array(await response.arrayBuffer());
    const { status } = response;
    // A busy machine keeps Redis from answering in time; nothing has begun then.
    if (status !== 503 || tries > 50) return { at, status, session: response.headers.get("X-Session-Id"), bytes };
  }
}

/** Does `one` for each number up to `last`, some at once. */
async function each<T>(last: number, one: (number: number) => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  let next = 0;
  const work = async () => {
    while (next <= last) {
      const number = next;
      next += 1;
      results[number] = await one(number);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return results;
}

/** The stored answers by their sessions, once none is being written any more. */
async function stored(sessions: string[]): Promise<Map<string, { status: string; content: string }>> {
  const query =
    "select session_id, status, content from chat_messages where role = 'assistant' and session_id = any($1::uuid[])";
  const headers = { "Neon-Connection-String": variable("STACK_DATABASE_URL") };
  for (let tries = 0; ; tries += 1) {
    const response = await ask(`${variable("STACK_URL")}/sql`, headers, { query, params: [`{${sessions.join(",")}}`] });
    const { rows } = (await response.json()) as { rows: { session_id: string; status: string; content: string }[] };
    if (rows.every(({ status }) => status !== "streaming")) return new Map(rows.map((row) => [row.session_id, row]));
    if (tries > 100) throw new Error("some answers are still being written");
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

const ERROR = new TextEncoder().encode('data: {"error":{"message":"m"}}\n\n');
const BLANK = new TextEncoder().encode("\n\n");

/** What upstream has sent, up to where it stops, and the blank line that ends its last event for readers. */
function sent(what: What, at: number): Uint8Array {
  const rest = { split: BYTES.slice(at), close: BLANK, error: ERROR }[what];
  return new Uint8Array([...BYTES.slice(0, at), ...rest]);
}

test.each<What>(["split", "close", "error"])(
  "an answer with a %s at any byte is stored as it is read",
  async (what) => {
    expect(BYTES.length).toBeGreaterThan(1_900);
    const marker = randomUUID();
    const rule = { match: { contains: marker }, scenario: { raw: ANSWER, raw_at: what } };
    expect((await ask(`${variable("STACK_URL")}/control/model`, {}, rule)).status).toBeLessThan(300);
    const streams = await each(BYTES.length, (at) => stream(marker, at));
    const opened = streams.filter(({ status }) => status === 200);
    const rows = await stored(opened.flatMap(({ session }) => session ?? []));
    for (const { at, status, session, bytes } of streams) {
      const where = `${what} at ${at}: ${new TextDecoder().decode(bytes.slice(Math.max(0, at - 60)))}`;
      const expected = parsed(sent(what, at));
      // Before the model's first event nothing has begun.
      if (status !== 200) {
        expect([status, expected.text], where).toEqual([502, ""]);
        continue;
      }
      const isWhole = !expected.hasModelError && (expected.isDone || expected.hasReason);
      const reading = parsed(bytes);
      expect(reading.text, where).toBe(expected.text);
      expect(reading.isDone, where).toBe(isWhole);
      expect(reading.errors.length, where).toBe(isWhole ? 0 : 1);
      expect(
        reading.errors.every((data) => data.includes("request_id")),
        where,
      ).toBe(true);
      expect(rows.get(session ?? ""), where).toMatchObject({
        status: isWhole ? "complete" : "interrupted",
        content: expected.text,
      });
      expect(await readByPage(bytes, at), where).toEqual({ text: expected.text, end: isWhole ? "done" : "error" });
      expect(Buffer.from(bytes.slice(0, at)).equals(BYTES.slice(0, at)), where).toBe(true);
    }
    // The first two events, a comment and one without text, are some 100 bytes.
    expect(opened.length).toBeGreaterThan(BYTES.length - 150);
  },
);
