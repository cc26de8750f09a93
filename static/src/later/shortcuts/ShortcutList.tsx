/** The dialog that lists the keyboard's shortcuts. Few visitors look at it: it is loaded when one does. */
import type { ComponentChildren, RefObject } from "preact";
import { strings } from "../../first/strings.ts";
import { words } from "./strings.ts";
import "./ShortcutList.css";

export interface ShortcutListProps {
  dialog: RefObject<HTMLDialogElement | null>;
  /** The icon of the button that closes it. */
  children: ComponentChildren;
  /** Whether Enter alone sends. */
  enterSends: boolean;
  hasSingleKeys: boolean;
  onSingleKeys: (hasSingleKeys: boolean) => void;
}

const MODIFIER = /Mac|iPhone|iPad/.test(navigator.userAgent) ? "⌘" : "Ctrl";

export function ShortcutList({ dialog, children, enterSends, hasSingleKeys, onSingleKeys }: ShortcutListProps) {
  return (
    <dialog class="dialog" ref={dialog} aria-labelledby="shortcuts-title">
      <header>
        <h2 id="shortcuts-title">{strings.shortcuts}</h2>
        <button class="quiet" aria-label={words.close} onClick={() => dialog.current?.close()}>
          {children}
        </button>
      </header>
      <dl>
        {words.list(MODIFIER, enterSends).map(([keys, what]) => (
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
        {words.singleKeys}
      </label>
    </dialog>
  );
}
