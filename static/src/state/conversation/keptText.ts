/**
 * What the visitor has typed and not sent: it survives a reload, and other tabs. Each tab has its own words, kept in the tab; what was
 * typed last in any of them is kept in the browser, too, for a tab that has none of its own.
 */
import { type Signal, signal } from "@preact/signals";
import { load, onOtherTab, store } from "../storage.ts";

const all = new Map<string, KeptText>();

/** The text kept under `key`; `initial` if there is none. */
export function keptText(key: string, initial = ""): KeptText {
  const found = all.get(key) ?? new KeptText(key, initial);
  all.set(key, found);
  return found;
}

export class KeptText {
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

  /** Keeps the words under `key` from now on. Under the old one are none, as if they had been sent. */
  moveTo(key: string): void {
    const words = this.text.peek();
    this.#keep("");
    all.delete(this.#key);
    all.set(key, this);
    this.#key = key;
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
    if (this.#isOwn) return;
    this.#seen = "";
    this.text.value = "";
  }

  #keep(words: string): void {
    if (words === this.#seen) return;
    if (words !== "") store(this.#key, words);
    else this.#remove();
    // No words are words of one's own, too.
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
