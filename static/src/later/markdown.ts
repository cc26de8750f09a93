/** What is loaded to render markdown: the Wasm, and the view that uses it. */
import init from "../generated/markdown.js";
import wasm from "../generated/markdown_bg.wasm?url";

await init({ module_or_path: wasm });

export { MarkdownView } from "./view.ts";
