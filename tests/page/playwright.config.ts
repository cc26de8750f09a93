/**
 * The browser tests of the page, run by `npm run test:page` in static/ against a served Edgewise.
 *
 * BASE_URL names it; PAGE_OUTPUT is where results go; CHROMIUM names the browser (Debian's by default).
 */
import { defineConfig } from "@playwright/test";

export default defineConfig({
  testDir: ".",
  outputDir: process.env.PAGE_OUTPUT ?? "output/results",
  timeout: 90_000,
  expect: { timeout: 15_000 },
  forbidOnly: Boolean(process.env.CI),
  workers: 1,
  reporter: [["list"]],
  projects: [
    { name: "tests", testMatch: /\.test\.ts$/ },
    // Not a test: writes docs/screenshots/, by `npm run screenshots`.
    { name: "screenshots", testMatch: /screenshots\.ts$/ },
    // Not one either: prints what docs/performance.md says of the page, by `npm run measure`.
    { name: "measure", testMatch: /measure\.ts$/, use: { trace: "off" } },
  ],
  use: {
    baseURL: process.env.BASE_URL ?? "http://127.0.0.1:8787",
    browserName: "chromium",
    viewport: { width: 1280, height: 800 },
    trace: "retain-on-failure",
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
      args: [
        "--no-sandbox",
        "--disable-quic",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--no-first-run",
      ],
    },
  },
});
