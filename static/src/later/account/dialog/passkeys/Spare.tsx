/** What somebody is told whose account has a passkey and nothing else: to have a second way in. */
import type { Wording } from "../../wording.ts";
import { explainHere } from "../explain.ts";
import { Progress } from "../Progress.tsx";
import { words as common } from "../strings.ts";
import { useTask } from "../task.ts";
import { add } from "./entering.ts";
import { words } from "./strings.ts";

interface Props {
  wording: Wording;
  onAdded: () => void;
  onPassword: () => void;
  onLater: () => void;
}

export function Spare({ wording, onAdded, onPassword, onLater }: Props) {
  const { isBusy, problem, run } = useTask();
  const more = () =>
    run(async (halt) => {
      await add(halt);
      onAdded();
    });
  return (
    <>
      <p>{words.spareNote}</p>
      <p class="account-problem trouble" role="alert">
        {problem.value && explainHere(problem.value, wording, "passkey")}
      </p>
      <Progress isBusy={isBusy.value} words={common.waiting} />
      <button class="main-choice" aria-disabled={isBusy.value} onClick={more}>
        {words.spareAdd}
      </button>
      <button onClick={() => isBusy.value || onPassword()}>{words.sparePassword}</button>
      <button onClick={() => isBusy.value || onLater()}>{words.later}</button>
    </>
  );
}
