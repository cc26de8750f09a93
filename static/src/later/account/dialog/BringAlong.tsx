/** Asks what becomes of the chats of this browser, where the account has chats, too. */
import type { Wording } from "../wording.ts";
import { takeAlong } from "./calls.ts";
import { explainHere } from "./explain.ts";
import { Progress } from "./Progress.tsx";
import { words } from "./strings.ts";
import { useTask } from "./task.ts";

interface Props {
  guest: string;
  wording: Wording;
  onBrought: (token: string) => void;
  onLeft: () => void;
}

export function BringAlong({ guest, wording, onBrought, onLeft }: Props) {
  const { isBusy, problem, run } = useTask();
  const bring = () => run(async (halt) => onBrought((await takeAlong(guest, halt)).token));
  return (
    <>
      <p>{words.bringNote}</p>
      <p class="account-problem trouble" role="alert">
        {problem.value && explainHere(problem.value, wording)}
      </p>
      <Progress isBusy={isBusy.value} words={words.waiting} />
      <button class="main-choice" aria-disabled={isBusy.value} onClick={bring}>
        {words.bring}
      </button>
      <button aria-describedby="account-leave" onClick={() => isBusy.value || onLeft()}>
        {words.leave}
      </button>
      <p class="hint" id="account-leave">
        {words.leaveNote}
      </p>
    </>
  );
}
