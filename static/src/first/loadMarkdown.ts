/** The markdown renderer, loaded once, when there is something to render or it is about to be. */
import { signal } from "@preact/signals";
import type { MarkdownView } from "../later/view.ts";

export const markdown = signal<typeof MarkdownView | null>(null);

let loading: Promise<void> | null = null;

/** Safe to call as often as one likes. If it fails, messages stay readable as plain text and the next call tries again. */
export function loadMarkdown(): Promise<void> {
  return (loading ??= import("../later/markdown.ts").then(
    (module) => {
      markdown.value = module.MarkdownView;
    },
    (thrown: unknown) => {
      console.error(thrown);
      loading = null;
    },
  ));
}
