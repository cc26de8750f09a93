/**
 * The search through one's own chats: their titles at once, what was said in them a moment later. It stays open until what was chosen is on
 * the screen, so that whatever goes wrong on the way is said where it can be tried again.
 */
import { useSignal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import { Problem } from "../../../api/problem.ts";
import type { SearchHit, Session } from "../../../api/types.ts";
import { keys } from "../../../browser/keys.ts";
import { now } from "../../../state/clock.ts";
import { jumps, places } from "../../../state/places.ts";
import { open, openSessionId } from "../../../state/route.ts";
import { deletedSession, sessions } from "../../../state/sessions.ts";
import type { Wording } from "../../account/wording.ts";
import { Close } from "../../copied/Close.tsx";
import { arrive } from "./arrival.ts";
import { reach } from "./reach.ts";
import { Results } from "./Results.tsx";
import { MOST, Search } from "./search.ts";
import { words } from "./strings.ts";
import { titlesWith } from "./titles.ts";
import "./SearchDialog.css";

interface Props {
  wording: Wording;
  /** Something was opened. */
  onOpen: () => void;
  onClose: () => void;
}

/** It outlives the dialog: who comes back from one message finds the others as they were. */
const search = new Search();

export function SearchDialog({ wording, onOpen, onClose }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const field = useRef<HTMLInputElement>(null);
  const way = useRef<AbortController>(null);
  /** What keeps the message that was chosen from being shown, if anything. */
  const obstacle = useSignal<{ text: string; tryAgain?: () => void } | null>(null);
  const isGoing = useSignal(false);

  useLayoutEffect(() => {
    dialog.current?.showModal();
    field.current?.focus();
    field.current?.select();
    search.comeBack();
    return () => {
      search.leave();
      way.current?.abort();
    };
  }, []);

  const text = search.text.value;
  const found = search.found.value.filter(({ session }) => !deletedSession(session.id));
  const titles = titlesWith(sessions.value, text, openSessionId.value);

  const leaveFor = (session: Session) => {
    dialog.current?.close();
    open(session.id);
    onOpen();
  };
  const goTo = async (session: Session, hit: SearchHit) => {
    way.current?.abort();
    const { signal } = (way.current = new AbortController());
    obstacle.value = null;
    isGoing.value = true;
    try {
      const reached = await reach(session, hit.message_id, signal);
      if (!reached) {
        obstacle.value = { text: words.gone };
        return;
      }
      const wasHere = openSessionId.peek() === session.id;
      const onArrival = (message: HTMLElement) => arrive(message, hit.text);
      places.set(reached, { message: hit.message_id, top: 0, onArrival });
      leaveFor(session);
      if (wasHere) jumps.value += 1;
    } catch (thrown) {
      if (signal.aborted) return;
      obstacle.value = {
        text: `${words.notOpened} ${wording.explain(Problem.from(thrown))}`,
        tryAgain: () => void goTo(session, hit),
      };
    } finally {
      if (!signal.aborted) isGoing.value = false;
    }
  };
  const follow = (session: Session, hit: SearchHit | null) => {
    if (hit) {
      void goTo(session, hit);
      return;
    }
    way.current?.abort();
    // The chat was what was looked for.
    search.clear();
    leaveFor(session);
  };

  const type = (text: string, isComposing: boolean) => {
    // What was said of another wish.
    way.current?.abort();
    isGoing.value = false;
    obstacle.value = null;
    search.type(text, isComposing);
  };

  const onKeyDown = (event: KeyboardEvent) => {
    const stops = [...(dialog.current?.querySelectorAll<HTMLElement>(".search-results :is(a, button)") ?? [])];
    const at = stops.findIndex((stop) => stop === document.activeElement);
    const isInField = document.activeElement === field.current;
    const to = stopAfter(event, at, stops.length, isInField);
    if (to !== null) (stops[to] ?? field.current)?.focus();
    else if (event.key === "Enter" && isInField) enter(stops[0]);
    else {
      // What is typed belongs into the field, wherever the focus is.
      if (at >= 0 && isTyped(event)) field.current?.focus();
      return;
    }
    event.preventDefault();
  };
  const enter = (first: HTMLElement | undefined) => {
    if (first?.matches("a")) first.click();
    else search.now();
  };

  return (
    <dialog class="search" ref={dialog} aria-label={words.title} onClose={onClose} onKeyDown={keys(onKeyDown)}>
      <div class="search-head" role="search">
        <input
          ref={field}
          type="text"
          dir="auto"
          aria-label={words.field}
          aria-describedby="search-keys"
          placeholder={words.field}
          maxLength={MOST}
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          enterkeyhint="search"
          value={text}
          onInput={(event) => type(event.currentTarget.value, event.isComposing)}
          onCompositionEnd={(event) => type(event.currentTarget.value, false)}
        />
        <Close dialog={dialog} name={words.close} />
      </div>
      <p class="unseen" id="search-keys">
        {words.keys}
      </p>
      <p class="search-state" role="status">
        {isGoing.value ? words.opening : said(found.length)}
      </p>
      <p class="search-trouble trouble" role="alert">
        {obstacle.value ? obstacle.value.text : <SearchTrouble wording={wording} />}
      </p>
      {obstacle.value?.tryAgain ? (
        <button key="open" onClick={obstacle.value.tryAgain}>
          {words.tryAgain}
        </button>
      ) : (
        search.phase.value === "failed" &&
        search.problem.value?.code !== "rate_limited" && (
          <button key="search" onClick={() => search.goOn()}>
            {words.tryAgain}
          </button>
        )
      )}
      <div class="search-results" aria-busy={search.phase.value === "asking"} data-scroller>
        <Results titles={titles} found={found} text={text} wording={wording} onFollow={follow} />
        {search.phase.value === "ended" && search.next.value !== null && (
          <button class="search-older" onClick={() => search.goOn()}>
            {words.older}
          </button>
        )}
      </div>
    </dialog>
  );
}

/** How far the search has come, where `chats` were found. */
function said(chats: number): string {
  if (sessions.value.length === 0 && chats === 0) return words.noChats;
  const isPart = search.next.value !== null;
  switch (search.phase.value) {
    case "idle":
      return search.text.value.trim() === "" ? "" : words.one;
    case "asking":
      return words.searching;
    case "failed":
      return "";
    case "ended":
      if (chats === 0) return isPart ? words.nothingSoFar : words.nothing;
      return isPart ? words.foundSoFar(chats) : words.found(chats);
  }
}

/** Why nothing is searched, and when it goes on. */
function SearchTrouble({ wording }: { wording: Wording }) {
  const problem = search.problem.value;
  if (!problem) return null;
  if (problem.code !== "rate_limited") return <>{wording.explain(problem)}</>;
  const left = Math.max(0, (problem.retryAt ?? 0) - now.value);
  return (
    <>
      {words.limit} {/* Each second is no news. */}
      <span aria-live="off">{words.goesOnIn(wording.duration(left))}</span>
    </>
  );
}

/** Which of `count` links a key leads to from the one at `at`; -1: to the field; null: nowhere. */
function stopAfter({ key, ctrlKey, metaKey, altKey }: KeyboardEvent, at: number, count: number, isInField: boolean) {
  if (ctrlKey || metaKey || altKey || (at < 0 && !isInField)) return null;
  if (key === "ArrowDown") return Math.min(at + 1, count - 1);
  if (key === "ArrowUp") return Math.max(at - 1, -1);
  if (at >= 0 && key === "Home") return 0;
  if (at >= 0 && key === "End") return count - 1;
  return null;
}

function isTyped({ key, ctrlKey, metaKey, altKey }: KeyboardEvent): boolean {
  return !ctrlKey && !metaKey && !altKey && key !== " " && (key === "Backspace" || Array.from(key).length === 1);
}
