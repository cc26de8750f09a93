/** Calls about sessions. */
import { claimsOf } from "./claims.ts";
import { jsonOf, request, requestJson } from "./request.ts";
import { keptToken } from "./token.ts";
import type { MessagePage, Session, SessionPage } from "./types.ts";

export const SESSIONS_PER_PAGE = 30;
const MESSAGES_PER_PAGE = 50;

/** A page as the server has said it. */
export interface SaidPage extends SessionPage {
  /** What the server knows it by; null: it has to be said anew. */
  tag: string | null;
  /** Whose it was asked for as: see `lister`. By the time that it is here the token may be somebody else's. */
  of: string;
}

/** Whose list the visitor would see now, and the form that pages have here: what an older form has kept is nobody's. */
export const lister = () => `1${claimsOf(keptToken()).sub}`;

/** `known`: that page, as it may still be. */
export async function listSessions(page: number, perPage: number, known?: SaidPage | null): Promise<SaidPage> {
  const of = lister();
  const headers = known?.tag ? { "If-None-Match": known.tag } : {};
  const response = await request(`/chat/sessions?page=${page}&per_page=${perPage}`, { headers });
  // A tag is one visitor's, and only who names one is told that.
  if (response.status === 304) return { ...known, of } as SaidPage;
  const said = await jsonOf<SessionPage>(response);
  return { ...said, tag: response.headers.get("ETag"), of };
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
