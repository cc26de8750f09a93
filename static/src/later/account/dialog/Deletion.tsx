/** The way out with all one has. Somebody with an account signs in once more; a guest, who cannot, writes a word. */
import { useSignal } from "@preact/signals";
import { lazily } from "../../../browser/lazily.ts";
import type { Wording } from "../wording.ts";
import { Again } from "./Again.tsx";
import { deleteMe } from "./calls.ts";
import { explainHere } from "./explain.ts";
import { Field } from "./Field.tsx";
import { Progress } from "./Progress.tsx";
import { words } from "./strings.ts";
import { useTask } from "./task.ts";
import type { Ways } from "./ways.ts";

/** `ways`: by what one signs in; null: a guest. */
export function Deletion({ ways, wording }: { ways: Ways | null; wording: Wording }) {
  return (
    <>
      <p>{ways ? words.removeNote : words.removeGuestNote}</p>
      {ways ? (
        <Again ways={ways} wording={wording} danger={words.removeNow} onDone={() => remove(false)} />
      ) : (
        <ByWord wording={wording} />
      )}
    </>
  );
}

function ByWord({ wording }: { wording: Wording }) {
  const typed = useSignal("");
  const wrong = useSignal<string | undefined>(undefined);
  const { isBusy, problem, run } = useTask();
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    wrong.value = typed.value.trim().toLowerCase() === words.removeWord ? undefined : words.noRemoveWord;
    if (!wrong.value) run(() => remove(true));
  };
  return (
    <form onSubmit={submit} noValidate>
      <Field
        label={words.removeField}
        type="text"
        autoComplete="off"
        value={typed.value}
        onValue={(text) => (typed.value = text)}
        wrong={wrong.value}
      />
      <p class="account-problem trouble" role="alert">
        {problem.value && explainHere(problem.value, wording)}
      </p>
      <Progress isBusy={isBusy.value} words={words.waiting} />
      <button class="danger" aria-disabled={isBusy.value}>
        {words.removeNow}
      </button>
    </form>
  );
}

async function remove(isGuest: boolean): Promise<void> {
  // It is here before the server is told: nothing comes between that and leaving.
  const { leaveBy } = await lazily(() => import("../device.ts"));
  await leaveBy(() => deleteMe(isGuest), "deleted");
}
