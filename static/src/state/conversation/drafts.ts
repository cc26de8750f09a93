/** Unsent text: one draft per session and one of the new chat, and one edit per message. */
import type { Signal } from "@preact/signals";
import { forgetText, keptText } from "./keptText.ts";

export function draftOf(sessionId: string | null): Signal<string> {
  return keptText(`draft.${sessionId ?? "new"}`);
}

/** The new words for a message, which are those it has until they are changed. */
export function editOf(message: { id: string; text: Signal<string> }): Signal<string> {
  return keptText(`edit.${message.id}`, message.text.peek());
}

export function forgetEdit(messageId: string): void {
  forgetText(`edit.${messageId}`);
}

/** `text` as the server will keep it: without control characters but for line breaks and tabs. */
export function asKept(text: string): string {
  return text.replace(/\r\n?/g, "\n").replace(/[\0-\x08\x0b-\x1f\x7f-\x9f]/g, "");
}
