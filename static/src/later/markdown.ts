/** What is loaded to render markdown: the Wasm, and the view that uses it. */
import init from "../generated/markdown.js";
import { loadSanitizer } from "./harmless.ts";
import { MarkdownView } from "./view.ts";
import wasm from "../generated/markdown_bg.wasm?url";

/** A function, not the module's own await: a module that failed once could never be loaded again. */
export async function load(): Promise<typeof MarkdownView> {
  await Promise.all([init({ module_or_path: wasm }), loadSanitizer()]);
  return MarkdownView;
}
