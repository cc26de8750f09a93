/** One thing after the other: what a part of the dialog is doing, and what came of it. */
import { type Signal, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { Problem } from "../../../api/problem.ts";

export interface Task {
  isBusy: Signal<boolean>;
  problem: Signal<Problem | null>;
  /** Does `work` unless something is being done already. What it throws is the problem that is shown. */
  run: (work: (halt: AbortSignal) => Promise<void>) => void;
}

export function useTask(): Task {
  const isBusy = useSignal(false);
  const problem = useSignal<Problem | null>(null);
  const halt = useRef(new AbortController());
  // Who closes the dialog wants nothing more of it.
  useEffect(() => () => halt.current.abort(), []);
  const run: Task["run"] = (work) => {
    if (isBusy.value) return;
    isBusy.value = true;
    problem.value = null;
    const { signal } = halt.current;
    work(signal)
      .catch((thrown: unknown) => {
        if (!signal.aborted) problem.value = Problem.from(thrown);
      })
      .finally(() => (isBusy.value = false));
  };
  return { isBusy, problem, run };
}
