/** All chats are deleted: the one question before, in the sheet. The way back afterwards is that of several chats that were selected. */
import { type ReadonlySignal, useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { Problem } from "../../api/problem.ts";
import { locale } from "../../browser/language.ts";
import { sessions } from "../../state/sessions.ts";
import type * as Acts from "../session/acts.ts";
import type { Page } from "../session/page.ts";
import { readAll } from "./readAll.ts";
import { words } from "./strings.ts";

/** What can be done with a chat, once it is loaded. */
export interface Loading {
  acts: ReadonlySignal<typeof Acts | null>;
  loadActs: (onFailure: () => void) => Promise<unknown>;
}

/** From how many on it takes longer than one looks at a page. */
const MANY = 250;

interface Props extends Loading {
  page: Page;
  /** They go: the sheet makes room. */
  onRemove: () => void;
}

export function RemoveAll({ page, acts, loadActs, onRemove }: Props) {
  const state = useSignal<"idle" | "reading" | "asking">("idle");
  const said = useSignal("");
  const keep = useRef<HTMLButtonElement>(null);
  const begin = useRef<HTMLButtonElement>(null);
  const halt = useMemo(() => new AbortController(), []);
  useEffect(() => () => halt.abort(), []);
  const isAsking = state.value === "asking";
  useLayoutEffect(() => {
    if (isAsking) keep.current?.focus();
  }, [isAsking]);

  const ask = async () => {
    if (state.peek() === "reading") return;
    state.value = "reading";
    said.value = words.reading;
    try {
      await readAll(halt.signal);
      state.value = sessions.peek().length > 0 ? "asking" : "idle";
      said.value = sessions.peek().length > 0 ? "" : words.none;
    } catch (thrown) {
      state.value = "idle";
      said.value = `${words.notRead} ${page.explain(Problem.from(thrown))}`;
    }
  };
  const leave = () => {
    state.value = "idle";
    requestAnimationFrame(() => begin.current?.focus());
  };
  const remove = async ({ detail }: MouseEvent) => {
    if (!acts.peek()) await loadActs(() => (said.value = words.notLoaded));
    const loaded = acts.peek();
    if (!loaded) return;
    const those = sessions.peek();
    onRemove();
    const [watch, goneOn] = [new AbortController(), new AbortController()];
    for (const name of ["keydown", "pointerdown"])
      addEventListener(name, () => goneOn.abort(), { capture: true, signal: watch.signal });
    await loaded.removeAll(page, those).finally(() => watch.abort());
    // A click by keyboard has no count: the focus then moves to the notice with the way back, unless its visitor does something else by then.
    if (detail === 0 && !goneOn.signal.aborted) loaded.focusNotice();
  };

  const count = sessions.value.length;
  return (
    <div class="settings-remove">
      {isAsking ? (
        <div role="group" aria-label={words.ask(count)} key="question">
          <p class="settings-question">{words.ask(count)}</p>
          <p class="hint">{count < MANY ? words.askHint : words.askLong}</p>
          <button class="danger" onClick={(event) => void remove(event)}>
            {words.remove}
          </button>
          <button ref={keep} onClick={leave}>
            {words.keep}
          </button>
        </div>
      ) : (
        <button key="begin" ref={begin} aria-disabled={state.value === "reading"} onClick={() => void ask()}>
          {words.removeAll}
        </button>
      )}
      <p class="hint" role="status">
        {said}
        {/* To be told of each page that comes in would be too much. */}
        {state.value === "reading" && <span aria-hidden="true"> {count.toLocaleString(locale)}</span>}
      </p>
    </div>
  );
}
