/** What this browser is for an account: one of its devices. How its token is renewed, one tab at a time, and how an account is left. */
import { claimsOf } from "../../api/claims.ts";
import { Problem } from "../../api/problem.ts";
import { reach } from "../../api/reachability.ts";
import type { SignedIn, VisitorRole } from "../../api/types.ts";
import { load, store } from "../../state/storage.ts";
import { tellTabs } from "../../state/tabs.ts";

/** Where `api/token.ts` keeps the visitor's token. */
const TOKEN = "token";
/** One tab at a time renews it. */
const LOCK = "edgewise.renew";
/** How long another tab's token may be on its way through the browser, in milliseconds. */
const LONGEST_HEARING = 500;

/** Why an account was left, or a guest who has had all deleted: said once the page is there again. */
export type Farewell = "out" | "ended" | "deleted";

/** An event that tells of a role which has changed since the last token: what the visitor may do now. */
export type RoleEvent = CustomEvent<VisitorRole>;

/**
 * The next token, by the cookie, in place of `old`, which was refused. Null: `old` was a guest's who is an account by now, and nobody has signed in to
 * that here. A device that has ended is left.
 */
export async function renew(old: string): Promise<string | null> {
  const before = claimsOf(old);
  const answer = await oneAtATime(async (hasWaited) => {
    if (hasWaited) await heard(old);
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

/** Why somebody has wished to leave, while the server is told. */
let wish: Farewell | null = null;
let isLeaving = false;

/** Leaves the account by `end`, which ends the device. What is refused to it meanwhile is no reason of its own. */
export async function leaveBy(end: () => Promise<unknown>, why: Farewell): Promise<void> {
  wish = why;
  await end().finally(() => (wish = null));
  leave(why);
}

/**
 * Leaves the account, in all tabs: its token and its unsent words go from this browser, and a guest who was here before is back. The page
 * begins anew, so that nothing of the account stays in it. That is done once: calls that are still on their way are refused, too, and would
 * put the guest out who is back.
 */
export function leave(reason: Farewell): void {
  if (isLeaving) return;
  isLeaving = true;
  const why = wish ?? reason;
  // Who was ended without having asked for it finds what was said without a connection when signed in again; nobody else sees it.
  if (why !== "ended") forgetUnsent();
  store(TOKEN, load("guest"));
  store("guest", null);
  forgetWords(localStorage);
  forgetWords(sessionStorage);
  // A guest who is deleted was here without an account, too: what has become of them is said where accounts need not be.
  store(why === "deleted" ? "moved" : "farewell", why, "tab");
  tellTabs({ kind: "person", isOther: true });
  const anew = () => location.replace("/");
  // A step back that is still to come calls a navigation off, as from the dialog in which it was asked for.
  addEventListener("popstate", anew);
  anew();
}

/** What was said without a connection (`later/unsent`), by the account or the guest whom it has claimed; others of this browser have theirs beside it. */
function forgetUnsent(): void {
  const { sub, was } = claimsOf(load(TOKEN));
  const all = JSON.parse(load("unsent") ?? "[]") as { of?: string }[];
  const others = all.filter(({ of }) => of === undefined || (of !== sub && of !== was));
  store("unsent", others.length > 0 ? JSON.stringify(others) : null);
}

/** Drafts, edits, what waited and the list of chats: they are the account's. */
export function forgetWords(storage: Storage): void {
  try {
    const words = Object.keys(storage).filter((key) =>
      /^edgewise\.(draft|edit|editing|list|outbox|pending|reading)\b/.test(key),
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

/** `work` is told whether another tab was at it before. */
async function oneAtATime<T>(work: (hasWaited: boolean) => Promise<T>): Promise<T> {
  // Pages that are not secure have no locks. Two refreshes at once get the same token from the server, so nothing breaks.
  if (!("locks" in navigator)) return work(false);
  const first = async (lock: Lock | null) => (lock ? { answer: await work(false) } : null);
  const done = await navigator.locks.request(LOCK, { ifAvailable: true }, first);
  return done ? done.answer : await navigator.locks.request(LOCK, () => work(true));
}

/** Waits until this tab hears of a token in place of `old`, but not for ever: the lock of who has stored one may be free before that is told to others. */
async function heard(old: string): Promise<void> {
  if (load(TOKEN) !== old) return;
  const done = new AbortController();
  await new Promise<void>((resolve) => {
    addEventListener("storage", () => load(TOKEN) !== old && resolve(), { signal: done.signal });
    // Who was at it may have failed.
    setTimeout(resolve, LONGEST_HEARING);
  });
  done.abort();
}
