/** The visitor's messages that are being put into other words. The words, and which field is open, are kept across reloads. */
import { type ReadonlySignal, type Signal, signal } from "@preact/signals";
import { load, store } from "../storage.ts";
import { type KeptText, keptText } from "./keptText.ts";

export class Edits {
  /** The message whose field is open. */
  readonly open: Signal<string | null>;

  constructor(id: ReadonlySignal<string | null>) {
    const nameOf = (sessionId: string) => `editing.${sessionId}`;
    const kept = id.peek();
    this.open = signal(kept === null ? null : load(nameOf(kept), "tab"));
    this.open.subscribe((message) => {
      const sessionId = id.peek();
      if (sessionId !== null) store(nameOf(sessionId), message, "tab");
    });
  }

  /** The new words for a message, which are those it has until they are changed. */
  textOf(message: { id: string; text: Signal<string> }): Signal<string> {
    return wordsFor(message.id, message.text.peek()).text;
  }

  /** The edit of a message was sent, or is given up. */
  end(messageId: string): void {
    if (this.open.value === messageId) this.open.value = null;
    wordsFor(messageId).forget();
  }
}

function wordsFor(messageId: string, initial?: string): KeptText {
  return keptText(`edit.${messageId}`, initial);
}
