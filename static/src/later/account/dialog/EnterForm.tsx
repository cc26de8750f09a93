/** The form to sign in, to make an account, or to set a new password by the recovery code: one form, of which each shows a part. */
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { has } from "../../../state/config.ts";
import type { Wording } from "../wording.ts";
import { type Wrong, wrongIn } from "./checks.ts";
import { type Credentials, type Entered, type Stage, type Way, comeIn } from "./entering.ts";
import { type By, explainHere } from "./explain.ts";
import { Field } from "./Field.tsx";
import { PasskeyWay } from "./passkeys/PasskeyWay.tsx";
import { Progress } from "./Progress.tsx";
import { Providers } from "./providers/Providers.tsx";
import { words } from "./strings.ts";
import { useTask } from "./task.ts";
import { WithProviders } from "./WithProviders.tsx";

interface Props {
  way: Way;
  /** What was typed, which stays when the visitor takes another way. */
  email: string;
  onEmail: (email: string) => void;
  wording: Wording;
  /** Whether a recovery code may be on its way: who closes the dialog then would never see it. */
  onCode: (isComing: boolean) => void;
  /** `isOnlyWay`: nothing else lets them in. */
  onEntered: (entered: Entered, isOnlyWay?: boolean) => void;
}

export function EnterForm({ way, email, onEmail, wording, onCode, onEntered }: Props) {
  const form = useRef<HTMLFormElement>(null);
  const password = useSignal("");
  const code = useSignal("");
  const wrong = useSignal<Wrong>({});
  const stage = useSignal<Stage>("asking");
  const by = useSignal<By>("password");
  const { isBusy, problem, run } = useTask();
  // What went wrong on one way says nothing of another.
  useEffect(() => void (problem.value = null), [way]);
  const hasOtherWays = way !== "reset" && has("passkeys");
  const note = { signIn: words.signInNote, signUp: words.signUpNote, reset: words.resetNote }[way];

  const submit = (event: Event) => {
    event.preventDefault();
    const typed: Credentials = { email: email.trim(), password: password.value, code: code.value };
    wrong.value = wrongIn(way, typed);
    const field = (["email", "code", "password"] as const).find((name) => wrong.value[name]);
    if (field) {
      const name = field === "email" ? "username" : field;
      form.current?.querySelector<HTMLInputElement>(`input[name=${name}]`)?.focus();
      return;
    }
    const onStage = (is: Stage) => {
      stage.value = is;
      onCode(way !== "signIn" && is === "entering");
    };
    by.value = way === "reset" ? "code" : "password";
    run(async (halt) => onEntered(await comeIn(way, typed, onStage, halt).finally(() => onCode(false))));
  };

  const progress = by.value !== "passkey" && stage.value === "stretching" ? words.working : words.waiting;
  // The browser's own bubbles would speak another language than the page.
  return (
    <form ref={form} onSubmit={submit} noValidate>
      <p class="hint">{note}</p>
      <Field
        label={words.email}
        type="email"
        autoComplete={way === "signIn" && hasOtherWays ? "username webauthn" : "username"}
        value={email}
        onValue={onEmail}
        {...(way === "signUp" && { hint: words.emailHint })}
        wrong={wrong.value.email}
      />
      {way === "reset" && (
        <Field
          label={words.code}
          type="text"
          autoComplete="one-time-code"
          value={code.value}
          onValue={(text) => (code.value = text)}
          hint={words.codeHint}
          wrong={wrong.value.code}
        />
      )}
      <Field
        key={way}
        label={way === "reset" ? words.newPassword : words.password}
        type="password"
        autoComplete={way === "signIn" ? "current-password" : "new-password"}
        value={password.value}
        onValue={(text) => (password.value = text)}
        {...(way !== "signIn" && { hint: words.passwordHint })}
        wrong={wrong.value.password}
      />
      {/* Always there, so that what comes into it is read out. */}
      <p class="account-problem trouble" role="alert">
        {problem.value && explainHere(problem.value, wording, by.value)}
      </p>
      <Progress isBusy={isBusy.value} words={progress} />
      <button class="main-choice" aria-disabled={isBusy.value}>
        {words.submits[way]}
      </button>
      {hasOtherWays && (
        <PasskeyWay
          key={way}
          way={way}
          userName={email.trim()}
          isBusy={isBusy}
          run={(work) => {
            by.value = "passkey";
            run(work);
          }}
          onEntered={(entered) => onEntered(entered, way === "signUp")}
        />
      )}
      {way !== "reset" && <WithProviders show={(known) => <Providers providers={known} wording={wording} isOther />} />}
    </form>
  );
}
