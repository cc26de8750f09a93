/** The dialog that lists the keyboard's shortcuts. */
import { Icon } from "./Icon.tsx";
import type { ShortcutListProps } from "./Shortcuts.tsx";
import { strings } from "./strings.ts";
import "./styles/dialog.css";

const MODIFIER = /Mac|iPhone|iPad/.test(navigator.userAgent) ? "⌘" : "Ctrl";

const SHORTCUTS: [keys: string, what: string][] = [
  ["Enter", "Send the message"],
  ["Shift + Enter", "Start a new line"],
  ["↑ in the empty field", "Edit your last message"],
  ["Esc", "Stop the answer, or leave the edit"],
  ["/", "Go to the message field"],
  [`${MODIFIER} + Shift + O`, "Start a new chat"],
  [`? or ${MODIFIER} + /`, "Show this list"],
];

export function ShortcutList({ dialog, hasSingleKeys, onSingleKeys }: ShortcutListProps) {
  return (
    <dialog class="dialog" ref={dialog} aria-labelledby="shortcuts-title">
      <header>
        <h2 id="shortcuts-title">{strings.shortcuts}</h2>
        <button class="quiet" aria-label="Close" onClick={() => dialog.current?.close()}>
          <Icon name="close" />
        </button>
      </header>
      <dl>
        {SHORTCUTS.map(([keys, what]) => (
          <div key={keys}>
            <dt>
              <kbd>{keys}</kbd>
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <label>
        <input
          type="checkbox"
          checked={hasSingleKeys}
          onChange={(event) => onSingleKeys(event.currentTarget.checked)}
        />
        Use the single keys / and ?
      </label>
    </dialog>
  );
}
