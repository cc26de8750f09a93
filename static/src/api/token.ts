/** The guest's token: asked for when first needed, kept in the browser, renewed when it has ended, replaced when it is refused. */
import { Problem } from "./problem.ts";
import { reach } from "./reachability.ts";
import type { GuestToken } from "./types.ts";

const KEY = "edgewise.token";

/** Without storage (forbidden, full) the token lives as long as the page. */
let remembered: string | null = null;
/** A token the server no longer takes. It stays where it is kept until another takes its place: one that has only ended still proves who comes back, also after a reload in between. */
let refused: { token: string; hasExpired: boolean } | null = null;
let pending: Promise<string> | null = null;

/** The kept token, or a new one. Callers at the same time share one request. */
export async function guestToken(): Promise<string> {
  return usable() ?? (pending ??= requestToken().finally(() => (pending = null)));
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
  const old = refused?.hasExpired ? refused.token : null;
  let response = await ask(old);
  // Too old to be renewed: a new guest, rather than none.
  if (response.status === 401 && old !== null) response = await ask(null);
  if (!response.ok) throw await Problem.fromResponse(response);
  const { token } = (await response.json()) as GuestToken;
  remembered = token;
  try {
    localStorage.setItem(KEY, token);
  } catch {
    // See `remembered`.
  }
  return token;
}

function ask(old: string | null): Promise<Response> {
  const headers = new Headers({ "Content-Type": "application/json" });
  if (old !== null) headers.set("Authorization", `Bearer ${old}`);
  return reach("/auth/guest", { method: "POST", headers, body: "{}" });
}
