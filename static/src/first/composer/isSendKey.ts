/** Which key sends what is written. */
import { effect, signal } from "@preact/signals";
import { load, store } from "../../state/storage.ts";

/** A phone's keyboard has no Shift + Enter: there Enter breaks a line, unless the visitor wants it otherwise. */
const byDefault = !matchMedia("(pointer: coarse)").matches;
const kept = load("enter");
/** Whether Enter alone sends. */
export const enterSends = signal(kept === null ? byDefault : kept === "sends");
effect(() => store("enter", enterSends.value === byDefault ? null : enterSends.value ? "sends" : "breaks"));

/** Whether a key sends what is written: Enter as the visitor has it, and Ctrl or ⌘ + Enter always. */
export function isSendKey(event: KeyboardEvent): boolean {
  if (event.key !== "Enter") return false;
  return event.ctrlKey || event.metaKey || (enterSends.value && !event.shiftKey);
}
