/** The guest's token: asked for when first needed, kept in the browser, renewed when it has ended, replaced when it is refused. */
import { Problem } from "./problem.ts";
import { reach } from "./reachability.ts";
import type { GuestToken } from "./types.ts";

const KEY = "edgewise.token";

/** Without storage (forbidden, full) the token lives as long as the page. */
let remembered: string | null = null;
/** The last token if it has ended by itself: it still proves who comes back. */
let ended: string | null = null;
let pending: Promise<string> | null = null;

/** The kept token, or a new one. Callers at the same time share one request. */
export async function guestToken(): Promise<string> {
  return kept() ?? (pending ??= requestToken().finally(() => (pending = null)));
}

/**
 * Forgets `refused`, so that the next call asks for a new token: for the same guest if the old one has only ended. Another tab may
 * already have done so.
 */
export function forgetToken(refused: string, hasExpired: boolean): void {
  if (kept() !== refused) return;
  remembered = null;
  ended = hasExpired ? refused : null;
  try {
    localStorage.removeItem(KEY);
  } catch {
    // Nothing was kept there then.
  }
}

/** Whether this browser has a token, that is: whether there can be anything to list. */
export function hasToken(): boolean {
  return kept() !== null;
}

function kept(): string | null {
  try {
    return localStorage.getItem(KEY) ?? remembered;
  } catch {
    return remembered;
  }
}

async function requestToken(): Promise<string> {
  let response = await ask(ended);
  // Too old to be renewed: a new guest, rather than none.
  if (response.status === 401 && ended !== null) response = await ask(null);
  ended = null;
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
