/** Calls about accounts: those that let somebody in, and those about who is in. */
import { Problem } from "../../../api/problem.ts";
import { withProof } from "../../../api/proof.ts";
import { reach } from "../../../api/reachability.ts";
import { request, requestJson } from "../../../api/request.ts";
import type { Confirmed, Device, Link, Me, Salt, SessionPage, SignedIn } from "../../../api/types.ts";
import { load, store } from "../../../state/storage.ts";

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

/** Has a link sent by mail; nobody is told whether somebody has the address. */
export async function askForLink(email: string, purpose: "sign_in" | "reset", signal: AbortSignal): Promise<void> {
  await ask("/auth/email", { email, purpose }, null, signal);
  store("mailed", email.toLowerCase());
}

/** Has a link sent that shows that an address is the caller's. */
export async function askToVerify(email: string): Promise<void> {
  await request("/auth/email", { method: "POST", body: { email, purpose: "verify" } });
  store("mailed", email.toLowerCase());
}

/** What a link is for; it stays good. */
export function lookAtLink(token: string, signal: AbortSignal): Promise<Link> {
  return ask("/auth/email/look", { token }, null, signal);
}

/** Does what a link is for, unless that is a new password. No guest goes along: it may be a stranger's link. */
export function confirmLink(token: string, signal: AbortSignal): Promise<Confirmed> {
  return ask("/auth/email/confirm", { token }, null, signal);
}

/** Makes the address of a link the caller's. */
export function verifyByLink(token: string): Promise<Confirmed> {
  return requestJson("/auth/email/confirm", { method: "POST", body: { token } });
}

/** Sets a new password by a link, and signs in. */
export function resetByLink(token: string, key: string, signal: AbortSignal): Promise<SignedIn> {
  return ask("/auth/password", { token, password_key: key }, null, signal);
}

/** Whether this browser has asked for the link that was sent there. */
export const hasAskedHere = (email: string) => load("mailed") === email;

/** Sets the password of who is signed in; `old_password_key`: of the one that there is. */
export function setPassword(body: {
  email: string;
  password_key: string;
  old_password_key?: string;
}): Promise<SignedIn> {
  return requestJson("/me/password", { method: "POST", body });
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
