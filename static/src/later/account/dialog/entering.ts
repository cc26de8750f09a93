/** How somebody comes in: the password is made a key, the server lets in, and a guest's chats go along, or wait for an answer whether they shall. */
import { claimsOf } from "../../../api/claims.ts";
import { keptToken } from "../../../api/token.ts";
import type { SignedIn } from "../../../api/types.ts";
import { sessions } from "../../../state/sessions.ts";
import { passwordKey } from "../password/passwordKey.ts";
import { countChats, enter, saltFor, takeAlong } from "./calls.ts";

export type Way = "signIn" | "signUp" | "reset";

export interface Credentials {
  email: string;
  password: string;
  code: string;
}

export interface Entered {
  token: string;
  /** To be shown once. */
  code: string | null;
  /** A guest with chats, beside an account with chats: the visitor is asked what becomes of them. */
  guest: string | null;
}

const ROUTES = { signIn: "login", signUp: "register", reset: "password" } as const;

/** How far it is: nothing yet, the long work on the password, or the request that may make an account. */
export type Stage = "asking" | "stretching" | "entering";

export async function comeIn(
  way: Way,
  { email, password, code }: Credentials,
  onStage: (stage: Stage) => void,
  halt: AbortSignal,
): Promise<Entered> {
  const [key = ""] = await stretch(email, [password], onStage, halt);
  const body = { email, password_key: key, ...(way === "reset" && { recovery_code: code }) };
  return arrive(way === "signUp", (guest) => enter(ROUTES[way], body, guest, halt), halt);
}

/** The keys of passwords that are of the same name. */
export async function stretch(
  email: string,
  passwords: string[],
  onStage: (stage: Stage) => void,
  halt: AbortSignal,
): Promise<string[]> {
  onStage("asking");
  const salt = await saltFor(email, halt);
  onStage("stretching");
  const keys: string[] = [];
  // One after the other: each takes the memory that a small device has.
  for (const password of passwords) keys.push(await passwordKey(password, salt, halt));
  onStage("entering");
  return keys;
}

/** What becomes of a guest's chats when `letIn` lets somebody in, by whatever way: it is given the guest who goes along at once. */
export async function arrive(
  isNew: boolean,
  letIn: (guest: string | null) => Promise<SignedIn>,
  halt: AbortSignal,
): Promise<Entered> {
  const guest = guestHere();
  // An account that is new has no chats to be mixed up with.
  const mayMix = !isNew && guest !== null && sessions.peek().length > 0;
  const signedIn = await letIn(mayMix ? null : guest);
  if (!mayMix) return entered(signedIn, signedIn.token);
  if ((await countChats(signedIn.token, halt)) > 0) return { ...entered(signedIn, signedIn.token), guest };
  return entered(signedIn, (await takeAlong(guest, halt)).token);
}

/** Somebody who has come in by a link: a guest with chats waits for an answer, for the link may be a stranger's. */
export function enteredByLink(signedIn: SignedIn): Entered {
  const guest = sessions.peek().length > 0 ? guestHere() : null;
  return { ...entered(signedIn, signedIn.token), guest };
}

/** The token of this browser's guest, if nobody has signed in. */
export function guestHere(): string | null {
  const token = keptToken();
  return claimsOf(token).sid ? null : token;
}

function entered({ recovery_code }: SignedIn, token: string): Entered {
  return { token, code: recovery_code ?? null, guest: null };
}
