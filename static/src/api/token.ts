/** The guest's token: asked for when first needed, kept in the browser, replaced when the server refuses it. */
import { Problem } from "./problem.ts";
import type { GuestToken } from "./types.ts";

const KEY = "edgewise.token";

/** Without storage (forbidden, full) the token lives as long as the page. */
let remembered: string | null = null;
let pending: Promise<string> | null = null;

/** The kept token, or a new one. Callers at the same time share one request. */
export async function guestToken(): Promise<string> {
  return kept() ?? (pending ??= requestToken().finally(() => (pending = null)));
}

/** Forgets `refused`, so that the next call asks for a new token. Another tab may already have done so. */
export function forgetToken(refused: string): void {
  if (kept() !== refused) return;
  remembered = null;
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
  const response = await fetch("/api/v1/auth/guest", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: "{}",
  });
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
