/** What index.html shows before the script is here: a field that can be written into. */
import { current } from "../../state/conversations.ts";
import { focusComposer } from "./focusComposer.ts";

/** Shows the page in place of what `root` holds by `show`. The text that was typed there stays, and so does the focus. */
export function takeOver(root: Element, show: () => void): void {
  const field = root.querySelector("textarea");
  const typed = field?.value ?? "";
  const { draft } = current.peek();
  if (typed !== "" && typed !== draft.words) draft.words = [draft.words, typed].filter(Boolean).join("\n");
  const hadFocus = field !== null && document.activeElement === field;
  show();
  if (hadFocus) focusComposer();
}
