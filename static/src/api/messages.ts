/** Sends a message. Resolves once the server has taken it, which is when the answer's headers are here. */
import { type Allowances, quotaFromHeaders } from "./quota.ts";
import { Problem } from "./problem.ts";
import { request } from "./request.ts";
import type { PlainAnswer } from "./types.ts";

export interface Accepted {
  sessionId: string;
  userMessageId: string;
  messageId: string;
  allowances: Allowances | null;
  /** A stream, or the whole answer if it was asked for so. */
  answer: ReadableStream<Uint8Array> | PlainAnswer;
}

/** `sessionId` null starts a session in the same round trip. Without `stream` it resolves once the answer is there as a whole. */
export async function sendMessage(
  sessionId: string | null,
  content: string,
  stream: boolean,
  signal: AbortSignal,
): Promise<Accepted> {
  const path = sessionId ? `/chat/sessions/${encodeURIComponent(sessionId)}/messages` : "/chat/messages";
  const response = await request(path, { method: "POST", body: { content, stream }, signal });
  const { headers } = response;
  const answer = stream ? response.body : ((await response.json()) as PlainAnswer);
  const session = headers.get("X-Session-Id") ?? sessionId;
  const messageId = headers.get("X-Message-Id");
  if (!answer || !session || !messageId) throw new Problem({ code: "unreadable", status: response.status });
  return {
    sessionId: session,
    userMessageId: headers.get("X-User-Message-Id") ?? crypto.randomUUID(),
    messageId,
    allowances: quotaFromHeaders(headers),
    answer,
  };
}
