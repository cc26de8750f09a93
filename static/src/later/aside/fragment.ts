/**
 * What a link hands the page behind its `#`, which no server is told: a code, or a word from where the visitor was sent back. It is taken out of the
 * address at once, so that it neither stays in the history nor goes along with an address that is copied.
 */
import { signal } from "@preact/signals";

export interface Fragment {
  name: string;
  value: string;
}

/** What came with the address and nobody has taken up yet. */
export const fragment = signal<Fragment | null>(null);

/** Names that something in the page answers to; every other fragment stays where it is. */
const NAMES = ["take", "go-on", "mail", "signed-in", "sign-in-failed"];

function read(): void {
  const [, name = "", value = ""] = /^#([\w-]+)(?:=(.*))?$/.exec(location.hash) ?? [];
  if (!NAMES.includes(name)) return;
  history.replaceState(history.state, "", location.pathname + location.search);
  fragment.value = { name, value };
}

/** The fragment, if it has this name: whoever asks takes it up. */
export function takeUp(name: string): string | null {
  const found = fragment.value;
  if (found?.name !== name) return null;
  fragment.value = null;
  return found.value;
}

read();
// A link that is followed while the page is open changes its address alone.
addEventListener("hashchange", read);
