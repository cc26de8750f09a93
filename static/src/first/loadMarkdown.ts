/** The markdown renderer, loaded once, when there is something to render or it is about to be. */
import { signal } from "@preact/signals";
import type { MarkdownView } from "../later/view.ts";

export const markdown = signal<typeof MarkdownView | null>(null);

let loading: Promise<void> | null = null;
let hasFailed = false;

/** Safe to call as often as one likes. If it fails, messages stay readable as plain text and the next call tries again. */
export function loadMarkdown(): Promise<void> {
  return (loading ??= import("../later/markdown.ts")
    .then(async ({ load }) => {
      markdown.value = await load();
    })
    .catch((thrown: unknown) => {
      console.warn(thrown);
      loading = null;
      hasFailed = true;
    }));
}

/** Tries again if the last try failed: for when the connection is back. */
export function loadMarkdownAgain(): void {
  if (hasFailed) void loadMarkdown();
}
