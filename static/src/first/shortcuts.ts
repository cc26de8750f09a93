/** The keyboard's shortcuts, wherever the focus is, and the way to the list of them. */
import { effect, signal } from "@preact/signals";
import { lazily } from "../browser/lazily.ts";
import { current } from "../state/conversations.ts";
import { open } from "../state/route.ts";
import { notify, undoLast } from "../state/notices.ts";
import { load, store } from "../state/storage.ts";
import { focusComposer } from "./composer/focusComposer.ts";
import { isLetter, onKeys } from "../browser/keys.ts";
import { strings } from "./strings.ts";
import { enterSends } from "./composer/isSendKey.ts";

/** Single keys can be switched off: speech input would trigger them (WCAG 2.1.4). */
const hasSingleKeys = signal(load("single-keys") !== "off");
effect(() => store("single-keys", hasSingleKeys.value ? null : "off"));

export const showShortcuts = () =>
  void lazily(() => import("../later/shortcuts/ShortcutList.tsx")).then(
    (module) => module.show(enterSends, hasSingleKeys),
    () => notify({ kind: "problem", text: strings.notLoaded }),
  );

onKeys((event) => {
  // What lies above the page has its own keys; the page behind a link to a chat has none.
  if (event.defaultPrevented || document.querySelector("dialog[open],#shared")) return;
  const act = actionOf(event);
  if (act && act() !== false) event.preventDefault();
});

/** Where one writes. */
const WRITING = "textarea, input:not([type=radio], [type=checkbox])";

/** What a key does, if anything. Where one writes, only keys that write nothing count. */
function actionOf(event: KeyboardEvent): (() => unknown) | null {
  const hasModifier = event.ctrlKey || event.metaKey;
  // Where something is written, this key is about that.
  if (hasModifier && !event.shiftKey && isLetter(event, "z") && !(isIn(event, WRITING) && holdsText(event)))
    return undoLast;
  if (hasModifier && event.shiftKey && isLetter(event, "o")) return () => open(null);
  if (hasModifier && event.key === "/") return showShortcuts;
  // One that is held has closed something else before.
  if (event.key === "Escape" && !event.repeat && !isIn(event, ".sidebar") && current.value.phase.value !== "idle")
    return () => current.value.stop();
  if (hasModifier || event.altKey || !hasSingleKeys.value) return null;
  if (isIn(event, WRITING)) return null;
  if (event.key === "?") return showShortcuts;
  if (event.key === "/") return focusComposer;
  return null;
}

function holdsText({ target }: Event): boolean {
  return (target as HTMLInputElement).value !== "";
}

function isIn({ target }: Event, selector: string): boolean {
  return target instanceof Element && target.closest(selector) !== null;
}
