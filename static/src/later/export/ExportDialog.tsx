/** The dialog in which a chat is copied, saved or printed. All of it is read first; what was read stays while the dialog is open. */
import { signal, useComputed, useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { Problem } from "../../api/problem.ts";
import { serverNow } from "../../api/serverClock.ts";
import type { Session } from "../../api/types.ts";
import { TEMPORARY } from "../../api/messages.ts";
import { current, isAnswering } from "../../state/conversations.ts";
import type { Page } from "../session/page.ts";
import { Close } from "../copied/Close.tsx";
import { save } from "../copied/save.ts";
import type { Chat } from "./chat.ts";
import { fileName } from "./fileName.ts";
import { jsonOf } from "./json.ts";
import { markdownOf } from "./markdown.ts";
import { layOut, printOut, readOnScreen } from "./print.ts";
import { Reading } from "./reading.ts";
import { isCopiedOnceMade } from "./isCopiedOnceMade.ts";
import { strings } from "../../first/strings.ts";
import { locale } from "../../browser/language.ts";
import { words } from "./strings.ts";
import { asRead, withWhatIsHere } from "./withWhatIsHere.ts";
import "../copied/frame.css";
import "./export.css";

interface Props {
  page: Page;
  session: Session;
  /** The chat is about to be on screen. */
  onOpen: () => void;
  onClose: () => void;
}

/** What is being done, or what came of it. */
type State =
  { kind: "idle" | "preparing" } | { kind: "reading"; messages: number } | { kind: "said" | "failed"; text: string };

/** Does its work and returns what is said about it; null: the dialog goes. */
type Work = (halt: AbortSignal) => Promise<string | null>;

export function ExportDialog({ page, session, onOpen, onClose }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const chosen = useRef<HTMLElement>(null);
  const state = useSignal<State>({ kind: "idle" });
  const halt = useMemo(() => signal(new AbortController()), []);
  const reading = useMemo(() => new Reading(session.id), [session.id]);
  /** The chat on screen, where it is one that is nowhere else. */
  const unkept = useMemo(() => (session.id === TEMPORARY ? current.peek() : null), []);
  const isBusy = useComputed(() => state.value.kind === "reading" || state.value.kind === "preparing");
  const title = session.title ?? strings.untitled;
  const onCount = (messages: number) => (state.value = { kind: "reading", messages });

  useLayoutEffect(() => {
    dialog.current?.showModal();
    dialog.current?.querySelector("h2")?.focus();
    return () => halt.peek().abort();
  }, []);

  const read = async (signal: AbortSignal): Promise<Chat> => {
    if (unkept) return { session, ...asRead(unkept) };
    const { session: fresh, messages } = await reading.all(onCount, signal);
    const { id, messages: shown, thread } = current.peek();
    if (id.peek() !== session.id) return { session: fresh, messages, leaf: null };
    const known = new Set(messages.map((message) => message.id));
    const leaf = shown.peek().findLast((message) => known.has(message.id))?.id ?? null;
    return { session: fresh, messages: withWhatIsHere(messages, thread), leaf };
  };

  const start = (event: Event, work: Work) => {
    if (isBusy.peek()) return;
    chosen.current = event.currentTarget as HTMLElement;
    const { signal } = (halt.value = new AbortController());
    onCount(0);
    work(signal).then(
      (text) => {
        if (text === null) dialog.current?.close();
        else state.value = { kind: "said", text };
      },
      (thrown: unknown) => {
        if (signal.aborted) state.value = { kind: "said", text: words.cancelled };
        else state.value = { kind: "failed", text: whyNot(thrown) };
      },
    );
  };
  const whyNot = (thrown: unknown) => {
    if (thrown instanceof NotCopied) return words.notCopied;
    const problem = Problem.from(thrown);
    return problem.code === "session_not_found" ? words.gone : `${words.failed} ${page.explain(problem)} ${words.goOn}`;
  };

  const copyIt: Work = async (signal) => {
    const text = read(signal).then((chat) => markdownOf(chat, now()));
    if (!(await isCopiedOnceMade(text))) throw new NotCopied();
    return words.copied;
  };
  const download =
    (ending: string, type: string, textOf: (chat: Chat, at: Date) => string): Work =>
    async (signal) => {
      const chat = await read(signal);
      const name = fileName(chat.session.title, words.fileName, ending);
      save(textOf(chat, now()), name, `${type};charset=utf-8`);
      return words.saved(name);
    };
  const printIt: Work = async (signal) => {
    if (!unkept) await readOnScreen(session.id, onCount, signal);
    state.value = { kind: "preparing" };
    onOpen();
    await layOut(signal);
    dialog.current?.close();
    const date = new Intl.DateTimeFormat(locale, { dateStyle: "long" }).format(now());
    printOut(fileName(session.title, words.fileName, "pdf").replace(/\.pdf$/, ""), words.onPaper(date));
    return null;
  };

  const cancel = () => {
    // It goes with what it cancels.
    chosen.current?.focus();
    halt.peek().abort();
  };
  const choice = (name: string, work: Work, note?: ComponentChildren) => (
    <li>
      <button aria-disabled={isBusy.value} onClick={(event) => start(event, work)}>
        {name}
        {note && <small>{note}</small>}
      </button>
    </li>
  );
  return (
    <dialog class="frame export" ref={dialog} aria-labelledby="export-title" onClose={onClose}>
      <header>
        <h2 id="export-title" tabIndex={-1}>
          <page.Words of={words.title(title)} />
        </h2>
        <Close dialog={dialog} name={words.close} />
      </header>
      <p class="hint">{words.note}</p>
      {(unkept ? unkept.phase.value !== "idle" : isAnswering(session.id)) && (
        <p class="export-running">{words.running}</p>
      )}
      <ul>
        {choice(words.copy, copyIt)}
        {choice(words.markdown, download("md", "text/markdown", markdownOf))}
        {choice(words.json, download("json", "application/json", jsonOf), words.jsonNote)}
        {choice(words.print, printIt)}
      </ul>
      <Outcome page={page} state={state.value} onCancel={cancel} />
    </dialog>
  );
}

function Outcome({ page, state, onCancel }: { page: Page; state: State; onCancel: () => void }) {
  return (
    <>
      <p class="trouble" role="alert">
        {state.kind === "failed" && state.text}
      </p>
      <div class="export-state">
        <p class="hint">
          <span role="status">
            {state.kind === "reading" && words.reading}
            {state.kind === "preparing" && words.preparing}
            {state.kind === "said" && <page.Words of={state.text} />}
          </span>
          {/* To be told of each page that comes in would be too much. */}
          {state.kind === "reading" && (
            <span aria-hidden="true"> {words.messages(state.messages, state.messages.toLocaleString(locale))}</span>
          )}
        </p>
        {(state.kind === "reading" || state.kind === "preparing") && (
          <button onClick={onCancel}>{strings.cancel}</button>
        )}
      </div>
    </>
  );
}

/** The text is there, and the browser does not take it. */
class NotCopied extends Error {}

const now = () => new Date(serverNow());
