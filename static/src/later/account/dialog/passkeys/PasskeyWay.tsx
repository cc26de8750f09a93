/** The way in by a passkey, below the form for a password; and, where one signs in, the browser's own offer in the field for the name. */
import type { ReadonlySignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { Entered } from "../entering.ts";
import type { Task } from "../task.ts";
import { hasAuthenticators } from "./authenticator.ts";
import { fillIn, signIn, signInBy, signUp } from "./entering.ts";
import { words } from "./strings.ts";

interface Props {
  way: "signIn" | "signUp";
  /** What the device is to show of a new account; may be empty. */
  userName: string;
  isBusy: ReadonlySignal<boolean>;
  run: Task["run"];
  onEntered: (entered: Entered) => void;
}

export function PasskeyWay({ way, userName, isBusy, run, onEntered }: Props) {
  const offer = useRef<AbortController | null>(null);
  const isOpen = way === "signIn" && !isBusy.value;
  useEffect(() => {
    if (!isOpen) return undefined;
    const halt = new AbortController();
    offer.current = halt;
    void fillIn(halt.signal).then((signed) => {
      if (signed && !halt.signal.aborted) run(async (signal) => onEntered(await signInBy(signed, signal)));
    });
    return () => halt.abort();
  }, [isOpen]);
  const begin = () => {
    // At once: a browser asks one thing at a time.
    offer.current?.abort();
    run(async (halt) => onEntered(await (way === "signIn" ? signIn(halt) : signUp(userName, halt))));
  };
  return (
    <>
      <p class="account-or">{words.or}</p>
      {hasAuthenticators() ? (
        <button
          key="use"
          type="button"
          aria-disabled={isBusy.value}
          aria-describedby="account-passkey-note"
          onClick={begin}
        >
          {words[way]}
        </button>
      ) : (
        <p class="hint">{words.unsupported}</p>
      )}
      <p class="hint" id="account-passkey-note">
        {way === "signUp" && hasAuthenticators() && words.signUpNote}
      </p>
    </>
  );
}
