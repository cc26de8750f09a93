/** The dialog that lists the keyboard's shortcuts. */
import { Icon } from "./Icon.tsx";
import { enterSends } from "./isSendKey.ts";
import type { ShortcutListProps } from "./Shortcuts.tsx";
import { strings } from "./strings.ts";
import "./styles/dialog.css";

const MODIFIER = /Mac|iPhone|iPad/.test(navigator.userAgent) ? "⌘" : "Ctrl";

export function ShortcutList({ dialog, hasSingleKeys, onSingleKeys }: ShortcutListProps) {
  return (
    <dialog class="dialog" ref={dialog} aria-labelledby="shortcuts-title">
      <header>
        <h2 id="shortcuts-title">{strings.shortcuts}</h2>
        <button class="quiet" aria-label={strings.close} onClick={() => dialog.current?.close()}>
          <Icon name="close" />
        </button>
      </header>
      <dl>
        {strings.shortcutList(MODIFIER, enterSends.value).map(([keys, what]) => (
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
        {strings.singleKeys}
      </label>
    </dialog>
  );
}
