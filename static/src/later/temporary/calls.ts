/** Asking in a temporary chat: what was said goes along, for the server keeps nothing of it. */
import { type Accepted, type Submission, TEMPORARY } from "../../api/messages.ts";
import { Problem } from "../../api/problem.ts";
import { request } from "../../api/request.ts";
import type { TemporaryMessage } from "../../api/types.ts";
import type { ShownMessage } from "../../state/conversation/message.ts";

/** The API's limits, in bytes and in messages, with room for what stands around them. */
const MOST_BYTES = 62_000;
const MOST_MESSAGES = 200;

export interface Said {
  role: "user" | "assistant";
  content: string;
}

/** What of `messages`, one branch, can go along with `content`: questions with their answers, the newest that have room. */
export function context(messages: readonly Pick<ShownMessage, "role" | "text">[], content: string): Said[] {
  const said: Said[] = [];
  let room = MOST_BYTES - bytesOf(content);
  for (let at = messages.length - 1; at > 0 && said.length < MOST_MESSAGES; at -= 1) {
    const [question, answer] = [messages[at - 1], messages[at]];
    if (question?.role !== "user" || answer?.role !== "assistant" || answer.text.value === "") continue;
    const pair: Said[] = [
      { role: "user", content: question.text.value },
      { role: "assistant", content: answer.text.value },
    ];
    room -= bytesOf(pair);
    if (room < 0) break;
    said.unshift(...pair);
    at -= 1;
  }
  return said;
}

function bytesOf(value: unknown): number {
  return new TextEncoder().encode(JSON.stringify(value)).length;
}

/** Resolves once the server has accepted it. The answer has an id, its question one of this page's making, which stands before it. */
export async function ask(
  body: TemporaryMessage,
  { key, ...signals }: Omit<Submission, "stream">,
): Promise<Accepted & { answer: ReadableStream<Uint8Array> }> {
  const headers = { "Idempotency-Key": key };
  const response = await request("/chat/temporary", { method: "POST", body, headers, ...signals });
  const messageId = response.headers.get("X-Message-Id");
  if (!response.body || !messageId) throw new Problem({ code: "unreadable", status: response.status });
  return {
    sessionId: TEMPORARY,
    userMessageId: messageId.slice(0, -1),
    messageId,
    isReplay: response.headers.get("Idempotent-Replayed") === "true",
    head: response.headers,
    answer: response.body,
  };
}
