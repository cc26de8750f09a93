/** A button for each of these providers, through which somebody comes in. */
import { useSignal } from "@preact/signals";
import type { Provider } from "../../../../api/types.ts";
import type { Wording } from "../../wording.ts";
import { Progress } from "../Progress.tsx";
import { useTask } from "../task.ts";
import { leaveFor } from "./calls.ts";
import { explainProvider } from "./explain.ts";
import { words } from "./strings.ts";

interface Props {
  providers: Provider[];
  wording: Wording;
  /** Something else that lets somebody in stands before them. */
  isOther?: boolean;
}

export function Providers({ providers, wording, isOther = false }: Props) {
  const going = useSignal("");
  const { isBusy, problem, run } = useTask();
  const go = ({ id, name }: Provider) => {
    going.value = name;
    run((halt) => leaveFor(id, "login", halt));
  };
  return (
    <div class="account-providers">
      {isOther && <p class="account-or">{words.or}</p>}
      {providers.map((provider) => (
        <button key={provider.id} type="button" aria-disabled={isBusy.value} onClick={() => go(provider)}>
          {words.goTo(provider.name)}
        </button>
      ))}
      <p class="account-problem trouble" role="alert">
        {problem.value && explainProvider(problem.value, wording)}
      </p>
      <Progress isBusy={isBusy.value} words={words.leaving(going.value)} />
    </div>
  );
}
