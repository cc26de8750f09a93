/** What a block gets that nothing will be added to any more: things its markup does not carry. Doing it twice is harmless. */
import { addCopyButtons } from "./copy.ts";
import { languageOf } from "./languages.ts";

export async function decorate(block: Element): Promise<void> {
  addCopyButtons(block);
  const decorations: Promise<void>[] = [];
  for (const code of block.querySelectorAll<HTMLElement>(".code code")) {
    const language = languageOf(code.closest<HTMLElement>(".code")?.dataset.language);
    if (language)
      decorations.push(import("./highlight.ts").then(({ highlight }) => highlight(code, language), missing));
  }
  for (const formula of block.querySelectorAll(".math")) {
    decorations.push(import("./maths.ts").then(({ typeset }) => typeset(formula), missing));
  }
  await Promise.all(decorations.map((decoration) => decoration.catch(console.error)));
}

/** What cannot be loaded, as when the reader leaves meanwhile, leaves the text as it was; the next block tries again. */
function missing(thrown: unknown): void {
  console.warn(thrown);
}
