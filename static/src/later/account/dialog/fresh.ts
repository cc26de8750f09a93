/** What is allowed after a sign-in of just now only: where that is too long ago, it is kept until the visitor has signed in once more. */
import { type Signal, useSignal } from "@preact/signals";
import { Problem } from "../../../api/problem.ts";
import { type Task, useTask } from "./task.ts";

export interface FreshTask extends Task {
  /** What waits for a sign-in; calling it goes on with that. */
  again: Signal<(() => void) | null>;
}

export function useFresh(): FreshTask {
  const task = useTask();
  const again = useSignal<(() => void) | null>(null);
  const run: Task["run"] = (work) =>
    task.run(async (halt) => {
      again.value = null;
      await work(halt).catch((thrown: unknown) => {
        if (!(thrown instanceof Problem) || thrown.code !== "reauthentication_required") throw thrown;
        again.value = () => run(work);
      });
    });
  return { ...task, run, again };
}
