/** How the page is built: fully static, every file but index.html and the files of public/ with a hash in its name. */
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { type Plugin, build } from "vite";
import { defineConfig } from "vitest/config";
import { branded, said, saidList } from "./scripts/brand/plugin.ts";
import { readBrand } from "./scripts/brand/read.ts";
import { HAS_WORKER } from "./src/browser/worker.ts";
import { shell, strings } from "./src/first/strings.ts";

/** The page's own face, and the one that is built in: EDGEWISE_BRAND names the folder of another. */
const OWN = join(import.meta.dirname, "brand");
const { EDGEWISE_BRAND } = process.env;
const brand = readBrand(EDGEWISE_BRAND === undefined || EDGEWISE_BRAND === "" ? OWN : EDGEWISE_BRAND);

/** Has every import() ask for what `src/browser/lazily.ts` adds to the address of a script that could not be loaded. */
const askAgain: Plugin = {
  name: "ask-again",
  generateBundle: {
    // After Vite has listed, by these addresses, which style sheets come along.
    order: "post",
    handler(_options, bundle) {
      for (const file of Object.values(bundle))
        if (file.type === "chunk")
          file.code = file.code.replace(
            /\bimport\((["'`]\.\/[\w.-]+\.js["'`])\)/g,
            "import($1+(window.again?.[$1]??``))",
          );
    },
  },
};

const escaped = (text: string) => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);

/** What index.html has of a face beside words. Buttons work once the script is here. */
const markup = {
  links: brand.links
    .map(({ label, address }) => ` · <a href="${escaped(address)}" target="_blank">${escaped(label)}</a>`)
    .join(""),
  starters: saidList(brand, "starters", strings.starters)
    .map((starter) => `<button>${escaped(starter)}</button>`)
    .join(""),
};

/** Puts the page's own words into index.html, so that each stands in one place. Comments and indents do not travel. */
const words: Plugin = {
  name: "words",
  transformIndexHtml: (html) =>
    html.replace(/<!--.*?-->\n?|^ +/gms, "").replace(/%(\w+)%/g, (_, name: string) => {
      const found: unknown = Object.entries({ ...strings, ...shell }).find(([key]) => key === name)?.[1];
      if (name in markup) return markup[name as keyof typeof markup];
      if (typeof found !== "string") throw new Error(`index.html wants the words ${name}, which strings.ts has not`);
      return escaped(said(brand, name, found));
    }),
};

/**
 * The page asks Cloudflare's Turnstile only where the server wants that (`GUEST_CHALLENGE=turnstile`), and only then may it load anything from
 * another host: its script, and the frame that this makes.
 */
const turnstile: Plugin = {
  name: "turnstile",
  writeBundle({ dir = "dist" }) {
    if (process.env.GUEST_CHALLENGE !== "turnstile") return;
    const host = "https://challenges.cloudflare.com";
    const before = readFileSync(join(dir, "_headers"), "utf8");
    const policy = before
      .replace("script-src 'self'", `script-src 'self' ${host}`)
      .replace("worker-src 'self'", `worker-src 'self'; frame-src ${host}`)
      .replace("trusted-types dompurify", "trusted-types turnstile dompurify");
    writeFileSync(join(dir, "_headers"), policy);
  },
};

/** What is not built, and is loaded with the page, travels without comments and indents, too. */
const bare: Plugin = {
  name: "bare",
  writeBundle({ dir = "dist" }) {
    const rewrite = (name: string, change: (text: string) => string) =>
      writeFileSync(join(dir, name), change(readFileSync(join(dir, name), "utf8")));
    rewrite("theme.js", (text) => text.replace(/^ *\/\/.*\n/gm, ""));
    rewrite("manifest.webmanifest", (text) => JSON.stringify(JSON.parse(text)));
  },
};

/** Where the page has no service worker, browsers that have one are told so under its address. */
const farewell: Plugin = {
  name: "farewell",
  writeBundle({ dir = "dist" }) {
    if (!HAS_WORKER) copyFileSync(join(dir, "farewell.js"), join(dir, "sw.js"));
  },
};

/** A style sheet of `src` without comments and breaks. */
const sheet = (name: string) =>
  readFileSync(join(import.meta.dirname, `src/${name}.css`), "utf8")
    .replace(/\/\*.*?\*\//gs, "")
    .replace(/\s+/g, " ");

/** The API's contract, for programs and for people, with the latter's style: where it is expected, below the API's address. */
const contract: Plugin = {
  name: "contract",
  generateBundle() {
    const read = (name: string) => readFileSync(join(import.meta.dirname, "../schema", name), "utf8");
    const openapi = JSON.parse(read("openapi.json")) as { info: { title: string } };
    openapi.info.title = brand.name;
    const docs = read("openapi.html").replace(/\bEdgewise API(?=<)/g, () => `${escaped(brand.name)} API`);
    const files = {
      "api/v1/openapi.json": JSON.stringify(openapi),
      "api/v1/docs": docs,
      "docs.css": sheet("docs/docs"),
    };
    for (const [fileName, source] of Object.entries(files)) this.emitFile({ type: "asset", fileName, source });
  },
};

/**
 * What several parts that are loaded later have in common, and the first load has no room for: each part gets a copy of its own, because none may
 * import another (`scripts/size.mjs`). The copies know nothing of each other, so nothing in there keeps anything. A style sheet is copied in the same way.
 */
const COMMON = join(import.meta.dirname, "src/later/copied/");
const OWN_COPY = /(?<=later\/copied\/)@[^/]+\//;
const copies: Plugin = {
  name: "copies",
  apply: "build",
  enforce: "pre",
  async resolveId(source, importer, options) {
    if (importer === undefined) return null;
    const [own] = OWN_COPY.exec(importer) ?? [];
    const found = await this.resolve(source, importer.replace(OWN_COPY, ""), { ...options, skipSelf: true });
    if (!found?.id.startsWith(COMMON)) return own === undefined ? null : found;
    const part =
      own ??
      `@${dirname(importer)
        .replace(/^.*\/later\//, "")
        .replaceAll("/", ".")}/`;
    return COMMON + part + found.id.slice(COMMON.length);
  },
  load: (id) => (OWN_COPY.test(id) ? readFileSync(id.replace(OWN_COPY, ""), "utf8") : null),
};

/**
 * The page's script and styles under names that stay: the functions write the page behind a link (`/s/…`), and know no hash. Its own styles come
 * with the latter.
 */
const entry: Plugin = {
  name: "entry",
  generateBundle: {
    order: "post",
    handler(_options, bundle) {
      const page = bundle["index.html"];
      const html = page?.type === "asset" ? String(page.source) : "";
      const named = (form: RegExp) => [...html.matchAll(form)].map(([, name]) => name);
      const script = named(/src="(\/assets\/[^"]+\.js)"/g).map((name) => `import"${name}";`);
      const styles = named(/href="(\/assets\/[^"]+\.css)"/g).map((name) => `@import "${name}";`);
      if (script.length === 0 || styles.length === 0) throw new Error("index.html asks for no script or no styles");
      this.emitFile({ type: "asset", fileName: "page.js", source: script.join("") });
      this.emitFile({ type: "asset", fileName: "page.css", source: styles.join("") + sheet("later/shared/shared") });
    },
  },
};

/**
 * Scripts of their own that share nothing with the page, under names that stay: what other sites load, the page's side of it, which runs in a frame
 * alone, and what the API's readable page runs.
 */
const alone: Plugin = {
  name: "alone",
  apply: "build",
  async generateBundle() {
    for (const name of ["embed/embed", "embed/frame", "docs/docs"]) {
      const input = join(import.meta.dirname, `src/${name}.ts`);
      const made = await build({
        configFile: false,
        logLevel: "warn",
        publicDir: false,
        build: { write: false, target: "es2023", rolldownOptions: { input, output: { format: "iife" } } },
      });
      const [only, ...others] = "output" in made ? made.output : [];
      if (only?.type !== "chunk" || others.length > 0) throw new Error(`${name}.ts is more than one script`);
      this.emitFile({ type: "asset", fileName: `${basename(name)}.js`, source: only.code });
    }
  },
};

export default defineConfig({
  base: "/",
  plugins: [branded(brand, OWN, shell), copies, askAgain, words, bare, contract, entry, alone, turnstile, farewell],
  // Preact through the compiler Vite already has: no Babel, no plugin.
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    target: "es2023",
    // Inlined assets would be data: addresses, which the Content-Security-Policy refuses for everything but images.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    // One script for the first visit: each file more is a kilobyte of heads, and one more to wait for.
    rolldownOptions: { output: { codeSplitting: { groups: [{ name: "index", test: /first.main\.tsx$/ }] } } },
  },
  server: { proxy: { "/api": process.env.BASE_URL ?? "http://127.0.0.1:8787" } },
  test: { environment: "jsdom", include: ["{src,scripts}/**/*.test.{ts,tsx}"], restoreMocks: true },
});
