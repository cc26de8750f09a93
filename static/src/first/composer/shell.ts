/** What index.html shows before the script is here: a field that can be written into. */
import type { Draft } from "../../state/conversation/draft.ts";
import { current } from "../../state/conversations.ts";
import { focusComposer } from "./focusComposer.ts";

/** Puts words into the field, after those that are there. */
export function fill(draft: Draft, words: string): void {
  if (words !== "" && words !== draft.words) draft.words = [draft.words, words].filter(Boolean).join("\n");
}

/** Shows the page in place of what `root` holds by `show`. The text that was typed there stays, and so does the focus. */
export function takeOver(root: Element, show: () => void): void {
  const field = root.querySelector("textarea");
  fill(current.peek().draft, field?.value ?? "");
  // A link may bring words along. It never sends them: that would spend what is the visitor's.
  const brought = new URLSearchParams(location.search).get("q");
  if (brought !== null) {
    fill(current.peek().draft, brought);
    history.replaceState(history.state, "", location.pathname + location.hash);
  }
  const hadFocus = field !== null && document.activeElement === field;
  show();
  if (hadFocus) focusComposer();
}
