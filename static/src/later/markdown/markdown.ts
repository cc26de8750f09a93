/** What is loaded to render markdown: the Wasm, and the view that uses it. */
import init from "../../generated/markdown.js";
import { loadSanitizer } from "./sanitize.ts";
import { MarkdownView } from "./view.ts";
import wasm from "../../generated/markdown_bg.wasm?url";
import "./prose.css";
import "./print.css";

export { decorated } from "./view.ts";

/** A function, not the module's own await: a module that failed once could never be loaded again. */
export async function load(): Promise<typeof MarkdownView> {
  await Promise.all([fetchWasm().then((response) => init({ module_or_path: response })), loadSanitizer()]);
  return MarkdownView;
}

async function fetchWasm(): Promise<Response> {
  const response = await fetch(wasm);
  // What comes in place of a file that is gone may be the page.
  if (!response.ok || response.headers.get("content-type")?.startsWith("text/html"))
    throw new Error(`${wasm}: ${response.status}`);
  return response;
}
