/** Calls about accounts: those that let somebody in, and those about who is in. */
import { Problem } from "../../../api/problem.ts";
import { withProof } from "../../../api/proof.ts";
import { reach } from "../../../api/reachability.ts";
import { request, requestJson } from "../../../api/request.ts";
import type { Device, Me, Salt, SessionPage, SignedIn } from "../../../api/types.ts";

/** Asks without a token of one's own; `guest`: whose chats go along. */
export async function ask<T>(path: string, body: object, guest: string | null, signal: AbortSignal): Promise<T> {
  try {
    const response = await withProof((proof) => {
      const headers = new Headers({ ...proof, "Content-Type": "application/json" });
      if (guest !== null) headers.set("Authorization", `Bearer ${guest}`);
      return reach(path, { method: "POST", headers, body: JSON.stringify(body), signal });
    }, signal);
    return (await response.json()) as T;
  } catch (thrown) {
    throw signal.aborted ? thrown : Problem.from(thrown);
  }
}

export function saltFor(email: string, signal: AbortSignal): Promise<Salt> {
  return ask("/auth/password/salt", { email }, null, signal);
}

/** Signs up, in, or in by the recovery code. */
export function enter(
  way: "register" | "login" | "password",
  body: { email: string; password_key: string; recovery_code?: string },
  guest: string | null,
  signal: AbortSignal,
): Promise<SignedIn> {
  return ask(`/auth/${way}`, body, guest, signal);
}

/** Takes a guest's chats along, after signing in. */
export function takeAlong(guest: string, signal: AbortSignal): Promise<SignedIn> {
  return ask("/auth/refresh", {}, guest, signal);
}

/** How many chats there are by this token, which is not the page's own yet. */
export async function countChats(token: string, signal: AbortSignal): Promise<number> {
  const headers = { Authorization: `Bearer ${token}` };
  const response = await reach("/chat/sessions?page=1&per_page=1", { headers, signal });
  if (!response.ok) throw await Problem.fromResponse(response);
  return ((await response.json()) as SessionPage).total;
}

export function readMe(): Promise<Me> {
  return requestJson("/me");
}

export async function listDevices(): Promise<Device[]> {
  return (await requestJson<{ sessions: Device[] }>("/me/sessions")).sessions;
}

export function endDevice(id: string): Promise<unknown> {
  return request(`/me/sessions/${encodeURIComponent(id)}`, { method: "DELETE" });
}

export function logOut(everywhere: boolean): Promise<unknown> {
  return request("/auth/logout", { method: "POST", body: { everywhere } });
}

/** Deletes whoever asks; a guest says that they mean it. */
export function deleteMe(isGuest: boolean): Promise<unknown> {
  return request("/me", { method: "DELETE", body: isGuest ? { confirm: "delete" } : {} });
}

/** A part of all that there is, as lines; `after`: where the part before has ended. */
export async function exportLines(after: string, signal: AbortSignal): Promise<string[]> {
  const query = after && `?after=${encodeURIComponent(after)}`;
  const response = await request(`/me/export${query}`, { signal });
  return (await response.text()).split("\n").filter((line) => line !== "");
}
