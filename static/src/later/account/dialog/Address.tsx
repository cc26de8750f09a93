/** The address of an account that mail reaches: confirming it, or another one in its place. */
import { useSignal } from "@preact/signals";
import type { Me } from "../../../api/types.ts";
import type { Wording } from "../wording.ts";
import { askToVerify } from "./calls.ts";
import { isAddress } from "./checks.ts";
import { explainHere } from "./explain.ts";
import { Field } from "./Field.tsx";
import { words } from "./strings.ts";
import { useTask } from "./task.ts";

export function Address({ me, wording }: { me: Me; wording: Wording }) {
  const isChanging = useSignal(me.email === null);
  const address = useSignal(me.email ?? me.login ?? "");
  const wrong = useSignal<string | undefined>(undefined);
  const asked = useSignal("");
  const { isBusy, problem, run } = useTask();
  const submit = (event: Event) => {
    event.preventDefault();
    const email = address.value.trim();
    wrong.value = isAddress(email) ? undefined : words.noEmail;
    if (wrong.value) return;
    run(async () => {
      await askToVerify(email);
      asked.value = words.addressAsked(email);
    });
  };
  const isNotFresh = problem.value?.code === "reauthentication_required";
  return (
    <section aria-labelledby="account-address">
      <h3 id="account-address">{words.address}</h3>
      {isChanging.value ? (
        <form onSubmit={submit} noValidate>
          <Field
            label={words.email}
            type="email"
            autoComplete="email"
            value={address.value}
            onValue={(text) => (address.value = text)}
            hint={words.addressNote}
            wrong={wrong.value}
          />
          <p class="account-problem trouble" role="alert">
            {problem.value && (isNotFresh ? words.notFreshForMail : explainHere(problem.value, wording))}
          </p>
          <p class="hint" role="status">
            {asked}
          </p>
          <button aria-disabled={isBusy.value}>{words.sendCheck}</button>
        </form>
      ) : (
        <ul class="account-list">
          <li>
            <span>{words.addressConfirmed(me.email ?? "")}</span>
            <button onClick={() => (isChanging.value = true)}>{words.otherAddress}</button>
          </li>
        </ul>
      )}
    </section>
  );
}
