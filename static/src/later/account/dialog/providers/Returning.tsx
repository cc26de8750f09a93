/** What is shown to who comes back from a provider, until it is known what has come of it. */
import { useEffect } from "preact/hooks";
import { Problem, type ProblemCode } from "../../../../api/problem.ts";
import type { Return } from "../../entry/trip.ts";
import type { Wording } from "../../wording.ts";
import { type Entered, arrive } from "../entering.ts";
import { Progress } from "../Progress.tsx";
import { useTask } from "../task.ts";
import { addIdentity, finish, leaveFor } from "./calls.ts";
import { explainProvider } from "./explain.ts";
import { words as dialogWords } from "../strings.ts";
import { words } from "./strings.ts";

interface Props {
  back: Return;
  wording: Wording;
  onEntered: (entered: Entered) => void;
  onAdded: () => void;
}

export function Returning({ back: { trip, failure }, wording, onEntered, onAdded }: Props) {
  const { isBusy, problem, run } = useTask();
  const end = () =>
    run(async (halt) => {
      // A newer server may know others than this page.
      if (failure !== null) throw new Problem({ code: failure as ProblemCode });
      if (trip.purpose === "add") {
        await addIdentity(trip, halt);
        onAdded();
      } else {
        onEntered(await arrive(false, (guest) => finish(trip, guest, halt), halt));
      }
    });
  useEffect(end, []);
  return (
    <>
      <p class="account-problem trouble" role="alert">
        {problem.value && explainProvider(problem.value, wording)}
      </p>
      <Progress isBusy={isBusy.value} words={trip.purpose === "add" ? words.adding : words.arriving} />
      {problem.value && (
        <button class="main-choice" onClick={() => run((halt) => leaveFor(trip.provider, trip.purpose, halt))}>
          {dialogWords.tryAgain}
        </button>
      )}
    </>
  );
}
