/** Sends a message. Resolves once the server has taken it, which is when the answer's headers are here. */
import { type Allowances, quotaFromHeaders } from "./quota.ts";
import { Problem } from "./problem.ts";
import { request } from "./request.ts";

export interface Accepted {
  sessionId: string;
  userMessageId: string;
  messageId: string;
  allowances: Allowances | null;
  body: ReadableStream<Uint8Array>;
}

/** `sessionId` null starts a session in the same round trip. */
export async function sendMessage(sessionId: string | null, content: string, signal: AbortSignal): Promise<Accepted> {
  const path = sessionId ? `/chat/sessions/${encodeURIComponent(sessionId)}/messages` : "/chat/messages";
  const response = await request(path, { method: "POST", body: { content }, signal });
  const { headers, body } = response;
  const session = headers.get("X-Session-Id") ?? sessionId;
  const messageId = headers.get("X-Message-Id");
  if (!body || !session || !messageId) throw new Problem({ code: "unreadable", status: response.status });
  return {
    sessionId: session,
    userMessageId: headers.get("X-User-Message-Id") ?? crypto.randomUUID(),
    messageId,
    allowances: quotaFromHeaders(headers),
    body,
  };
}
