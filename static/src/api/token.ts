/** The guest's token: asked for when first needed, kept in the browser, renewed when it has ended, replaced when our API refuses it. */
import { Problem } from "./problem.ts";
import { reach } from "./reachability.ts";
import type { GuestToken } from "./types.ts";

const KEY = "edgewise.token";
/** Tokens that were replaced by those of other guests, the newest first: with them an operator can give the chats back after a mistake of the server. */
const REPLACED_KEY = "edgewise.tokens.replaced";
const MOST_REPLACED = 5;

/** Without storage (forbidden, full) the token lives as long as the page. */
let remembered: string | null = null;
/**
 * A token that the server refuses. It stays in the storage until another replaces it: one that has only expired still proves who the guest
 * is, also after a reload.
 */
let refused: { token: string; hasExpired: boolean } | null = null;
let pending: Promise<string> | null = null;

/** The kept token, or a new one. Callers at the same time share one request. */
export async function guestToken(): Promise<string> {
  return usable() ?? (pending ??= requestToken().finally(() => (pending = null)));
}

/** Whether our own API refuses the token that it was shown. What a proxy or the network's sign-in page says is nothing about it. */
export function refusesToken({ isOurs, status, code }: Problem): boolean {
  return isOurs && status === 401 && (code === "unauthenticated" || code === "token_expired");
}

/** Has the next call ask for a new token instead of `token`: for the same guest if it has only ended. Another tab may already have done so. */
export function refuseToken(token: string, hasExpired: boolean): void {
  if (kept() === token) refused = { token, hasExpired };
}

/** Whether this browser has a token, that is: whether there can be anything to list. */
export function hasToken(): boolean {
  return kept() !== null;
}

function usable(): string | null {
  const token = kept();
  return token === refused?.token ? null : token;
}

function kept(): string | null {
  try {
    return localStorage.getItem(KEY) ?? remembered;
  } catch {
    return remembered;
  }
}

async function requestToken(): Promise<string> {
  const old = refused?.token ?? null;
  let isRenewed = refused?.hasExpired ?? false;
  let response = await ask(isRenewed ? old : null);
  if (!response.ok) {
    const problem = await Problem.fromResponse(response);
    if (!isRenewed || !refusesToken(problem)) throw problem;
    // Too old to be renewed: a new guest, rather than none.
    isRenewed = false;
    response = await ask(null);
    if (!response.ok) throw await Problem.fromResponse(response);
  }
  const answer = (await response.json().catch(() => null)) as Partial<GuestToken> | null;
  const token = answer?.token;
  if (typeof token !== "string") throw new Problem({ code: "unreadable", status: response.status });
  remembered = token;
  try {
    // Before the new one, so that there is no moment at which the old one is nowhere.
    if (old !== null && !isRenewed) keepReplaced(old);
    localStorage.setItem(KEY, token);
  } catch {
    // See `remembered`.
  }
  return token;
}

function keepReplaced(token: string): void {
  const before = localStorage.getItem(REPLACED_KEY)?.split(" ") ?? [];
  localStorage.setItem(REPLACED_KEY, [token, ...before].slice(0, MOST_REPLACED).join(" "));
}

function ask(old: string | null): Promise<Response> {
  const headers = new Headers({ "Content-Type": "application/json" });
  if (old !== null) headers.set("Authorization", `Bearer ${old}`);
  return reach("/auth/guest", { method: "POST", headers, body: "{}" });
}
