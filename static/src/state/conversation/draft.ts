/**
 * Words that the visitor has typed and not sent: one draft for each session, one for the new chat, and one for each message that is being
 * edited. They survive a reload, and other tabs. Each tab has its own words, kept in the tab; what was typed last in any of them is kept
 * in the browser, too, for a tab that has none of its own.
 */
import { type Signal, signal } from "@preact/signals";
import { load, onOtherTab, store } from "../storage.ts";
import { storageKey } from "./storageKey.ts";

const all = new Map<string, Draft>();

/**
 * Stands before each block that is attached to the words: a long paste or a file (`later/attachments`). It is never sent: the server would not
 * keep it either.
 */
export const ATTACHED = "\x1e";

/** The draft of a session; null: of the new chat. */
export function draftIn(sessionId: string | null): Draft {
  return draftAt(storageKey("draft", sessionId));
}

/** The new words for a message, which are those it has until they are changed. */
export function draftFor(messageId: string, words = ""): Draft {
  return draftAt(`edit.${messageId}`, words);
}

function draftAt(key: string, initial = ""): Draft {
  const found = all.get(key) ?? new Draft(key, initial);
  all.set(key, found);
  return found;
}

export class Draft {
  readonly text: Signal<string>;
  #key: string;
  /** The words as they were last read or kept. */
  #seen: string;
  #isOwn: boolean;
  readonly #stop: () => void;

  constructor(key: string, initial: string) {
    const own = load(key, "tab");
    this.text = signal(own ?? load(key) ?? initial);
    this.#key = key;
    this.#seen = this.text.peek();
    this.#isOwn = own !== null;
    this.#stop = this.text.subscribe((words) => this.#keep(words));
  }

  /** What stands in the field: all but what is attached. */
  get words(): string {
    return this.text.value.split(ATTACHED, 1)[0] ?? "";
  }

  set words(words: string) {
    this.text.value = asKept(words) + this.text.peek().slice(this.words.length);
  }

  /** Removes what the server does not keep. Returns the rest, which can be sent. */
  clean(): string {
    return (this.text.value = asKept(this.text.value));
  }

  /**
   * `content` is on its way: it leaves the field, where the same words may be written again. The browser keeps it until the server has it,
   * for the next tab, should this one be closed before.
   */
  dispatch(content: string): void {
    const rest = this.#without(content);
    if (rest === null) return;
    // Seen already, so that the browser's copy stays.
    if (rest === "") store(this.#key, (this.#seen = rest), "tab");
    this.#isOwn = true;
    this.text.value = rest;
  }

  /** Clears `content`, which was sent or waits elsewhere. `isHere`: it is in the field, unless that has changed since. */
  clear(content: string, isHere: boolean): void {
    if (isHere) this.text.value = this.#without(content) ?? this.text.value;
    if (this.text.peek() === "" && asKept(load(this.#key) ?? "") === content) store(this.#key, null);
  }

  /** Puts `content` back, before what was written meanwhile. */
  giveBack(content: string): void {
    this.text.value = joined(content, this.text.value);
  }

  /** Puts `content` after what is written. */
  append(content: string): void {
    this.text.value = joined(this.text.value, content);
  }

  /** Moves the words to the session that the new chat has become. The new chat's draft is left empty. */
  adopt(sessionId: string): void {
    const words = this.text.peek();
    this.#keep("");
    all.delete(this.#key);
    this.#key = storageKey("draft", sessionId);
    all.set(this.#key, this);
    this.#isOwn = false;
    this.#keep(words);
  }

  /** Forgets the words: they were sent, or given up. */
  forget(): void {
    this.#stop();
    this.#remove();
    store(this.#key, null, "tab");
    all.delete(this.#key);
  }

  /** Another tab has sent or given up what it had put into the browser. */
  goneElsewhere(): void {
    if (!this.#isOwn) this.text.value = this.#seen = "";
  }

  /** What is written after `content`; null: it does not stand here, or not any more. */
  #without(content: string): string | null {
    const words = asKept(this.text.value);
    if (words !== content && !words.startsWith(content + BETWEEN)) return null;
    return words.slice(content.length + BETWEEN.length);
  }

  #keep(words: string): void {
    if (words === this.#seen) return;
    if (words !== "") store(this.#key, words);
    else this.#remove();
    // An empty draft is a draft, too.
    store(this.#key, words, "tab");
    this.#seen = words;
    this.#isOwn = true;
  }

  /** Removes the words from the browser. What another tab has put there meanwhile is not this tab's to remove. */
  #remove(): void {
    if (load(this.#key) === this.#seen) store(this.#key, null);
  }
}

onOtherTab("draft.", (rest, value) => {
  if (value === null) all.get(`draft.${rest}`)?.goneElsewhere();
});

/** What stands between words that were put together. */
const BETWEEN = "\n\n";

function joined(...texts: string[]): string {
  return texts.filter(Boolean).join(BETWEEN);
}

/** `text` as the server will keep it: without control characters but for line breaks and tabs. */
export function asKept(text: string): string {
  return text.replace(/\r\n?/g, "\n").replace(/[\0-\x08\x0b-\x1f\x7f-\x9f]/g, "");
}
