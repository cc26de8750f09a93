/** The way to the search, above the list once that is long, and by keyboard from anywhere. The dialog behind it is loaded when the browser is idle. */
import { render } from "preact";
import { useEffect, useLayoutEffect } from "preact/hooks";
import { Problem } from "../../../api/problem.ts";
import { isLetter, onKeys } from "../../../browser/keys.ts";
import { lazily } from "../../../browser/lazily.ts";
import { whenIdle } from "../../../browser/whenIdle.ts";
import { notify } from "../../../state/notices.ts";
import { sessions } from "../../../state/sessions.ts";
import type { Wording } from "../../account/wording.ts";
import { words } from "./strings.ts";

interface Props {
  wording: Wording;
  /** Something was opened by it. */
  onOpen: () => void;
}

/** From as many chats on a look at the list no longer does. `first/sidebar/Beside.tsx` keeps its room from then on. */
const FEWEST = 10;

const isMac = /Mac|iPhone|iPad/.test(navigator.userAgent);

/** Beside the page, not in it: the sidebar that it is opened from may be a drawer that closes. */
const host = document.createElement("div");

const load = () => lazily(() => import("../dialog/SearchDialog.tsx"));

export function SearchEntry({ wording, onOpen }: Props) {
  const count = sessions.value.length;
  const isOfUse = count > 1;
  const show = () => {
    document.body.append(host);
    load().then(
      ({ SearchDialog }) =>
        render(<SearchDialog wording={wording} onOpen={onOpen} onClose={() => render(null, host)} />, host),
      (thrown: unknown) =>
        notify({ kind: "problem", text: `${words.notLoaded} ${wording.explain(Problem.from(thrown))}` }),
    );
  };
  // Before the browser paints: who sees the sidebar whole may press the keys.
  useLayoutEffect(
    () =>
      onKeys((event) => {
        if (!isShortcut(event)) return;
        const field = host.querySelector("input");
        // Another dialog has its own keys.
        if (!field && document.querySelector("dialog[open]")) return;
        event.preventDefault();
        if (!field) show();
        field?.focus();
        field?.select();
      }),
    [],
  );
  // What is typed right after the keys belongs into its field, so that is there before.
  useEffect(() => (isOfUse ? whenIdle(() => void load().catch(() => undefined)) : undefined), [isOfUse]);

  if (count < FEWEST) return null;
  return (
    <button
      class="account-entry"
      aria-haspopup="dialog"
      aria-keyshortcuts={isMac ? "Meta+K" : "Control+K"}
      title={isMac ? "⌘ K" : "Ctrl + K"}
      onClick={show}
    >
      <svg class="icon" viewBox="0 0 20 20" aria-hidden="true">
        <path d="M14 9a5 5 0 1 1-10 0 5 5 0 0 1 10 0zM12.6 12.6L16.5 16.5" />
      </svg>
      {words.search}
    </button>
  );
}

/** On a Mac Ctrl + K is a key of those who write. */
function isShortcut(event: KeyboardEvent): boolean {
  const { ctrlKey, metaKey, shiftKey, altKey } = event;
  return (isMac ? metaKey && !ctrlKey : ctrlKey && !metaKey) && !shiftKey && !altKey && isLetter(event, "k");
}
