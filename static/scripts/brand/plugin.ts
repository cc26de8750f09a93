/** Builds a face into the page: its words, its colours, its links, its pictures, and what tells others of the page. */
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Plugin } from "vite";
import { withAccent } from "./colours.ts";
import { iconsOf } from "./icons.ts";
import { BrandError, type Brand, type Replacement } from "./read.ts";
import { replaced, tableAt, wordsFor } from "./words.ts";

/** The page's own words that only index.html says; a face replaces them as those of a room of this name. */
const SHELL = "shell";

/** The words of the page behind a link: the functions have them (`shared/api/src/shared_page/words.rs`), and `cargo xtask` tells them of a face's. */
const SHARED = "shared";
export const SHARED_WORDS = [
  "untitled",
  "made_by_ai",
  "earlier",
  "go_on",
  "visitor",
  "ai",
  "cut",
  "nothing",
  "too_often",
  "not_now",
];

/** The text under `name` in a table of English words, as this face says it. */
export function said(brand: Brand, name: string, text: string): string {
  const own = wordsFor(brand, "en").find(
    ({ path: [room = "", key, more] }) => ["first", SHELL].includes(room) && key === name && !more,
  );
  return typeof own?.value === "string" ? own.value : text.replace(/\bEdgewise\b/g, () => brand.name);
}

/** The same of a list. */
export function saidList(brand: Brand, name: string, texts: string[]): string[] {
  const own = wordsFor(brand, "en").find(({ path: [room, key] }) => room === "first" && key === name);
  return Array.isArray(own?.value) ? own.value : texts;
}

/** The plugin; `own`: the page's own folder of its face; `shell`: what only index.html says. */
export function branded(brand: Brand, own: string, shell: object): Plugin {
  const root = join(import.meta.dirname, "../..");
  return {
    name: "brand",
    enforce: "pre",
    buildStart() {
      checkWords(brand, root, shell);
    },
    transform(code, id) {
      const file = id.split("?", 1)[0] ?? "";
      const table = tableAt(file);
      if (table) {
        const other = replaced(code, table, brand);
        return other === code ? null : { code: other, map: null };
      }
      if (file.endsWith("/styles/tokens.css")) return { code: withAccent(code, brand), map: null };
      if (file.endsWith("/text/links.ts"))
        return { code: code.replace("= []", () => `= ${JSON.stringify(brand.links)}`), map: null };
      return null;
    },
    async writeBundle({ dir = "dist" }) {
      const tokens = withAccent(readFileSync(join(root, "src/first/styles/tokens.css"), "utf8"), brand);
      const token = (name: string) => new RegExp(`--${name}: light-dark\\((#\\w+)`).exec(tokens)?.[1] ?? "";
      writeFileSync(join(dir, "icon.svg"), brand.logo);
      const manifest = JSON.parse(readFileSync(join(dir, "manifest.webmanifest"), "utf8")) as Record<string, unknown>;
      manifest.name = brand.name;
      manifest.short_name = brand.shortName;
      manifest.description = said(brand, "description", String(manifest.description));
      manifest.theme_color = token("accent");
      writeFileSync(join(dir, "manifest.webmanifest"), JSON.stringify(manifest));
      const robots = join(brand.folder, "robots.txt");
      if (existsSync(robots)) writeFileSync(join(dir, "robots.txt"), readFileSync(robots));
      // The page's own pictures are in public/, drawn by a browser.
      if (brand.folder === own) return;
      for (const [name, picture] of Object.entries(await iconsOf(brand.logo, token("ground-raised"))))
        writeFileSync(join(dir, name), picture);
    },
  };
}

/** Every replacement must have its place. */
function checkWords(brand: Brand, root: string, shell: object): void {
  const placed = new Set<Replacement>();
  for (const name of readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" })) {
    const file = join(root, "src", name).replaceAll("\\", "/");
    const table = tableAt(file);
    if (table) replaced(readFileSync(file, "utf8"), table, brand, (one) => placed.add(one));
  }
  for (const one of brand.words) {
    const [room, key = "", more] = one.path;
    const isText = !more && typeof one.value === "string";
    const isShell = room === SHELL && one.language === "en" && key in shell && isText;
    const isShared = room === SHARED && SHARED_WORDS.includes(key) && isText;
    // What is said for every language is hidden where each has words of its own.
    if (!placed.has(one) && !isShell && !isShared && one.language !== null)
      throw new BrandError(`${one.place}: the page has no words ${one.path.join(".")}`);
  }
}
