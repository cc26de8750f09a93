/** For tests: what `markdown.ts` loads in a browser, there before the first test begins. */
import { readFileSync } from "node:fs";
import { initSync } from "../../generated/markdown.js";
import { loadSanitizer } from "./sanitize.ts";

initSync({ module: readFileSync("src/generated/markdown_bg.wasm") });
await loadSanitizer();
