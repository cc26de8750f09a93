/**
 * The visitor's token: a guest's is asked for when first needed; an account's is put here by who signs in. Both are kept in the browser,
 * renewed when they have ended, and replaced when our API refuses them.
 */
import { lazily } from "../browser/lazily.ts";
import { claimsOf } from "./claims.ts";
import { Problem, type ProblemCode } from "./problem.ts";
import { withProof } from "./proof.ts";
import { reach } from "./reachability.ts";
import type { GuestToken } from "./types.ts";

const KEY = "edgewise.token";
/** Tokens that were replaced by those of other guests, the newest first: with them an operator can give the chats back after a mistake of the server. */
const REPLACED_KEY = "edgewise.tokens.replaced";
const MOST_REPLACED = 5;
/** The guest whom the server has put another in place of, and that other: what the first had waiting (`later/unsent`) is the other's. */
const HEIR_KEY = "edgewise.heir";

/** Without storage (forbidden, full) the token lives as long as the page. */
let remembered: string | null = null;
/**
 * A token that the server refuses. It stays in the storage until another replaces it: one that has only expired still proves who the guest
 * is, also after a reload.
 */
let refused: { token: string; code: ProblemCode } | null = null;
let pending: Promise<string> | null = null;
/** Ends the proof for the pending token. */
let halting = new AbortController();
/** Callers that wait for it and may give up. */
const waiting = new Set<AbortSignal>();

/**
 * The kept token, or a new one. Callers at the same time share one request. `halt` ends the waiting, and the proving for the token when
 * nobody else waits for it: then it rejects with its reason.
 */
export async function visitorToken(halt?: AbortSignal): Promise<string> {
  const token = usable();
  if (token !== null) return token;
  halt?.throwIfAborted();
  if (!pending || halting.signal.aborted) {
    halting = new AbortController();
    const requested = requestToken(halting.signal).finally(() => {
      if (pending === requested) pending = null;
    });
    pending = requested;
  }
  return halt ? unless(halt, pending) : pending;
}

async function unless(halt: AbortSignal, coming: Promise<string>): Promise<string> {
  waiting.add(halt);
  const ending = new AbortController();
  const halted = new Promise<never>((_, reject) => {
    halt.addEventListener("abort", () => reject(halt.reason as Error), { signal: ending.signal });
  });
  try {
    return await Promise.race([coming, halted]);
  } finally {
    ending.abort();
    waiting.delete(halt);
    if (halt.aborted && waiting.size === 0) halting.abort(new Problem({ code: "challenge_required" }));
  }
}

/** Whether our own API refuses the token that it was shown. What a proxy or the network's sign-in page says is nothing about it. */
export function refusesToken({ isOurs, status, code }: Problem): boolean {
  return isOurs && status === 401 && /^(unauthenticated|token_\w+)$/.test(code);
}

/**
 * Has the next call ask for a new token instead of `token`, which was refused for this reason: for the same visitor if it has only ended.
 * Another tab may already have done so.
 */
export function refuseToken(token: string, code: ProblemCode): void {
  if (keptToken() === token) refused = { token, code };
}

/** Whether this browser has a token, that is: whether there can be anything to list. */
export function hasToken(): boolean {
  return keptToken() !== null;
}

function usable(): string | null {
  const token = keptToken();
  return token === refused?.token ? null : token;
}

/** The token that this browser has; it may have ended. */
export function keptToken(): string | null {
  try {
    return localStorage.getItem(KEY) ?? remembered;
  } catch {
    return remembered;
  }
}

async function requestToken(halt: AbortSignal): Promise<string> {
  const old = refused?.token ?? null;
  if (old !== null && (claimsOf(old).sid || refused?.code === "token_claimed")) {
    const { renew } = await lazily(() => import("../later/account/device.ts"));
    const token = await renew(old);
    if (token !== null) return keepToken(token);
  }
  let isRenewed = refused?.code === "token_expired";
  const response = await ask(isRenewed ? old : null, halt).catch((thrown: unknown) => {
    if (!isRenewed || !(thrown instanceof Problem) || !refusesToken(thrown)) throw thrown;
    // Too old to be renewed: a new guest, rather than none.
    isRenewed = false;
    return ask(null, halt);
  });
  const answer = (await response.json().catch(() => null)) as Partial<GuestToken> | null;
  const token = answer?.token;
  if (typeof token !== "string") throw new Problem({ code: "unreadable", status: response.status });
  // Another tab may have been quicker, and have written under that name already.
  const other = usable();
  if (other !== null) return other;
  if (old !== null && !isRenewed) keepHeir(old, token);
  return keepToken(token, isRenewed ? null : old);
}

function keepHeir(old: string, token: string): void {
  try {
    localStorage.setItem(HEIR_KEY, `${claimsOf(old).sub} ${claimsOf(token).sub}`);
  } catch {
    // Then nothing waits either.
  }
}

/** This is the visitor's token from now on; `replaced` is kept beside it. */
export function keepToken(token: string, replaced: string | null = null): string {
  remembered = token;
  try {
    // Before the new one, so that there is no moment at which the old one is nowhere.
    if (replaced !== null) keepReplaced(replaced);
    localStorage.setItem(KEY, token);
  } catch {
    // See `remembered`. Whoever talks to visitors says so.
    dispatchEvent(new Event("unkept"));
  }
  return token;
}

function keepReplaced(token: string): void {
  const before = localStorage.getItem(REPLACED_KEY)?.split(" ") ?? [];
  localStorage.setItem(REPLACED_KEY, [token, ...before].slice(0, MOST_REPLACED).join(" "));
}

function ask(old: string | null, halt: AbortSignal): Promise<Response> {
  return withProof((proof) => {
    const headers = new Headers({ ...proof, "Content-Type": "application/json" });
    if (old !== null) headers.set("Authorization", `Bearer ${old}`);
    return reach("/auth/guest", { method: "POST", headers, body: "{}" });
  }, halt);
}
