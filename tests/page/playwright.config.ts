/**
 * The browser tests of the page, run by `npm run test:page`, `test:served`, `test:alone` and `test:firefox` in static/ against a served Edgewise.
 *
 * BASE_URL names it; PAGE_OUTPUT is where results go; PAGE_TRACE keeps a trace of what fails; PAGE_PICTURES
 * is a folder for pictures of the dialog about accounts; CHROMIUM, WHOLE_CHROMIUM (of one test) and FIREFOX name the browsers
 * (Debian's by default: Chromium's engine without its windows, which the same tests take half the time in).
 */
import { defineConfig } from "@playwright/test";

/**
 * What runs in Firefox, too. The other files are about the phone (which `isMobile` makes, and Firefox has not), the service worker and
 * the manifest (read by Chromium's own protocol), and limits and wires, which are the server's.
 */
const JOURNEYS = /(journey|answers|messages|hostile|keyboard|access|sessions)\.test\.ts$/;

/** Tests of those files that Firefox does not run. */
const NOT_IN_FIREFOX = [
  // Markdown is parsed by the same Wasm everywhere, and these are minutes of it. What a browser's own parser or loader could do stays.
  /bearable:/,
  /harmless: (heads|images|notes|info|quotes|elements|unclosed|addresses that hide)/,
  // The rules of axe read the document, not the browser: one shape in each theme is enough.
  /nothing bars the way: light, narrow/,
  /nothing bars the way: dark, wide/,
  /nothing bars the way: (forced|400|a phone)/,
  // What the server keeps and tells, or the page's own reckoning, whatever shows it.
  /in a second tab|what another device wrote|token/,
  /the list is grouped|in the middle of a long session/,
];

/**
 * What asks something of the server, or of how it hands out files: it runs on each runtime. The rest reads the document, and what has
 * passed on one runtime would show nothing new on the other.
 */
const SERVED = /(accounts|leaving|passkeys|journey|answers|offline|sessions|start|stop|wire)\.test\.ts$/;

/** What moves the clock of all, or what all count: it runs on each runtime, and nothing beside it. */
const ALONE = /(challenge|configured)\.test\.ts$/;

export default defineConfig({
  testDir: ".",
  outputDir: process.env.PAGE_OUTPUT ?? "output/results",
  timeout: 90_000,
  expect: { timeout: 15_000 },
  forbidOnly: Boolean(process.env.CI),
  // Most of a test is waiting. Two files that run beside each other use guests and words of their own.
  workers: 2,
  // A browser on a busy machine is late now and then, and one late test would cost a whole run. What needed its second try is named at the
  // end of `cargo xtask test`, so that it is not forgotten.
  retries: 1,
  reporter: [["list"]],
  projects: [
    { name: "tests", testMatch: /\.test\.ts$/, testIgnore: ALONE },
    { name: "served", testMatch: SERVED },
    { name: "alone", testMatch: ALONE, workers: 1 },
    {
      name: "firefox",
      testMatch: JOURNEYS,
      grepInvert: NOT_IN_FIREFOX,
      use: {
        browserName: "firefox",
        channel: "moz-firefox",
        launchOptions: {
          executablePath: process.env.FIREFOX ?? "/usr/bin/firefox-esr",
          // Without a screen it takes itself for a device without a mouse.
          firefoxUserPrefs: { "ui.primaryPointerCapabilities": 6, "ui.allPointerCapabilities": 6 },
        },
      },
    },
    // Not a test: writes docs/screenshots/, by `npm run screenshots`.
    { name: "screenshots", testMatch: /screenshots\.ts$/, workers: 1 },
    // Not one either: prints what docs/performance.md says of the page, by `npm run measure`.
    { name: "measure", testMatch: /measure\.ts$/, workers: 1 },
  ],
  use: {
    baseURL: process.env.BASE_URL ?? "http://127.0.0.1:8787",
    browserName: "chromium",
    viewport: { width: 1280, height: 800 },
    // Pictures and records of each step cost more than the tests do.
    trace: process.env.PAGE_TRACE ? "retain-on-failure" : "off",
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium-headless-shell",
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
