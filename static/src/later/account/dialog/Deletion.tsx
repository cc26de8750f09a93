/** The way out with all one has. Somebody with an account signs in once more; a guest, who cannot, writes a word. */
import { useSignal } from "@preact/signals";
import { keepToken } from "../../../api/token.ts";
import { lazily } from "../../../browser/lazily.ts";
import type { Wording } from "../wording.ts";
import { deleteMe } from "./calls.ts";
import { type Stage, comeIn } from "./entering.ts";
import { explainHere } from "./explain.ts";
import { Field } from "./Field.tsx";
import { Progress } from "./Progress.tsx";
import { words } from "./strings.ts";
import { useTask } from "./task.ts";

/** `login`: by which name one signs in; null: a guest. */
export function Deletion({ login, wording }: { login: string | null; wording: Wording }) {
  const typed = useSignal("");
  const wrong = useSignal<string | undefined>(undefined);
  const stage = useSignal<Stage>("asking");
  const { isBusy, problem, run } = useTask();
  const isGuest = login === null;

  const wrongIn = () => {
    if (!isGuest) return typed.value === "" ? words.noPassword : undefined;
    return typed.value.trim().toLowerCase() === words.removeWord ? undefined : words.noRemoveWord;
  };
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    wrong.value = wrongIn();
    if (wrong.value) return;
    run(async (halt) => {
      if (!isGuest) {
        const credentials = { email: login, password: typed.value, code: "" };
        const { token } = await comeIn("signIn", credentials, (is) => (stage.value = is), halt);
        keepToken(token);
      }
      await deleteMe(isGuest);
      const { leave } = await lazily(() => import("../device.ts"));
      leave("deleted");
    });
  };
  return (
    <form onSubmit={submit} noValidate>
      <p>{isGuest ? words.removeGuestNote : words.removeNote}</p>
      {/* So that a password manager knows whose password is asked for. */}
      {!isGuest && (
        <input
          class="unseen"
          type="email"
          autoComplete="username"
          value={login}
          readOnly
          tabIndex={-1}
          aria-hidden="true"
        />
      )}
      <Field
        label={isGuest ? words.removeField : words.password}
        type={isGuest ? "text" : "password"}
        autoComplete={isGuest ? "off" : "current-password"}
        value={typed.value}
        onValue={(text) => (typed.value = text)}
        wrong={wrong.value}
      />
      <p class="account-problem trouble" role="alert">
        {problem.value && explainHere(problem.value, wording)}
      </p>
      <Progress isBusy={isBusy.value} words={stage.value === "stretching" ? words.working : words.waiting} />
      <button class="danger" aria-disabled={isBusy.value}>
        {words.removeNow}
      </button>
    </form>
  );
}
