/**
 * What a link from a mail leads to. Opening it does nothing: programs that look through mail open links, too. It asks for a click, and says where
 * it leads, for it may have been asked for by somebody else.
 */
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { keptToken, refuseToken, visitorToken } from "../../../api/token.ts";
import type { Link } from "../../../api/types.ts";
import type { Wording } from "../wording.ts";
import { passwordKey } from "../password/passwordKey.ts";
import { confirmLink, hasAskedHere, lookAtLink, resetByLink, verifyByLink } from "./calls.ts";
import { wrongPassword } from "./checks.ts";
import { type Entered, enteredByLink } from "./entering.ts";
import { explainLink } from "./explain.ts";
import { Field } from "./Field.tsx";
import { Progress } from "./Progress.tsx";
import { words } from "./strings.ts";
import { useTask } from "./task.ts";

interface Props {
  token: string;
  isSignedIn: boolean;
  wording: Wording;
  /** Whether a recovery code may be on its way: who closes the dialog then would never see it. */
  onCode: (isComing: boolean) => void;
  onEntered: (entered: Entered) => void;
}

export function LinkView({ token, isSignedIn, wording, onCode, onEntered }: Props) {
  const link = useSignal<Link | null>(null);
  const password = useSignal("");
  const wrong = useSignal<string | undefined>(undefined);
  const isStretching = useSignal(false);
  const isVerified = useSignal(false);
  const { isBusy, problem, run } = useTask();
  useEffect(() => run(async (halt) => void (link.value = await lookAtLink(token, halt))), []);
  const one = link.value;
  const doIt = (event: Event) => {
    event.preventDefault();
    if (!one) return;
    wrong.value = one.purpose === "reset" ? wrongPassword(one.email, password.value) : undefined;
    if (wrong.value) return;
    run(async (halt) => {
      if (one.purpose === "verify") {
        await verifyByLink(token);
        link.value = null;
        isVerified.value = true;
        await renew();
      } else if (one.purpose === "sign_in") {
        const { signed_in } = await confirmLink(token, halt);
        if (signed_in) onEntered(enteredByLink(signed_in));
      } else if (one.salt) {
        isStretching.value = true;
        const key = await passwordKey(password.value, one.salt, halt).finally(() => (isStretching.value = false));
        onCode(true);
        onEntered(enteredByLink(await resetByLink(token, key, halt).finally(() => onCode(false))));
      }
    });
  };
  const mayGoOn = one !== null && (one.purpose !== "verify" || isSignedIn);
  return (
    <form onSubmit={doIt} noValidate>
      <p role="status">{isVerified.value && words.verified}</p>
      {one && (
        <>
          <p>{words.linkFor[one.purpose](one.email)}</p>
          {!hasAskedHere(one.email) && <p class="hint">{words.askedElsewhere}</p>}
          {one.purpose === "verify"
            ? !isSignedIn && <p class="hint">{words.signInFirst}</p>
            : isSignedIn && <p class="hint">{words.signedInAlready}</p>}
          {one.purpose === "reset" && (
            <>
              {/* For who keeps passwords. */}
              <input hidden type="email" name="username" autocomplete="username" value={one.email} readOnly />
              <Field
                label={words.newPassword}
                type="password"
                autoComplete="new-password"
                value={password.value}
                onValue={(text) => (password.value = text)}
                hint={words.passwordHint}
                wrong={wrong.value}
              />
              <p class="hint">{words.resetNote}</p>
            </>
          )}
        </>
      )}
      <p class="account-problem trouble" role="alert">
        {problem.value && explainLink(problem.value, wording)}
      </p>
      <Progress isBusy={isBusy.value} words={isStretching.value ? words.working : words.waiting} />
      {mayGoOn && (
        <button class="main-choice" aria-disabled={isBusy.value}>
          {one.purpose === "reset" ? words.submits.reset : words.confirm[one.purpose]}
        </button>
      )}
    </form>
  );
}

/** The next token says that the account's address is known. */
async function renew(): Promise<void> {
  const token = keptToken();
  if (token === null) return;
  refuseToken(token, "token_expired");
  await visitorToken().catch(() => undefined);
}
