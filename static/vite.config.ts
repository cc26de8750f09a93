/** How the page is built: fully static, every file but index.html and the files of public/ with a hash in its name. */
import { defineConfig } from "vitest/config";

export default defineConfig({
  base: "/",
  // Preact through the compiler Vite already has: no Babel, no plugin.
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    target: "es2023",
    // Inlined assets would be data: addresses, which the Content-Security-Policy refuses for everything but images.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  server: { proxy: { "/api": process.env.BASE_URL ?? "http://127.0.0.1:8787" } },
  test: { environment: "jsdom", include: ["src/**/*.test.{ts,tsx}"], restoreMocks: true },
});
