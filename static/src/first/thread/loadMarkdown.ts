/** The markdown renderer, loaded once, when there is something to render or it is about to be. */
import { signal } from "@preact/signals";
import { lazily } from "../../browser/lazily.ts";
import type { MarkdownView } from "../../later/markdown/view.ts";

export const markdown = signal<typeof MarkdownView | null>(null);

let loading: Promise<void> | null = null;
let hasFailed = false;

/** Safe to call as often as one likes. If it fails for good, messages stay readable as plain text and the next call tries again. */
export function loadMarkdown(): Promise<void> {
  return (loading ??= lazily(async () => (await import("../../later/markdown/markdown.ts")).load()).then(
    (view) => {
      markdown.value = view;
    },
    () => {
      loading = null;
      hasFailed = true;
    },
  ));
}

/** Tries again what failed: for when the connection is back. */
export function loadMarkdownAgain(): void {
  markdown.peek()?.decorateAgain();
  if (hasFailed) void loadMarkdown();
}
