/** How somebody comes in by a passkey. What becomes of a guest's chats is the same as by every other way. */
import type { SignedPasskey } from "../../../../api/types.ts";
import { deviceName } from "../browsers.ts";
import { type Entered, arrive } from "../entering.ts";
import { canFillIn, make, use } from "./authenticator.ts";
import { addPasskey, logIn, optionsToAdd, optionsToRegister, optionsToSignIn, register } from "./calls.ts";

/** The most that the server takes for a name, in characters. */
const NAME_CHARS = 100;
/** How long before its end a challenge is replaced, in milliseconds: who has chosen a passkey still has to unlock it. */
const AHEAD = 30_000;

/** `userName`: what the device is to show of the account; may be empty. */
export async function signUp(userName: string, halt: AbortSignal): Promise<Entered> {
  const options = await optionsToRegister(userName.slice(0, NAME_CHARS), halt);
  const made = await make(options, halt);
  return arrive(true, (guest) => register(made, nameHere(), guest, halt), halt);
}

export async function signIn(halt: AbortSignal): Promise<Entered> {
  const { get } = await optionsToSignIn(halt);
  return signInBy(await use(get, halt), halt);
}

export function signInBy(signed: SignedPasskey, halt: AbortSignal): Promise<Entered> {
  return arrive(false, (guest) => logIn(signed, guest, halt), halt);
}

/** One more passkey for who is signed in. */
export async function add(halt: AbortSignal) {
  const made = await make(await optionsToAdd(halt), halt);
  return addPasskey(made, nameHere());
}

/**
 * Has the browser offer passkeys where the name is written, until one is chosen or `halt` says that nobody wants it any more. Whatever goes wrong meanwhile is
 * told to nobody: nobody has asked for it, and there is a button that does.
 */
export async function fillIn(halt: AbortSignal): Promise<SignedPasskey | null> {
  if (!(await canFillIn())) return null;
  while (!halt.aborted) {
    const signed = await oneRound(halt);
    if (signed !== "over") return signed;
    await seen(halt);
  }
  return null;
}

/** As long as one challenge lives: shorter than a dialog may stay open. */
async function oneRound(halt: AbortSignal): Promise<SignedPasskey | "over" | null> {
  const OVER = "over";
  const round = new AbortController();
  const end = () => round.abort();
  halt.addEventListener("abort", end);
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    const { get, life } = await optionsToSignIn(halt);
    timer = setTimeout(() => round.abort(OVER), life - AHEAD);
    return await use(get, round.signal, "conditional");
  } catch {
    return round.signal.reason === OVER ? OVER : null;
  } finally {
    clearTimeout(timer);
    halt.removeEventListener("abort", end);
  }
}

/** Waits until somebody looks at the page: in a hidden one nobody chooses anything. */
async function seen(halt: AbortSignal): Promise<void> {
  if (!document.hidden) return;
  const done = new AbortController();
  const { signal } = done;
  await new Promise<void>((resolve) => {
    document.addEventListener("visibilitychange", () => document.hidden || resolve(), { signal });
    halt.addEventListener("abort", () => resolve(), { signal });
  });
  done.abort();
}

/** What a passkey is called that is made here, until its owner gives it another name. */
const nameHere = () => deviceName(navigator.userAgent);
