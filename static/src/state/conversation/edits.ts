/** The visitor's messages that are being put into other words: which field is open, and the words. Both are kept across reloads. */
import { type ReadonlySignal, type Signal, signal } from "@preact/signals";
import { load, store } from "../storage.ts";
import { draftFor } from "./draft.ts";
import { storageKey } from "./storageKey.ts";

export class Edits {
  /** The message whose field is open. */
  readonly open: Signal<string | null>;

  constructor(id: ReadonlySignal<string | null>) {
    const key = () => storageKey("editing", id.peek());
    this.open = signal(load(key(), "tab"));
    this.open.subscribe((message) => store(key(), message, "tab"));
  }

  /** The new words for a message. */
  textOf({ id, text }: { id: string; text: Signal<string> }): Signal<string> {
    return draftFor(id, text.peek()).text;
  }

  /** The edit of a message was sent, or is given up. */
  end(messageId: string): void {
    if (this.open.value === messageId) this.open.value = null;
    draftFor(messageId).forget();
  }
}
