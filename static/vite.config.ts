/** How the page is built: fully static, every file but index.html and the files of public/ with a hash in its name. */
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";
import { HAS_WORKER } from "./src/browser/worker.ts";
import { shell, strings } from "./src/first/strings.ts";

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

/** Puts the page's own words into index.html, so that each stands in one place. Comments and indents do not travel. */
const words: Plugin = {
  name: "words",
  transformIndexHtml: (html) =>
    html.replace(/<!--.*?-->\n?|^ +/gms, "").replace(/%(\w+)%/g, (_, name: string) => {
      const found: unknown = Object.entries({ ...strings, ...shell }).find(([key]) => key === name)?.[1];
      if (typeof found !== "string") throw new Error(`index.html wants the words ${name}, which strings.ts has not`);
      return found;
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

/** The API's contract, for programs and for people: where it is expected, below the API's address. */
const contract: Plugin = {
  name: "contract",
  generateBundle() {
    const read = (name: string) => readFileSync(join(import.meta.dirname, "../schema", name), "utf8");
    const files = { "openapi.json": JSON.stringify(JSON.parse(read("openapi.json"))), docs: read("openapi.html") };
    for (const [name, source] of Object.entries(files))
      this.emitFile({ type: "asset", fileName: `api/v1/${name}`, source });
  },
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
      const own = readFileSync(join(import.meta.dirname, "src/later/shared/shared.css"), "utf8");
      const bare = own.replace(/\/\*.*?\*\//gs, "").replace(/\s+/g, " ");
      this.emitFile({ type: "asset", fileName: "page.js", source: script.join("") });
      this.emitFile({ type: "asset", fileName: "page.css", source: styles.join("") + bare });
    },
  },
};

export default defineConfig({
  base: "/",
  plugins: [askAgain, words, bare, contract, entry, turnstile, farewell],
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
