/** What a visitor sets once: one quiet sheet. It is loaded when somebody opens it. */
import type { Signal } from "@preact/signals";
import { render } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { hasToken } from "../../api/token.ts";
import { lazily } from "../../browser/lazily.ts";
import { hasAccounts } from "../../state/config.ts";
import { isSignedIn } from "../../state/visitor.ts";
import { accountWords } from "../../text/words.ts";
import type { Wording } from "../account/wording.ts";
import type { Page } from "../session/page.ts";
import { Close } from "../copied/Close.tsx";
import { Choice } from "./Choice.tsx";
import { LANGUAGES, chosenLanguage, speakIn } from "./language.ts";
import { RemoveAll, type Loading } from "./RemoveAll.tsx";
import { Storage } from "./Storage.tsx";
import { words } from "./strings.ts";
import { THEMES, theme } from "./theme.ts";
import "../copied/frame.css";
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

export function show(props: Props, wording: Wording): void {
  render(<SettingsSheet {...props} wording={wording} />, host);
}

/** Chats come in from a file. */
async function showImport(page: Page): Promise<void> {
  await lazily(() => import("../import/ImportDialog.tsx")).then(
    ({ ImportDialog }) => render(<ImportDialog page={page} onClose={() => render(null, host)} />, host),
    page.notifyProblem(words.notLoaded),
  );
}

/** All that is kept of a guest, to be taken home or deleted: a part of the account's dialog, which is there without accounts, too. */
async function showData(page: Page, wording: Wording): Promise<void> {
  await lazily(async () => {
    await accountWords().catch(console.warn);
    return import("../account/dialog/AccountDialog.tsx");
  }).then(({ AccountDialog }) => {
    const onClose = () => render(null, host);
    const of = { start: "data", link: null, back: null, on: null } as const;
    render(<AccountDialog {...of} isSignedIn={isSignedIn} wording={wording} onClose={onClose} />, host);
  }, page.notifyProblem(words.notLoaded));
}

function SettingsSheet({
  page,
  enterSends,
  isFolded,
  showShortcuts,
  acts,
  loadActs,
  wording,
}: Props & { wording: Wording }) {
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
  const openContext = () =>
    void lazily(() => import("../context/ContextDialog.tsx")).then(
      (module) => module.show(page),
      page.notifyProblem(words.notLoaded),
    );
  const enter = enterSends.value ? "sends" : "breaks";
  return (
    <dialog class="frame settings" ref={dialog} aria-labelledby="settings-title" onClose={() => render(null, host)}>
      <header>
        <h2 id="settings-title" tabIndex={-1}>
          {words.title}
        </h2>
        <Close dialog={dialog} name={words.close} />
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
      <label class="settings-row">
        {words.language}
        <select name="language" value={chosenLanguage()} onChange={({ currentTarget }) => speakIn(currentTarget.value)}>
          <option value="">{words.languageOfBrowser}</option>
          {Object.entries(LANGUAGES).map(([tag, name]) => (
            <option key={tag} value={tag} lang={tag}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <div class="settings-ways">
        <button aria-haspopup="dialog" onClick={() => leaveFor(openContext)}>
          {words.context}
        </button>
        <button aria-haspopup="dialog" onClick={() => leaveFor(() => void showImport(page))}>
          {words.imports}
        </button>
        <button class="settings-shortcuts" aria-haspopup="dialog" onClick={() => leaveFor(showShortcuts)}>
          {words.shortcuts}
        </button>
        {!isSignedIn.value && hasToken() && (
          <button aria-haspopup="dialog" onClick={() => leaveFor(() => void showData(page, wording))}>
            {words.data}
          </button>
        )}
        {hasAccounts.value && (
          <button aria-haspopup="dialog" onClick={() => leaveFor(() => dispatchEvent(new Event("account")))}>
            {isSignedIn.value ? words.account : words.signIn}
          </button>
        )}
      </div>
      <Storage />
      <RemoveAll page={page} acts={acts} loadActs={loadActs} onRemove={close} />
    </dialog>
  );
}
