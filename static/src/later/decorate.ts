/** What a block gets that nothing will be added to any more: things its markup does not carry. Doing it twice is harmless. */
import { addCopyButtons } from "./copy.ts";
import { languageOf } from "./languages.ts";

/** Decorations under way. */
const pending = new Set<Promise<void>>();

export function decorate(block: Element): void {
  addCopyButtons(block);
  for (const code of block.querySelectorAll<HTMLElement>("code")) {
    const language = languageOf(code.closest<HTMLElement>(".code")?.dataset.language);
    if (language) follow(import("./highlight.ts").then(({ highlight }) => highlight(code, language)));
  }
}

/** Once everything asked for so far is there. */
export async function decorated(): Promise<void> {
  while (pending.size > 0) await Promise.all(pending);
}

/** What cannot be loaded leaves the text as it was; the next block tries again. */
function follow(decoration: Promise<void>): void {
  const followed: Promise<void> = decoration.catch(console.error).finally(() => pending.delete(followed));
  pending.add(followed);
}
