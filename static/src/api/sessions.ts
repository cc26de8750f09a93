/** Calls about sessions. */
import { requestJson } from "./request.ts";
import type { MessagePage, Session, SessionPage } from "./types.ts";

export const SESSIONS_PER_PAGE = 30;
const MESSAGES_PER_PAGE = 50;

export function listSessions(page: number, perPage: number): Promise<SessionPage> {
  return requestJson(`/chat/sessions?page=${page}&per_page=${perPage}`);
}

/** The newest messages of a session, or those before the message `before`. */
export function readSession(id: string, before?: string): Promise<MessagePage> {
  const query = new URLSearchParams({ limit: String(MESSAGES_PER_PAGE) });
  if (before) query.set("before", before);
  return requestJson(`/chat/sessions/${encodeURIComponent(id)}?${query}`);
}

export function deleteSession(id: string): Promise<unknown> {
  return requestJson(`/chat/sessions/${encodeURIComponent(id)}`, { method: "DELETE" });
}

export function restoreSession(id: string): Promise<Session> {
  return requestJson(`/chat/sessions/${encodeURIComponent(id)}/restore`, { method: "POST" });
}
