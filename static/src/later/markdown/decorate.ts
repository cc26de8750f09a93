/**
 * What a block gets that nothing will be added to any more: things its markup does not carry. Doing it twice is harmless. Fails if
 * something could not be loaded; the rest is there all the same.
 */
import { addCopyButtons } from "../code/copy.ts";
import { languageOf } from "../code/languages.ts";
import { lazily } from "../../browser/lazily.ts";
import { watchScrolling } from "./scrolling.ts";

export async function decorate(block: Element): Promise<void> {
  addCopyButtons(block);
  watchScrolling(block);
  const decorations: Promise<void>[] = [];
  for (const code of block.querySelectorAll<HTMLElement>(".code code")) {
    const language = languageOf(code.closest<HTMLElement>(".code")?.dataset.language);
    if (language)
      decorations.push(lazily(() => import("../code/highlight.ts")).then(({ highlight }) => highlight(code, language)));
  }
  for (const formula of block.querySelectorAll(".math")) {
    decorations.push(
      lazily(async () => (await import("../maths/maths.ts")).load()).then(({ typeset }) => typeset(formula)),
    );
  }
  const results = await Promise.allSettled(decorations);
  for (const result of results) if (result.status === "rejected") throw result.reason;
}
