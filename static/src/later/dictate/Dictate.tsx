/** Writes down what the visitor says, where the cursor is. It never sends. */
import { effect, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { notify } from "../../state/notices.ts";
import { load, store } from "../../state/storage.ts";
import { tongueOf } from "../../text/tongues.ts";
import { Inserting } from "./inserting.ts";
import { type Recognition, newRecognition } from "./recognition.ts";
import { words } from "./strings.ts";
import "./dictate.css";

const faults: Partial<Record<string, string>> = words.faults;

export interface Props {
  /** Whose words are in the field. */
  draft: { words: string };
}

export function Dictate({ draft }: Props) {
  const button = useRef<HTMLButtonElement>(null);
  const recognition = useRef<Recognition>(null);
  const isListening = useSignal(false);
  useEffect(() => () => recognition.current?.abort(), []);

  const listen = () => {
    const field = button.current?.closest("form")?.querySelector("textarea");
    const next = newRecognition();
    if (!field || !next || isListening.peek()) return;
    const inserting = new Inserting(draft.words, field.selectionStart, field.selectionEnd);
    let written = draft.words;
    recognition.current = next;
    next.lang = tongueOf(written) ?? navigator.language;
    next.interimResults = true;
    // On phones it says everything again with each pause, unless it ends with the first.
    next.continuous = matchMedia("(hover: hover)").matches;
    next.onresult = ({ results }) => {
      const said = Array.from(results, (one) => one[0]?.transcript ?? "");
      written = inserting.next(draft.words, field.selectionStart, said);
      // As if it were typed, so that no block of code in it is taken for an attachment that has come back.
      field.value = written;
      draft.words = written;
      requestAnimationFrame(() => field.setSelectionRange(inserting.caret, inserting.caret));
    };
    next.onerror = ({ error }) => {
      if (error === "aborted") return;
      const fault = error === "service-not-allowed" ? "not-allowed" : error;
      notify({ kind: "problem", text: faults[fault] ?? words.failed });
    };
    // It was sent, or thrown away: nobody speaks to an empty field, and what is understood late belongs to what was sent.
    const unwatch = effect(() => {
      if (draft.words !== "" || written === "") return;
      next.onresult = null;
      next.abort();
    });
    next.onend = () => {
      unwatch();
      recognition.current = null;
      isListening.value = false;
    };
    isListening.value = true;
    next.start();
  };

  const onClick = (event: MouseEvent) => {
    if (isListening.peek()) {
      recognition.current?.stop();
      return;
    }
    if (load("dictate") !== null) {
      listen();
      return;
    }
    const run = () => {
      store("dictate", "told");
      button.current?.focus();
      listen();
    };
    notify({ kind: "done", text: words.where, action: { label: words.start, run } });
    // A click by keyboard has no count.
    if (event.detail === 0)
      requestAnimationFrame(() => document.querySelector<HTMLElement>(".notice:last-child button")?.focus());
  };

  const name = isListening.value ? words.stop : words.dictate;
  return (
    <button
      type="button"
      class={isListening.value ? "quiet dictate on" : "quiet dictate"}
      ref={button}
      aria-label={name}
      title={name}
      onClick={onClick}
    >
      <svg class="icon" viewBox="0 0 20 20" aria-hidden="true">
        <path d="M10 3a2 2 0 0 1 2 2v4.5a2 2 0 0 1-4 0V5a2 2 0 0 1 2-2zM5.5 9.5a4.5 4.5 0 0 0 9 0M10 14v3" />
      </svg>
    </button>
  );
}
