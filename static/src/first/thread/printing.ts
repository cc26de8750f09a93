/**
 * The page on paper: while it is printed all messages are in the document. Those that were not read yet are read before, where the page hears of
 * the wish in time; a print from the browser's menu waits for nothing: it says what it lacks, and the page then offers another.
 */
import { signal } from "@preact/signals";
import { current } from "../../state/conversations.ts";
import { notify } from "../../state/notices.ts";
import { isLetter, onKeys } from "../../browser/keys.ts";
import { strings } from "../strings.ts";

export const isPrinting = signal(false);

// The list is rendered again as soon as the listener returns, before the browser looks.
addEventListener("beforeprint", () => (isPrinting.value = true));
addEventListener("afterprint", () => {
  isPrinting.value = false;
  if (current.peek().thread.earlier.peek() === null) return;
  const again = { label: strings.printAll, run: () => void printAll() };
  notify({ kind: "problem", text: strings.notPrinted, action: again });
});

onKeys((event) => {
  const isPrint = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && isLetter(event, "p");
  if (!isPrint || current.peek().thread.earlier.peek() === null) return;
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
