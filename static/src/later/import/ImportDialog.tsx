/** The dialog in which chats come in from a file: it is chosen, then the chats in it are. */
import { signal, useComputed, useSignal } from "@preact/signals";
import { useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { Problem } from "../../api/problem.ts";
import { locale } from "../../browser/language.ts";
import { strings } from "../../first/strings.ts";
import { readFirstPage } from "../../state/sessions.ts";
import type { Page } from "../session/page.ts";
import { Close } from "../copied/Close.tsx";
import { BringingIn } from "./bringIn.ts";
import { ChatFile, NotRead } from "./file.ts";
import type { Offered } from "./reader.ts";
import { words } from "./strings.ts";
import "../copied/frame.css";
import "./import.css";

interface Props {
  page: Page;
  onClose: () => void;
}

/** As many rows as are drawn: an export has thousands of chats. */
const MOST_SHOWN = 100;

export function ImportDialog({ page, onClose }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const found = useSignal<{ chats: Offered[]; tooLong: number; bringing: BringingIn } | null>(null);
  const chosen = useSignal<ReadonlySet<number>>(new Set());
  const filter = useSignal("");
  const busy = useSignal<"" | "reading" | "bringing">("");
  const said = useSignal("");
  const problem = useSignal("");
  const done = useSignal(0);
  const file = useRef<ChatFile | null>(null);
  const halt = useMemo(() => signal(new AbortController()), []);
  const matching = useComputed(() => {
    const wanted = filter.value.trim().toLowerCase();
    return (found.value?.chats ?? []).filter(({ title }) => title.toLowerCase().includes(wanted));
  });
  const shown = matching.value.slice(0, MOST_SHOWN);

  useLayoutEffect(() => {
    dialog.current?.showModal();
    dialog.current?.querySelector("h2")?.focus();
    return () => {
      halt.peek().abort();
      file.current?.close();
    };
  }, []);

  const read = async (chosenFile: File) => {
    file.current?.close();
    const reading = (file.current = new ChatFile());
    found.value = null;
    chosen.value = new Set();
    problem.value = "";
    busy.value = "reading";
    said.value = words.reading;
    try {
      const { chats, tooLong } = await reading.chats(chosenFile);
      if (file.current !== reading) return;
      found.value = { chats, tooLong, bringing: new BringingIn(reading) };
      said.value = [
        words.found(chats.length, shownAs(chats.length)),
        tooLong > 0 && words.tooLong(tooLong, shownAs(tooLong)),
      ]
        .filter(Boolean)
        .join(" ");
    } catch (thrown) {
      if (file.current !== reading) return;
      said.value = "";
      problem.value = words.failed[thrown instanceof NotRead ? thrown.why : "no_chats"];
    }
    busy.value = "";
  };
  const toggle = (index: number, isChosen: boolean) => {
    const next = new Set(chosen.peek());
    if (isChosen) next.add(index);
    else next.delete(index);
    chosen.value = next;
  };
  const bring = async () => {
    const offered = found.peek();
    if (busy.peek() || !offered) return;
    const { chats, bringing } = offered;
    const those = chats.filter((chat) => chosen.peek().has(chat.index) && !bringing.has(chat));
    if (those.length === 0) {
      said.value = words.none;
      return;
    }
    busy.value = "bringing";
    problem.value = "";
    done.value = 0;
    said.value = "";
    const { signal: halted } = (halt.value = new AbortController());
    try {
      await bringing.all(those, (count) => (done.value = count), halted);
      said.value = words.done(those.length, shownAs(those.length));
    } catch (thrown) {
      if (halted.aborted) said.value = words.cancelled;
      else problem.value = `${words.stopped} ${page.explain(Problem.from(thrown))} ${words.goOn}`;
    }
    chosen.value = new Set(
      [...chosen.peek()].filter((index) => chats.some((one) => one.index === index && !bringing.has(one))),
    );
    busy.value = "";
    // What came in stands in the list; if that cannot be read now, it says so itself.
    void readFirstPage();
  };
  const cancel = () => {
    // It goes with what it cancels.
    dialog.current?.querySelector("h2")?.focus();
    halt.peek().abort();
  };
  const count = chosen.value.size;
  const rest = matching.value.length - shown.length;
  const progress = words.bringing(shownAs(done.value), shownAs(count));
  return (
    <dialog class="frame import" ref={dialog} aria-labelledby="import-title" onClose={onClose}>
      <header>
        <h2 id="import-title" tabIndex={-1}>
          {words.title}
        </h2>
        <Close dialog={dialog} name={words.close} />
      </header>
      <p class="hint">{words.note}</p>
      <label class="import-file">
        {words.choose}
        <input
          type="file"
          accept=".json,.zip,application/json,application/zip"
          disabled={busy.value === "bringing"}
          // The same file can be chosen again.
          onClick={({ currentTarget }) => (currentTarget.value = "")}
          onChange={({ currentTarget }) => {
            const [one] = currentTarget.files ?? [];
            if (one) void read(one);
          }}
        />
      </label>
      {found.value && found.value.chats.length > 0 && (
        <>
          {found.value.chats.length > 10 && (
            <label class="import-filter">
              {words.filter}
              <input
                type="search"
                value={filter.value}
                onInput={({ currentTarget }) => (filter.value = currentTarget.value)}
              />
            </label>
          )}
          <label class="import-all">
            <input
              type="checkbox"
              disabled={busy.value !== ""}
              checked={shown.length > 0 && shown.every(({ index }) => chosen.value.has(index))}
              onChange={({ currentTarget }) => {
                for (const { index } of shown) toggle(index, currentTarget.checked);
              }}
            />
            {words.all}
          </label>
          <ul aria-label={words.list}>
            {shown.map((chat) => (
              <li key={chat.index}>
                <label>
                  <input
                    type="checkbox"
                    disabled={busy.value !== "" || found.value?.bringing.has(chat)}
                    checked={chosen.value.has(chat.index) || found.value?.bringing.has(chat)}
                    onChange={({ currentTarget }) => toggle(chat.index, currentTarget.checked)}
                  />
                  <span dir="auto">{chat.title || strings.untitled}</span>
                  <small>
                    {chat.at !== null && `${day.format(chat.at)} · `}
                    {words.messages(chat.messages, shownAs(chat.messages))}
                    {found.value?.bringing.has(chat) && ` · ${words.here}`}
                  </small>
                </label>
              </li>
            ))}
          </ul>
          {rest > 0 && <p class="hint">{words.more(rest, shownAs(rest))}</p>}
          <button class="main-choice" aria-disabled={busy.value !== "" || count === 0} onClick={() => void bring()}>
            {count === 0 ? words.none : words.bring(count, shownAs(count))}
          </button>
        </>
      )}
      <p class="trouble" role="alert">
        {problem.value}
      </p>
      <div class="import-state">
        <p class="hint" role="status">
          {said.value}
        </p>
        {busy.value === "bringing" && (
          <>
            <progress max={count} value={done.value} aria-label={progress} />
            <span class="hint">{progress}</span>
            <button onClick={cancel}>{strings.cancel}</button>
          </>
        )}
      </div>
    </dialog>
  );
}

const numbers = new Intl.NumberFormat(locale);
const shownAs = (count: number) => numbers.format(count);
const day = new Intl.DateTimeFormat(locale, { dateStyle: "medium" });
