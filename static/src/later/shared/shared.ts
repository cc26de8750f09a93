/**
 * The page behind a link to a branch (`/s/…`): the server has written its texts as they are (`shared/api/src/shared_page.rs`), so they can be read
 * without this; here each answer becomes what its Markdown means. What was asked is no Markdown, there as in the chat.
 */
import { lazily } from "../../browser/lazily.ts";

/** Shows the answers in `root` as Markdown. If the renderer cannot be loaded, they stay as they are. */
export async function show(root: HTMLElement): Promise<void> {
  const View = await lazily(async () => (await import("../markdown/markdown.ts")).load());
  for (const [index, text] of [...root.querySelectorAll<HTMLElement>(".assistant .shared-text")].entries()) {
    const written = text.textContent;
    text.className = "prose";
    new View(text, `s${index}`).update(written, true);
  }
  root.dataset.rendered = "";
}
