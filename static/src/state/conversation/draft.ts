/** What the visitor writes in a conversation and has not sent: one draft for each session, and one for the new chat. */
import type { Signal } from "@preact/signals";
import { type KeptText, keptText } from "./keptText.ts";

export class Draft {
  readonly text: Signal<string>;
  readonly #kept: KeptText;

  constructor(sessionId: string | null) {
    this.#kept = keptText(nameOf(sessionId));
    this.text = this.#kept.text;
  }

  /** The new chat has become a session: what is written in it belongs there. */
  adopt(sessionId: string): void {
    this.#kept.moveTo(nameOf(sessionId));
  }

  /** Removes what the server does not keep. Returns the rest, which can be sent. */
  clean(): string {
    return (this.text.value = asKept(this.text.value));
  }

  /** `content` was sent: it is no draft any more, unless it has changed since. */
  clear(content: string): void {
    if (asKept(this.text.value) === content) this.text.value = "";
  }

  /** Puts `content` back, before what was written meanwhile. */
  giveBack(content: string): void {
    const written = this.text.value;
    if (written !== content) this.text.value = written === "" ? content : `${content}\n\n${written}`;
  }

  /** Puts `content` after what is written. */
  append(content: string): void {
    const written = this.text.value;
    this.text.value = written === "" ? content : `${written}\n\n${content}`;
  }
}

function nameOf(sessionId: string | null): string {
  return `draft.${sessionId ?? "new"}`;
}

/** `text` as the server will keep it: without control characters but for line breaks and tabs. */
export function asKept(text: string): string {
  return text.replace(/\r\n?/g, "\n").replace(/[\0-\x08\x0b-\x1f\x7f-\x9f]/g, "");
}
