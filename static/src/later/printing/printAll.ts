/** The rest of what is printed: what was not read yet is read before, where the page hears of the wish in time, or is offered after. */
import type { ReadonlySignal } from "@preact/signals";
import { isLetter, onKeys } from "../../browser/keys.ts";
import { current } from "../../state/conversations.ts";
import { notify } from "../../state/notices.ts";
import { words } from "./strings.ts";

const isWhole = () => current.peek().thread.earlier.peek() === null;

/** Offers the rest after each print, and after one that was before this was loaded; `isPrinting` is null where there was none. */
export function watch(isPrinting: ReadonlySignal<boolean | null>): void {
  isPrinting.subscribe((is) => {
    if (is !== false || isWhole()) return;
    notify({ kind: "problem", text: words.notPrinted, action: { label: words.printAll, run: () => void printAll() } });
  });
}

onKeys((event) => {
  const isPrint = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && isLetter(event, "p");
  if (!isPrint || isWhole()) return;
  event.preventDefault();
  void printAll();
});

/** What cannot be read is not printed: the rest is. */
async function printAll(): Promise<void> {
  const { thread } = current.peek();
  let before: string | null;
  do {
    before = thread.earlier.peek();
    await thread.readEarlier(() => undefined).catch(() => undefined);
  } while (thread.earlier.peek() !== null && thread.earlier.peek() !== before);
  print();
}
