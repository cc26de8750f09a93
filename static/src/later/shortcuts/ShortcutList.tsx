/** The dialog that lists the keyboard's shortcuts. Few visitors look at it: it is loaded when one does. */
import type { ReadonlySignal, Signal } from "@preact/signals";
import { render } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { Close } from "../copied/Close.tsx";
import { words } from "./strings.ts";
import "./ShortcutList.css";

interface Props {
  /** Whether Enter alone sends. */
  enterSends: ReadonlySignal<boolean>;
  hasSingleKeys: Signal<boolean>;
}

const MODIFIER = /Mac|iPhone|iPad/.test(navigator.userAgent) ? "⌘" : "Ctrl";

/** Beside the page: the list of chats, where the button is, may be out of sight. */
const host = document.createElement("div");
document.body.append(host);

export function show(enterSends: Props["enterSends"], hasSingleKeys: Props["hasSingleKeys"]): void {
  render(<ShortcutList enterSends={enterSends} hasSingleKeys={hasSingleKeys} />, host);
}

function ShortcutList({ enterSends, hasSingleKeys }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog class="dialog" ref={dialog} aria-labelledby="shortcuts-title" onClose={() => render(null, host)}>
      <header>
        <h2 id="shortcuts-title">{words.title}</h2>
        <Close dialog={dialog} name={words.close} />
      </header>
      <dl>
        {words.list(MODIFIER, enterSends.value).map(([keys, what]) => (
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
          checked={hasSingleKeys.value}
          onChange={(event) => (hasSingleKeys.value = event.currentTarget.checked)}
        />
        {words.singleKeys}
      </label>
    </dialog>
  );
}
