/** "How should it answer?": what goes with each message. It is loaded when somebody opens it. */
import { useSignal } from "@preact/signals";
import { render } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { Problem } from "../../api/problem.ts";
import type { UserContext } from "../../api/types.ts";
import { locale } from "../../browser/language.ts";
import { characters } from "../../text/characters.ts";
import type { Page } from "../session/page.ts";
import { Close } from "../copied/Close.tsx";
import { type Kept, readContext, writeContext } from "./calls.ts";
import { MOST, type Task, leave, leftBefore, trimmed } from "./draft.ts";
import { Rows } from "./Rows.tsx";
import { words } from "./strings.ts";
import "../copied/frame.css";
import "./context.css";

const numbers = new Intl.NumberFormat(locale);
const host = document.createElement("div");
document.body.append(host);

export function show(page: Page): void {
  render(<ContextDialog page={page} />, host);
}

function ContextDialog({ page }: { page: Page }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const draft = useSignal<UserContext | null>(null);
  const tag = useSignal("");
  const state = useSignal<"reading" | "unread" | "idle" | "saving" | "changed">("reading");
  const said = useSignal("");
  const failure = useSignal("");

  const take = ({ context, tag: of }: Kept) => {
    draft.value = context;
    tag.value = of;
    state.value = "idle";
    failure.value = "";
  };
  const read = () => {
    state.value = "reading";
    leave(null);
    readContext().then(take, (thrown: unknown) => {
      state.value = "unread";
      failure.value = `${words.notRead} ${page.explain(Problem.from(thrown))}`;
    });
  };
  useLayoutEffect(() => {
    dialog.current?.showModal();
    dialog.current?.querySelector("h2")?.focus();
    const left = leftBefore();
    if (left) take(left);
    else read();
  }, []);

  const change = (part: Partial<UserContext>) => {
    const before = draft.peek();
    if (!before) return;
    draft.value = { ...before, ...part };
    leave({ context: draft.value, tag: tag.peek() });
    said.value = "";
  };
  const save = async (over: string | null) => {
    const context = draft.peek();
    if (!context || state.peek() === "saving") return;
    state.value = "saving";
    said.value = failure.value = "";
    try {
      const kept = await writeContext(trimmed(context), over);
      // What was written meanwhile stays, and is not saved yet.
      tag.value = kept.tag;
      if (draft.peek() === context) {
        leave(null);
        take(kept);
        said.value = words.saved;
      } else leave({ context: draft.peek() ?? context, tag: kept.tag });
      state.value = "idle";
    } catch (thrown) {
      const problem = Problem.from(thrown);
      const isChanged = problem.code === "precondition_failed";
      state.value = isChanged ? "changed" : "idle";
      // Which bound it is beyond, the server says best.
      const why = problem.code === "invalid_request" ? problem.message : page.explain(problem);
      failure.value = isChanged ? words.changed : `${words.failed} ${why}`;
    }
  };

  const context = draft.value;
  return (
    <dialog class="frame context" ref={dialog} aria-labelledby="context-title" onClose={() => render(null, host)}>
      <header>
        <h2 id="context-title" tabIndex={-1}>
          {words.title}
        </h2>
        <Close dialog={dialog} name={words.close} />
      </header>
      <p class="hint">{words.note}</p>
      {context && state.value !== "reading" && (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            void save(tag.peek());
          }}
        >
          <Fields context={context} onChange={change} />
          <button class="main-choice" aria-disabled={state.value === "saving"}>
            {words.save}
          </button>
        </form>
      )}
      <p class="trouble" role="alert">
        {failure}
      </p>
      {state.value === "unread" && <button onClick={read}>{words.again}</button>}
      {state.value === "changed" && (
        <div class="context-ways">
          <button onClick={read}>{words.theirs}</button>
          <button onClick={() => void save(null)}>{words.mine}</button>
        </div>
      )}
      <p class="hint" role="status">
        {state.value === "reading" ? words.reading : said}
      </p>
    </dialog>
  );
}

interface FieldsProps {
  context: UserContext;
  onChange: (part: Partial<UserContext>) => void;
}

function Fields({ context, onChange }: FieldsProps) {
  const { preferences, tasks, groups } = context;
  const instructions = context.instructions ?? "";
  const word = (key: keyof UserContext["preferences"], label: string, hint?: string) => (
    <label>
      {label}
      <input
        name={`context-${key}`}
        value={preferences[key] ?? ""}
        placeholder={hint}
        maxLength={MOST.word}
        autoComplete="off"
        dir="auto"
        onInput={({ currentTarget }) => onChange({ preferences: { ...preferences, [key]: currentTarget.value } })}
      />
    </label>
  );
  const task = (one: Task, number: number, change: (next: Task) => void) => (
    <>
      <input
        aria-label={words.task(number)}
        value={one.title}
        maxLength={MOST.title}
        dir="auto"
        onInput={({ currentTarget }) => change({ ...one, title: currentTarget.value })}
      />
      <select
        aria-label={words.status(number)}
        value={one.status}
        onChange={({ currentTarget }) => change({ ...one, status: currentTarget.value as Task["status"] })}
      >
        {Object.entries(words.statuses).map(([status, text]) => (
          <option key={status} value={status}>
            {text}
          </option>
        ))}
      </select>
      <input
        type="date"
        aria-label={words.due(number)}
        value={one.due ?? ""}
        onInput={({ currentTarget }) => change({ ...one, due: currentTarget.value })}
      />
    </>
  );
  return (
    <>
      {word("name", words.name)}
      {word("language", words.language, words.languageHint)}
      {word("tone", words.tone, words.toneHint)}
      <label>
        {words.instructions}
        <textarea
          rows={4}
          value={instructions}
          maxLength={MOST.instructions}
          dir="auto"
          onInput={({ currentTarget }) => onChange({ instructions: currentTarget.value })}
        />
        <span class="hint">
          {words.count(numbers.format(characters(instructions)), numbers.format(MOST.instructions))}
        </span>
      </label>
      <Rows
        legend={words.tasks}
        rows={tasks}
        most={MOST.tasks}
        fresh={{ title: "", status: "open", due: null }}
        row={task}
        remove={words.removeTask}
        add={words.addTask}
        onRows={(rows) => onChange({ tasks: rows })}
      />
      <Rows
        legend={words.groups}
        rows={groups}
        most={MOST.groups}
        fresh={{ name: "" }}
        row={(one, number, change) => (
          <input
            aria-label={words.group(number)}
            value={one.name}
            maxLength={MOST.word}
            dir="auto"
            onInput={({ currentTarget }) => change({ name: currentTarget.value })}
          />
        )}
        remove={words.removeGroup}
        add={words.addGroup}
        onRows={(rows) => onChange({ groups: rows })}
      />
    </>
  );
}
