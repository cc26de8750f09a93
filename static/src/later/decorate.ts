/** What a block gets that nothing will be added to any more: things its markup does not carry. Doing it twice is harmless. */
import { addCopyButtons } from "./copy.ts";

export function decorate(block: Element): void {
  addCopyButtons(block);
}
