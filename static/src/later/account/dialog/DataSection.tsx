/** All that is kept of a visitor: to be taken home, or deleted. Guests have both, too. */
import { useSignal } from "@preact/signals";
import { serverNow } from "../../../api/serverClock.ts";
import type { Wording } from "../wording.ts";
import { save } from "../../copied/save.ts";
import { readAll } from "./download.ts";
import { explainHere } from "./explain.ts";
import { Progress } from "./Progress.tsx";
import { words } from "./strings.ts";
import { useTask } from "./task.ts";

export function DataSection({ wording, onRemove }: { wording: Wording; onRemove: () => void }) {
  const chats = useSignal(0);
  const said = useSignal("");
  const { isBusy, problem, run } = useTask();
  const download = () =>
    run(async (halt) => {
      said.value = "";
      const all = await readAll((count) => (chats.value = count), halt);
      const name = words.fileName(new Date(serverNow()).toISOString().slice(0, 10));
      save(`${all.lines.join("\n")}\n`, name, "application/x-ndjson");
      said.value = words.downloaded(words.chats(all.chats));
    });
  return (
    <section aria-labelledby="account-data">
      <h3 id="account-data">{words.data}</h3>
      <p class="hint">{words.downloadNote}</p>
      <p class="account-problem trouble" role="alert">
        {problem.value && explainHere(problem.value, wording)}
      </p>
      <Progress isBusy={isBusy.value} words={words.downloading(words.chats(chats.value))} />
      <p class="hint" role="status">
        {said}
      </p>
      <div class="account-ends">
        <button aria-disabled={isBusy.value} onClick={download}>
          {words.download}
        </button>
        <button class="account-remove" onClick={onRemove}>
          {words.remove}
        </button>
      </div>
    </section>
  );
}
