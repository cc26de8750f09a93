/** What a visitor sets once: one quiet sheet. It is loaded when somebody opens it. */
import type { Signal } from "@preact/signals";
import { render } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { hasAccounts } from "../../state/config.ts";
import { isSignedIn } from "../../state/visitor.ts";
import type { Page } from "../session/page.ts";
import { Choice } from "./Choice.tsx";
import { RemoveAll, type Loading } from "./RemoveAll.tsx";
import { words } from "./strings.ts";
import { THEMES, theme } from "./theme.ts";
import "./settings.css";

export interface Props extends Loading {
  page: Page;
  /** Whether Enter alone sends. */
  enterSends: Signal<boolean>;
  /** Whether the list of chats is folded away, where it stands beside the chat. */
  isFolded: Signal<boolean>;
  showShortcuts: () => void;
}

const MODIFIER = /Mac|iPhone|iPad/.test(navigator.userAgent) ? "⌘" : "Ctrl";

/** Beside the page, not in it: the sidebar that it is opened from may be a drawer that closes. */
const host = document.createElement("div");
document.body.append(host);

export function show(props: Props): void {
  render(<SettingsSheet {...props} />, host);
}

function SettingsSheet({ page, enterSends, isFolded, showShortcuts, acts, loadActs }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    dialog.current?.showModal();
    dialog.current?.querySelector("h2")?.focus();
  }, []);
  const close = () => dialog.current?.close();
  /** What is opened gives the focus back to where this sheet was opened. */
  const leaveFor = (open: () => void) => {
    close();
    open();
  };
  const enter = enterSends.value ? "sends" : "breaks";
  return (
    <dialog class="settings" ref={dialog} aria-labelledby="settings-title" onClose={() => render(null, host)}>
      <header>
        <h2 id="settings-title" tabIndex={-1}>
          {words.title}
        </h2>
        <button class="quiet" aria-label={words.close} title={words.close} onClick={close}>
          <svg class="icon" viewBox="0 0 20 20" aria-hidden="true">
            <path d="M5 5l10 10M15 5L5 15" />
          </svg>
        </button>
      </header>
      <Choice
        name="theme"
        legend={words.theme}
        of={THEMES}
        words={words.themes}
        chosen={theme.value}
        onChoose={(name) => (theme.value = name)}
      />
      <Choice
        name="enter"
        legend={words.enter}
        of={["sends", "breaks"]}
        words={words.enters}
        chosen={enter}
        hint={enter === "sends" ? words.enterHints.sends : words.enterHints.breaks(MODIFIER)}
        onChoose={(name) => (enterSends.value = name === "sends")}
      />
      <label class="settings-row settings-folded">
        {words.folded}
        <input
          type="checkbox"
          checked={isFolded.value}
          onChange={(event) => (isFolded.value = event.currentTarget.checked)}
        />
      </label>
      <div class="settings-ways">
        <button class="settings-shortcuts" aria-haspopup="dialog" onClick={() => leaveFor(showShortcuts)}>
          {words.shortcuts}
        </button>
        {hasAccounts.value && (
          <button aria-haspopup="dialog" onClick={() => leaveFor(() => dispatchEvent(new Event("account")))}>
            {isSignedIn.value ? words.account : words.signIn}
          </button>
        )}
      </div>
      <RemoveAll page={page} acts={acts} loadActs={loadActs} onRemove={close} />
    </dialog>
  );
}
