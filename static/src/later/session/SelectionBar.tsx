/** Below the list while chats are selected: how many, and what can be done with them. */
import { keys } from "../../browser/keys.ts";
import { focusNotice } from "./focusNotice.ts";
import type { Page } from "./page.ts";
import { removeAll } from "./removeAll.ts";
import { end, isSelecting, leave, selected } from "./selection.ts";
import { words } from "./strings.ts";

export function SelectionBar({ page }: { page: Page }) {
  if (!isSelecting.value) return null;
  const { value: those } = selected;
  const remove = async ({ detail }: MouseEvent) => {
    document.querySelector<HTMLElement>(".new-chat")?.focus();
    end();
    await removeAll(page, those);
    // A click by keyboard has no count: the focus then moves to the notice with the way back, unless it has gone elsewhere.
    if (detail === 0 && document.activeElement?.matches(".new-chat")) focusNotice();
  };
  return (
    <div
      class="selection"
      role="group"
      aria-label={words.selection}
      onKeyDown={keys((event) => {
        if (event.key !== "Escape") return;
        event.preventDefault();
        leave();
      })}
    >
      <span class="unseen" aria-live="polite">
        {words.selected(those.length)}
      </span>
      <button class="danger" disabled={those.length === 0} onClick={(event) => void remove(event)}>
        {words.removeAll(those.length)}
      </button>
      <button onClick={() => leave()}>{words.endSelection}</button>
    </div>
  );
}
