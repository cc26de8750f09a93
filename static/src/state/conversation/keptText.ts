/**
 * What the visitor has typed and not sent: it survives a reload, and other tabs. Each tab has its own words, kept in the tab; what was
 * typed last in any of them is kept in the browser, too, for a tab that has none of its own.
 */
import { type Signal, signal } from "@preact/signals";
import { load, onOtherTab, store } from "../storage.ts";

interface Kept {
  text: Signal<string>;
  forget: () => void;
  /** Another tab has sent or given up what it had put into the browser. */
  goneElsewhere: () => void;
}

const all = new Map<string, Kept>();

/** The text kept under `key`; `initial` if there is none. */
export function keptText(key: string, initial = ""): Signal<string> {
  return find(key, initial).text;
}

/** Forgets it: it was sent, or given up. */
export function forgetText(key: string): void {
  find(key, "").forget();
  all.delete(key);
}

function find(key: string, initial: string): Kept {
  const found = all.get(key) ?? keep(key, initial);
  all.set(key, found);
  return found;
}

function keep(key: string, initial: string): Kept {
  const own = load(key, "tab");
  const text = signal(own ?? load(key) ?? initial);
  let isOwn = own !== null;
  let seen = text.peek();
  const stop = text.subscribe((words) => {
    if (words === seen) return;
    // What another tab has put there meanwhile is not this tab's to remove.
    if (words !== "") store(key, words);
    else if (load(key) === seen) store(key, null);
    // No words are words of one's own, too.
    store(key, words, "tab");
    seen = words;
    isOwn = true;
  });
  return {
    text,
    forget: () => {
      stop();
      if (load(key) === seen) store(key, null);
      store(key, null, "tab");
    },
    goneElsewhere: () => {
      if (isOwn) return;
      seen = "";
      text.value = "";
    },
  };
}

onOtherTab("draft.", (rest, value) => {
  if (value === null) all.get(`draft.${rest}`)?.goneElsewhere();
});
