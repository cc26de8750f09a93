/** An answer comes in whole whatever happens to the connection: against a real HTTP server that cuts, fails and falls silent. */
import { type IncomingHttpHeaders, type ServerResponse, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { Answering } from "./answering.ts";
import { Conversation } from "./conversation.ts";
import { newMessage } from "./message.ts";

interface Call {
  name: string;
  headers: IncomingHttpHeaders;
  body: string;
}

const CHUNK = (content: string, id?: string) =>
  `${id ? `id: ${id}\n` : ""}data: ${JSON.stringify({ choices: [{ index: 0, delta: { content } }] })}\n\n`;
const DONE = "data: [DONE]\n\n";
const NOT_SAVED = 'event: error\ndata: {"error":{"code":"not_saved","message":"m","request_id":"r"}}\n\n';
const STORED = { id: "m", parent_id: null, role: "assistant", created_at: "", content: "Stored.", status: "stopped" };

/** What the server does with each call, by method and path below `/api/v1`; one that has no way to answer gets 404. */
const ways = new Map<string, (response: ServerResponse, call: Call) => void>();
const calls: Call[] = [];
const server = createServer((request, response) => {
  // Each call by a connection of its own: one that was cut takes no other with it.
  response.shouldKeepAlive = false;
  let body = "";
  request.on("data", (piece: Buffer) => (body += piece.toString()));
  request.on("end", () => {
    const call = { name: `${request.method} ${request.url?.replace("/api/v1", "")}`, headers: request.headers, body };
    calls.push(call);
    const way = ways.get(call.name.replace(/\?.*/, ""));
    if (way) way(response, call);
    else response.writeHead(404).end();
  });
});

const FOLLOW = "GET /chat/sessions/s/messages/m/stream";
const STOP = "POST /chat/sessions/s/messages/m/stop";
const asked = (way: string) => calls.filter(({ name }) => name.replace(/\?.*/, "") === way);

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
beforeEach(() => {
  calls.length = 0;
  ways.clear();
  ways.set("POST /auth/guest", (response) => json(response, { token: "t" }));
  ways.set("GET /health", (response) => json(response, {}));
  // A page's addresses begin where it came from; Node's need to be told.
  const { fetch } = globalThis;
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  vi.stubGlobal("fetch", (path: string, init?: RequestInit) => fetch(new URL(path, base), init));
});
afterEach(() => void vi.unstubAllGlobals());
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

function json(response: ServerResponse, body: unknown, status = 200, headers: Record<string, string> = {}): void {
  response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
}

/** Streams `text`; then the answer ends in good order, or the connection is cut. */
function stream(response: ServerResponse, text: string, then: "end" | "cut" | "wait", headers = {}): void {
  // Without a length some versions of Node take a cut for the end.
  const length = then === "cut" ? { "content-length": "1000000" } : {};
  response.writeHead(200, { "content-type": "text/event-stream", ...length, ...headers });
  response.write(text, () => {
    if (then === "end") response.end();
    // Once the reader has what was written.
    if (then === "cut") setTimeout(() => response.destroy(), 50);
  });
}

/** An answer `m` whose first stream is what the server does for `GET /first`. */
async function answering(first: (response: ServerResponse) => void, before = "", charactersBefore: number | null = 0) {
  ways.set("GET /first", first);
  const message = newMessage({ id: "m", parentId: null, role: "assistant" }, before, "streaming");
  const leave = new AbortController();
  const { body } = await fetch("/api/v1/first", { signal: leave.signal });
  const answering = new Answering("s", message, charactersBefore, leave);
  return { message, answering, ending: answering.receive(body) };
}

describe("an answer whose connection is cut", () => {
  test("goes on after the last event that came, if the id is the server's and not the model's", async () => {
    ways.set(FOLLOW, (response, { headers }) => {
      if (headers["last-event-id"]) stream(response, CHUNK("three", "0-30-13") + DONE, "end");
      else stream(response, CHUNK("two ", "0-20-8"), "cut");
    });
    const {
      message,
      answering: one,
      ending,
    } = await answering((response) => stream(response, CHUNK("one ", "chatcmpl-7"), "cut"));
    expect(await ending).toEqual({ kind: "done", isSaved: true });
    expect(message.text.value).toBe("one two three");
    const places = asked(FOLLOW).map(({ name, headers }) => [name, headers["last-event-id"]]);
    expect(places).toEqual([
      [`${FOLLOW}?from=4`, undefined],
      [FOLLOW, "0-20-8"],
    ]);
    expect(one.wasCut).toBe(true);
    expect(message.stream.value).toBe("none");
  });

  test("goes on after this many characters where its events had no ids, as the server counts them", async () => {
    ways.set(FOLLOW, (response) => stream(response, CHUNK("!") + DONE, "end"));
    const { message, ending } = await answering(
      (response) => stream(response, CHUNK("Grüße 🦀"), "cut"),
      "Before. ",
      8,
    );
    await ending;
    expect(message.text.value).toBe("Before. Grüße 🦀!");
    expect(asked(FOLLOW).map(({ name }) => name)).toEqual([`${FOLLOW}?from=15`]);
  });

  test("is picked up as often as it takes, as long as something comes each time", async () => {
    const pieces = ["a", "b", "c", "d", "e", "f", "g"];
    ways.set(FOLLOW, (response, { headers }) => {
      const next = pieces[Number(headers["last-event-id"] ?? 0) + 1];
      if (next === undefined) stream(response, DONE, "end");
      else stream(response, CHUNK(next, String(pieces.indexOf(next))), "cut");
    });
    const { message, ending } = await answering((response) => stream(response, CHUNK("a", "0"), "cut"));
    expect(await ending).toEqual({ kind: "done", isSaved: true });
    expect(message.text.value).toBe("abcdefg");
  });

  test("says so meanwhile", async () => {
    let resume = (): void => undefined;
    const isAsked = new Promise<void>((resolve) => {
      ways.set(FOLLOW, (response) => {
        resume = () => stream(response, CHUNK("end") + DONE, "end");
        resolve();
      });
    });
    const { message, ending } = await answering((response) => stream(response, CHUNK("begun, ", "1"), "cut"));
    await isAsked;
    expect(message.stream.value).toBe("lost");
    expect(message.text.value).toBe("begun, ");
    resume();
    await ending;
    expect(message.text.value).toBe("begun, end");
  });

  test("is given up after four tries of which nothing came", async () => {
    ways.set(FOLLOW, (response) => json(response, {}, 500));
    const { message, ending } = await answering((response) => stream(response, CHUNK("half", "1"), "cut"));
    expect(await ending).toEqual({ kind: "unknown" });
    expect(asked(FOLLOW)).toHaveLength(3);
    expect(message.text.value).toBe("half");
  });

  test("is not asked for again where the server knows nothing of it", async () => {
    ways.set(FOLLOW, (response) => json(response, {}, 404));
    const { ending } = await answering((response) => stream(response, CHUNK("half", "1"), "cut"));
    expect(await ending).toEqual({ kind: "unknown" });
    expect(asked(FOLLOW)).toHaveLength(1);
  });

  test("was stopped, or died, if what is told again ends without an end", async () => {
    ways.set(FOLLOW, (response) => stream(response, CHUNK(" and some", "2"), "end"));
    const { message, ending } = await answering((response) => stream(response, CHUNK("half", "1"), "cut"));
    expect(await ending).toEqual({ kind: "unknown" });
    expect(message.text.value).toBe("half and some");
    expect(asked(FOLLOW)).toHaveLength(1);
  });
});

describe("Stop", () => {
  test("tells the server what was seen of this run, and takes nothing that comes after", async () => {
    let first: ServerResponse | undefined;
    ways.set(STOP, (response) => {
      first?.write(CHUNK(" too late"), () => json(response, STORED));
    });
    const {
      message,
      answering: one,
      ending,
    } = await answering(
      (response) => {
        first = response;
        stream(response, CHUNK("two 🦀"), "wait");
      },
      "one ",
      4,
    );
    await vi.waitFor(() => expect(message.text.value).toBe("one two 🦀"));
    one.stop();
    one.stop();
    expect(await ending).toEqual({ kind: "stopped", stored: STORED });
    expect(asked(STOP).map(({ body }) => JSON.parse(body) as unknown)).toEqual([{ seen: 5 }]);
    expect(message.text.value).toBe("one two 🦀");
  });

  test("says that nobody knows what was seen, where it is not known how much is older", async () => {
    ways.set(STOP, (response) => json(response, STORED));
    const {
      message,
      answering: one,
      ending,
    } = await answering((response) => stream(response, CHUNK("two"), "wait"), "one ", null);
    await vi.waitFor(() => expect(message.text.value).toBe("one two"));
    one.stop();
    await ending;
    expect(asked(STOP).map(({ body }) => JSON.parse(body) as unknown)).toEqual([{ seen: null }]);
  });

  test("ends the answer here also where the server does not answer to it", async () => {
    ways.set(STOP, (response) => json(response, {}, 503));
    const { message, answering: one, ending } = await answering((response) => stream(response, CHUNK("one"), "wait"));
    await vi.waitFor(() => expect(message.text.value).toBe("one"));
    one.stop();
    expect(await ending).toEqual({ kind: "stopped", stored: null });
  });
});

test("an answer that could not be saved is whole, and says so", async () => {
  const { message, ending } = await answering((response) => stream(response, CHUNK("all") + DONE + NOT_SAVED, "end"));
  expect(await ending).toEqual({ kind: "done", isSaved: false });
  expect(message.text.value).toBe("all");
});

test("after an answer that was cut the next one is asked for as a whole, and the one after that as a stream", async () => {
  const ids = { "x-session-id": "s", "x-user-message-id": "l", "x-message-id": "m" };
  const stored = (content: string) => ({ ...STORED, content, status: "complete" });
  ways.set("POST /chat/messages", (response) => stream(response, CHUNK("half", "1"), "cut", ids));
  ways.set(FOLLOW, (response) => stream(response, CHUNK(", whole", "2") + DONE, "end"));
  ways.set("GET /chat/sessions/s", (response) =>
    json(response, { session: { id: "s" }, messages: [stored("half, whole")], next_before: null }),
  );
  const next = "POST /chat/sessions/s/messages";
  ways.set(next, (response, { body }) => {
    const headers = { "x-session-id": "s", "x-user-message-id": "n", "x-message-id": "o" };
    const { stream: isStream } = JSON.parse(body) as { stream: boolean };
    if (isStream) stream(response, CHUNK("streamed") + DONE, "end", headers);
    else json(response, { message: { ...stored("plain"), id: "o" } }, 200, headers);
  });

  const conversation = new Conversation(null);
  const send = (content: string) => conversation.submit(conversation.thread.sendingOf(content), () => undefined);
  expect(await send("first")).toBe("complete");
  expect(conversation.messages.value.at(-1)?.text.value).toBe("half, whole");
  expect(await send("second")).toBe("complete");
  expect(conversation.messages.value.at(-1)?.text.value).toBe("plain");
  expect(await send("third")).toBe("complete");
  expect(asked(next).map(({ body }) => (JSON.parse(body) as { stream: boolean }).stream)).toEqual([false, true]);
});
