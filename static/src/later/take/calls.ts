/** Calls of the way to another device. */
import { Problem } from "../../api/problem.ts";
import { reach } from "../../api/reachability.ts";
import { requestJson } from "../../api/request.ts";
import type { Coming, GuestToken, Handover, SessionPage } from "../../api/types.ts";

/** A code for this browser's guest, and how many chats come with it. */
export async function offer(): Promise<Handover> {
  const { total } = await requestJson<SessionPage>("/chat/sessions?page=1&per_page=1");
  return requestJson("/auth/handover", { method: "POST", body: { chats: total } });
}

/** What would come with a code, which stays good. */
export function look(code: string): Promise<Coming> {
  return show("look", code);
}

/** A token for the guest of a code. */
export function redeem(code: string): Promise<GuestToken> {
  return show("redeem", code);
}

/** Asked without a token: it is about nobody who is here. */
async function show<T>(what: string, code: string): Promise<T> {
  const headers = { "Content-Type": "application/json" };
  const response = await reach(`/auth/handover/${what}`, { method: "POST", headers, body: JSON.stringify({ code }) });
  if (!response.ok) throw await Problem.fromResponse(response);
  return (await response.json()) as T;
}
