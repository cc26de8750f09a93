/** Calls about messages: asking for an answer, ending one, and picking one up. */
import { Problem } from "./problem.ts";
import { type Call, request, requestJson } from "./request.ts";
import type { FirstMessage, Message, NewMessage, PlainAnswer, StopAt } from "./types.ts";

/** What a visitor asks for. Each is answered. */
export type Turn = {
  /** The model that is to be asked first from now on. */
  model?: string;
} &
  /** `parentId` null: after the newest message of the session. */
  (
    | { do: "send"; content: string; parentId: string | null }
    /** Says what the visitor's message `messageId` said in other words, beside it. */
    | { do: "edit"; messageId: string; content: string }
    /** Another answer beside the answer `messageId`, or an answer to the visitor's message of that id. */
    | { do: "regenerate"; messageId: string }
    /** More of an answer that ended too early. */
    | { do: "continue"; messageId: string }
  );

export interface Submission {
  /** False: it resolves once the answer is there as a whole. */
  stream: boolean;
  /** The server answers one key once, however many requests bring it. */
  key: string;
  signal: AbortSignal;
  /** Ends it while something has to be proved first. */
  halt: AbortSignal;
}

export interface Accepted {
  sessionId: string;
  userMessageId: string;
  messageId: string;
  /** The head of the response: who answers, and instead of whom. */
  head: Headers;
  /** Whether this is the stored answer to an earlier request with the same key. */
  isReplay: boolean;
  /** A stream, or the whole answer if it was asked for so. */
  answer: ReadableStream<Uint8Array> | PlainAnswer;
}

/** Submits a turn. Resolves once the server has accepted it, which is when the answer's headers are here. `sessionId` null starts a session in the same round trip. */
export async function submit(
  sessionId: string | null,
  turn: Turn,
  { stream, key, signal, halt }: Submission,
): Promise<Accepted> {
  const call = callOf(sessionId, turn);
  const body = { ...call.body, model: turn.model, stream };
  const response = await request(call.path, { ...call, body, headers: { "Idempotency-Key": key }, signal, halt });
  const { headers } = response;
  const isStream = headers.get("Content-Type")?.startsWith("text/event-stream") ?? false;
  const answer = isStream ? response.body : ((await response.json().catch(() => null)) as PlainAnswer | null);
  const session = headers.get("X-Session-Id") ?? sessionId;
  const messageId = headers.get("X-Message-Id");
  if (!answer || !session || !messageId) throw new Problem({ code: "unreadable", status: response.status });
  return {
    sessionId: session,
    userMessageId: headers.get("X-User-Message-Id") ?? messageId,
    messageId,
    head: headers,
    isReplay: headers.get("Idempotent-Replayed") === "true",
    answer,
  };
}

function callOf(sessionId: string | null, turn: Turn): Call & { path: string; body: object } {
  switch (turn.do) {
    case "send": {
      const path = sessionId ? `${addressOf(sessionId)}/messages` : "/chat/messages";
      const after = turn.parentId ? { parent_id: turn.parentId } : {};
      return { method: "POST", path, body: { content: turn.content, ...after } satisfies NewMessage };
    }
    case "edit": {
      const body: FirstMessage = { content: turn.content };
      return { method: "PUT", path: addressOf(sessionId, turn.messageId), body };
    }
    case "regenerate":
    case "continue":
      return { method: "POST", path: `${addressOf(sessionId, turn.messageId)}/${turn.do}`, body: {} };
  }
}

/** Stands for the session of a chat that has none. */
export const TEMPORARY = "temporary";

function addressOf(sessionId: string | null, messageId?: string): string {
  if (sessionId === TEMPORARY) return `/chat/temporary/${messageId}`;
  const session = `/chat/sessions/${encodeURIComponent(sessionId ?? "")}`;
  return messageId === undefined ? session : `${session}/messages/${encodeURIComponent(messageId)}`;
}

/** The server waits a few seconds for the end; a network that has gone silent should not keep the visitor waiting for more. */
const LONGEST_STOP_MS = 10_000;

/** Ends a running answer; the message as it is kept. `seen`: how many characters of the run the reader has seen, if that is known; more is not kept. */
export function stopAnswer(sessionId: string, messageId: string, seen: number | null): Promise<Message> {
  const path = `${addressOf(sessionId, messageId)}/stop`;
  const body: StopAt = { seen };
  return requestJson(path, { method: "POST", body, signal: AbortSignal.timeout(LONGEST_STOP_MS) });
}

/** What follows in an answer after an event of an earlier stream, or after the first characters of its text. */
export async function followAnswer(
  sessionId: string,
  messageId: string,
  after: { event: string } | { characters: number },
  signal: AbortSignal,
): Promise<ReadableStream<Uint8Array>> {
  const path = `${addressOf(sessionId, messageId)}/stream`;
  const { body } =
    "event" in after
      ? await request(path, { headers: { "Last-Event-ID": after.event }, signal })
      : await request(`${path}?from=${after.characters}`, { signal });
  if (!body) throw new Problem({ code: "unreadable" });
  return body;
}
