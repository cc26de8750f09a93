/** The copy button of a code block, and what a screen reader hears of it. */
import { words } from "./words.ts";

/** How long a button says that it has copied. */
const SAID_FOR_MS = 2_000;

export function addCopyButtons(block: Element): void {
  for (const head of block.querySelectorAll(".code > .head")) {
    if (!head.querySelector("button")) head.append(copyButton());
  }
}

function copyButton(): HTMLButtonElement {
  // Said from its own place: what changes in a button is not read out everywhere. It must be there before it speaks.
  announcer();
  const button = document.createElement("button");
  button.type = "button";
  const what = document.createElement("span");
  what.className = "unseen";
  what.append(words.code);
  button.append(words.copy, what);
  button.addEventListener("click", () => void copy(button));
  return button;
}

async function copy(button: HTMLButtonElement): Promise<void> {
  const code = button.closest(".code")?.querySelector("code");
  if (!code) return;
  try {
    await navigator.clipboard.writeText(code.textContent.replace(/\n$/, ""));
  } catch {
    // Refused, or no secure context: the visitor's own keys always may.
    getSelection()?.selectAllChildren(code);
    announce(words.notCopied);
    return;
  }
  announce(words.copied);
  button.firstChild?.replaceWith(words.copied);
  setTimeout(() => button.firstChild?.replaceWith(words.copy), SAID_FOR_MS);
}

function announce(what: string): void {
  const place = announcer();
  // The same words twice are a change only if they were gone in between.
  place.textContent = "";
  setTimeout(() => (place.textContent = what), 50);
}

let place: HTMLElement | null = null;

function announcer(): HTMLElement {
  if (!place?.isConnected) {
    place = document.createElement("p");
    place.className = "unseen";
    place.setAttribute("role", "status");
    document.body.append(place);
  }
  return place;
}
