/** Asks whether the chats of another device shall be shown here: the link may be a stranger's, who would read along. */
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { Coming } from "../../api/types.ts";
import { Problem } from "../../api/problem.ts";
import type { Wording } from "../account/wording.ts";
import { look, redeem } from "./calls.ts";
import { explainHere } from "./explain.ts";
import { become, isHere, isSignedIn } from "./own.ts";
import { words } from "./strings.ts";

interface Props {
  code: string;
  wording: Wording;
  onLeave: () => void;
}

export function Take({ code, wording, onLeave }: Props) {
  const coming = useSignal<Coming | null>(null);
  const isBusy = useSignal(false);
  const problem = useSignal<Problem | null>(null);
  const said = useSignal(isSignedIn() ? words.signedIn : "");
  const run = (work: () => Promise<void>) => {
    if (isBusy.value) return;
    isBusy.value = true;
    problem.value = null;
    work()
      .catch((thrown: unknown) => {
        problem.value = Problem.from(thrown);
        // A second try would find it used, or never there.
        if (problem.value.status && problem.value.status < 500) coming.value = null;
      })
      .finally(() => (isBusy.value = false));
  };
  useEffect(() => {
    if (!said.peek()) run(async () => void (coming.value = await look(code)));
  }, []);
  const take = () =>
    run(async () => {
      const { token } = await redeem(code);
      if (!isHere(token)) {
        become(token);
        return;
      }
      coming.value = null;
      said.value = words.same;
    });
  return (
    <>
      <p class="take-problem trouble" role="alert">
        {problem.value && explainHere(problem.value, wording)}
      </p>
      <p role="status">{said.value || (isBusy.value && !coming.value && words.loading)}</p>
      {coming.value && (
        <>
          <p>{words.coming(coming.value.chats)}</p>
          <p class="hint">{words.takeNote}</p>
          <p class="take-warning">{words.warning}</p>
          <button class="main-choice" aria-disabled={isBusy.value} onClick={take}>
            {words.doTake}
          </button>
        </>
      )}
      <button onClick={onLeave}>{coming.value ? words.leave : words.close}</button>
    </>
  );
}
