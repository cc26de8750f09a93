/** The copy button of a code block, and what a screen reader hears of it. */
import { isCopied } from "../../browser/clipboard.ts";
import { words } from "./strings.ts";
import { announce } from "../../state/announcer.ts";

/** How long a button says that it has copied. */
const SAID_FOR_MS = 2_000;

export function addCopyButtons(block: Element): void {
  for (const head of block.querySelectorAll(".code > .head")) {
    if (!head.querySelector("button")) head.append(copyButton());
  }
}

function copyButton(): HTMLButtonElement {
  const button = document.createElement("button");
  button.type = "button";
  const what = document.createElement("span");
  what.className = "unseen";
  what.append(words.ofCode);
  button.append(words.copyCode, what);
  button.addEventListener("click", () => void copy(button));
  return button;
}

async function copy(button: HTMLButtonElement): Promise<void> {
  const code = button.closest(".code")?.querySelector("code");
  if (!code) return;
  if (!(await isCopied(code.textContent.replace(/\n$/, "")))) {
    // The visitor's own keys always may.
    getSelection()?.selectAllChildren(code);
    announce("codeNotCopied");
    return;
  }
  // What changes in a button is not read out everywhere.
  announce("codeCopied");
  button.firstChild?.replaceWith(words.codeIsCopied);
  setTimeout(() => button.firstChild?.replaceWith(words.copyCode), SAID_FOR_MS);
}
