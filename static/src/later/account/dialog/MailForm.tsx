/** Asks for the address that a link is sent to: to sign in, or to set a new password. */
import { useSignal } from "@preact/signals";
import type { Wording } from "../wording.ts";
import { askForLink } from "./calls.ts";
import { isAddress } from "./checks.ts";
import { explainHere } from "./explain.ts";
import { Field } from "./Field.tsx";
import { Progress } from "./Progress.tsx";
import { words } from "./strings.ts";
import { useTask } from "./task.ts";

interface Props {
  way: "mail" | "forgot";
  email: string;
  onEmail: (email: string) => void;
  wording: Wording;
}

export function MailForm({ way, email, onEmail, wording }: Props) {
  const wrong = useSignal<string | undefined>(undefined);
  const isSent = useSignal(false);
  const { isBusy, problem, run } = useTask();
  const submit = (event: Event) => {
    event.preventDefault();
    wrong.value = isAddress(email) ? undefined : words.noEmail;
    if (wrong.value) return;
    isSent.value = false;
    run(async (halt) => {
      await askForLink(email.trim(), way === "mail" ? "sign_in" : "reset", halt);
      isSent.value = true;
    });
  };
  return (
    <form onSubmit={submit} noValidate>
      <p class="hint">{way === "mail" ? words.mailNote : words.forgotNote}</p>
      <Field
        label={words.email}
        type="email"
        autoComplete="username"
        value={email}
        onValue={onEmail}
        wrong={wrong.value}
      />
      <p class="account-problem trouble" role="alert">
        {problem.value && explainHere(problem.value, wording)}
      </p>
      <Progress isBusy={isBusy.value} words={words.waiting} />
      <p role="status">{isSent.value && words.linkSent}</p>
      <button class="main-choice" aria-disabled={isBusy.value}>
        {words.sendLink}
      </button>
    </form>
  );
}
