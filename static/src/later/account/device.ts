/** What this browser is for an account: one of its devices. How its token is renewed, one tab at a time, and how an account is left. */
import { claimsOf } from "../../api/claims.ts";
import { Problem } from "../../api/problem.ts";
import { reach } from "../../api/reachability.ts";
import type { SignedIn, VisitorRole } from "../../api/types.ts";
import { load, store } from "../../state/storage.ts";
import { tellTabs } from "../../state/tabs.ts";

/** Where `api/token.ts` keeps the visitor's token. */
const TOKEN = "token";

/** Why an account was left: said once the page is there again. */
export type Farewell = "out" | "ended" | "deleted";

/** An event that tells of a role which has changed since the last token: what the visitor may do now. */
export type RoleEvent = CustomEvent<VisitorRole>;

/**
 * The next token, by the cookie, in place of `old`, which was refused. Null: `old` was a guest's who is an account by now, and nobody has signed in to
 * that here. A device that has ended is left.
 */
export async function renew(old: string): Promise<string | null> {
  const before = claimsOf(old);
  const answer = await oneAtATime(async () => {
    const now = load(TOKEN);
    // Another tab was quicker.
    if (now !== null && now !== old) return now;
    const headers = { "Content-Type": "application/json" };
    const response = await reach("/auth/refresh", { method: "POST", headers, body: "{}" });
    if (response.ok) {
      const { token, user } = (await response.json()) as SignedIn;
      // Before the next tab looks.
      store(TOKEN, token);
      if (before.sid && user.role !== before.role) dispatchEvent(new CustomEvent("role", { detail: user.role }));
      return token;
    }
    const problem = await Problem.fromResponse(response);
    if (problem.isOurs && problem.status === 401) return null;
    throw problem;
  });
  if (answer !== null) {
    if (!before.sid) tellPerson();
    return answer;
  }
  if (!before.sid) {
    store("farewell", "claimed", "tab");
    tellPerson();
    return null;
  }
  leave("ended");
  // The page is on its way out: whoever waits for a token gets none of it.
  return new Promise<never>(() => undefined);
}

/**
 * Leaves the account, in all tabs: its token and its unsent words go from this browser, and a guest who was here before is back. The page
 * begins anew, so that nothing of the account stays in it.
 */
export function leave(why: Farewell): void {
  // Who was ended without having asked for it finds what was said without a connection when signed in again; nobody else sees it.
  if (why !== "ended") forgetUnsent();
  store(TOKEN, load("guest"));
  store("guest", null);
  forgetWords(localStorage);
  forgetWords(sessionStorage);
  store("farewell", why, "tab");
  tellTabs({ kind: "person", isOther: true });
  location.replace("/");
}

/** What was said without a connection (`later/unsent`), by the account or the guest whom it has claimed; others of this browser have theirs beside it. */
function forgetUnsent(): void {
  const { sub, was } = claimsOf(load(TOKEN));
  const all = JSON.parse(load("unsent") ?? "[]") as { of?: string }[];
  const others = all.filter(({ of }) => of === undefined || (of !== sub && of !== was));
  store("unsent", others.length > 0 ? JSON.stringify(others) : null);
}

/** Drafts, edits and what waited: they were written to the account. */
export function forgetWords(storage: Storage): void {
  try {
    const words = Object.keys(storage).filter((key) =>
      /^edgewise\.(draft|edit|editing|outbox|pending|reading)\b/.test(key),
    );
    for (const key of words) storage.removeItem(key);
  } catch {
    // Where nothing can be kept, nothing was.
  }
}

/** The page's other parts follow what became of the visitor; the event is heard by this tab only. */
function tellPerson(): void {
  dispatchEvent(new Event("person"));
}

async function oneAtATime<T>(work: () => Promise<T>): Promise<T> {
  // Pages that are not secure have no locks. Two refreshes at once get the same token from the server, so nothing breaks.
  return "locks" in navigator ? await navigator.locks.request("edgewise.renew", work) : await work();
}
