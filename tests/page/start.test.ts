/** The page's start, and what is loaded later, on a network that fails now and then. */
import { type Page, expect } from "@playwright/test";
import { EdgewisePage, test } from "./page.ts";
import { scenario } from "./stack.ts";

/** The worker would ask in the page's place. */
test.use({ serviceWorkers: "block" });

/** Has what matches fail the first times. */
async function fails(page: Page, file: RegExp, times: number, how: "abort" | "503" | "gone"): Promise<() => number> {
  let asked = 0;
  await page.route(file, async (route) => {
    asked += route.request().method() === "GET" ? 1 : 0;
    if (asked > times) return route.continue();
    if (how === "abort") return route.abort("connectionreset");
    if (how === "503") return route.fulfill({ status: 503, body: "" });
    return route.fulfill({ status: 404, body: "" });
  });
  return () => asked;
}

const CODE = "Look:\n\n```js\nlet x = 1;\n```\n\nand $\\frac{1}{2}$, done.";

for (const how of ["abort", "503"] as const)
  for (const file of ["markdown-", "markdown_bg", "decorate-", "highlight-", "javascript-", "maths-", "purify.es-"])
    test(`a file that fails once is asked for again: ${file} ${how}`, async ({ page }) => {
      const edgewise = new EdgewisePage(page);
      // What comes along with another script is asked for ahead of it, too.
      const times = file === "purify.es-" ? 2 : 1;
      const asked = await fails(page, new RegExp(`/assets/${file}[\\w-]+\\.(js|wasm|css)`), times, how);
      await scenario("show me code", { chunks: 1, chunk_text: CODE });
      await page.goto("/");
      await edgewise.send("show me code");
      const answer = await edgewise.settledAnswer();
      await expect(answer.locator(".hljs-keyword")).toHaveText("let");
      await expect(answer.locator("mfrac")).toBeVisible();
      await expect(answer.getByRole("button", { name: "Copy code" })).toBeVisible();
      expect(asked()).toBeGreaterThan(1);
    });

test("a style sheet that fails once is asked for again, and a block that stayed plain is mended when another can be", async ({
  page,
}) => {
  const edgewise = new EdgewisePage(page);
  await page.clock.install();
  const sheets = await fails(page, /\/assets\/index-[\w-]+\.css/, 1, "503");
  const SCRIPT = /\/assets\/highlight-[\w-]+\.js/;
  const scripts = await fails(page, SCRIPT, Infinity, "503");
  // One block alone: what another one loads has those tried again that lack it.
  await scenario("plain at first", { chunks: 1, chunk_text: "```js\nlet x = 1;\n```\n" });
  await page.goto("/");
  await expect(page.locator(".page")).toHaveCSS("display", "grid");
  expect(sheets()).toBe(2);
  await edgewise.send("plain at first");
  await edgewise.settledAnswer();
  // Until no more is tried.
  await expect(async () => {
    await page.clock.fastForward(7_000);
    expect(scripts()).toBeGreaterThanOrEqual(4);
  }).toPass();
  await page.clock.fastForward(7_000);
  await expect(edgewise.answers.locator(".hljs-keyword")).toHaveCount(0);
  await page.unroute(SCRIPT);
  await edgewise.send("plain at first");
  await expect(edgewise.answers).toHaveCount(2);
  await edgewise.settledAnswer();
  await expect(edgewise.answers.locator(".hljs-keyword")).toHaveCount(2);
  expect(sheets(), "what comes later does not ask for it again").toBe(2);
});

test("a file that is gone since the page was opened makes it offer a reload, and the draft stays", async ({ page }) => {
  const edgewise = new EdgewisePage(page);
  await fails(page, /\/assets\/markdown-/, Infinity, "gone");
  await page.goto("/");
  await edgewise.composer.pressSequentially("half a thought");
  const notice = edgewise.notice("there may be a newer one");
  await expect(notice).toBeVisible();
  await page.unroute(/\/assets\/markdown-/);
  const reloaded = page.waitForEvent("load");
  await page.getByRole("button", { name: "Reload" }).click();
  await reloaded;
  await expect(edgewise.composer).toHaveValue("half a thought");
  await scenario("half a thought", { chunks: 1, chunk_text: "**whole**" });
  await edgewise.composer.press("Enter");
  await expect((await edgewise.settledAnswer()).locator("strong")).toHaveText("whole");
});

test("there is a field before the script, and what is typed into it goes on", async ({ page }) => {
  const edgewise = new EdgewisePage(page);
  let go = (): void => undefined;
  const held = new Promise<void>((resolve) => (go = resolve));
  await page.route(/\/assets\/index-[\w-]+\.js/, async (route) => {
    await held;
    await route.continue();
  });
  await page.goto("/", { waitUntil: "commit" });
  await expect(page.getByText("What is on your mind?")).toBeVisible();
  await page.waitForFunction(() => document.styleSheets.length === 1);
  const place = await edgewise.composer.boundingBox();
  await edgewise.composer.pressSequentially("typed early");
  await expect(
    page.getByRole("button", { name: "New chat" }).or(page.getByRole("link", { name: "New chat" })),
  ).toHaveCount(0);
  go();
  await expect(page.getByRole("link", { name: "New chat" })).toBeVisible();
  await expect(edgewise.composer).toHaveValue("typed early");
  await expect(edgewise.composer).toBeFocused();
  // The last that comes beside it.
  await expect(page.getByRole("button", { name: "Dictate", exact: true })).toBeVisible();
  expect(await edgewise.composer.boundingBox()).toEqual(place);
  await edgewise.composer.pressSequentially(", and late");
  await expect(edgewise.composer).toHaveValue("typed early, and late");
  await page.reload();
  await expect(edgewise.composer).toHaveValue("typed early, and late");
});

test("a main script that does not come is told, with a way to try again", async ({ page }) => {
  const edgewise = new EdgewisePage(page);
  const file = /\/assets\/index-[\w-]+\.js/;
  await fails(page, file, 1, "abort");
  await page.goto("/");
  await expect(page.getByRole("alert")).toContainText("did not load");
  await page.getByRole("link", { name: "Reload" }).click();
  await expect(page.getByRole("link", { name: "New chat" })).toBeVisible();
  await expect(page.getByRole("alert")).toHaveCount(0);
  await expect(edgewise.composer).toBeVisible();
});

test("a main script of which nothing is heard is told in the end", async ({ page }) => {
  await page.route(/\/assets\/index-[\w-]+\.js/, () => undefined);
  await page.goto("/", { waitUntil: "commit" });
  await expect(page.getByText("What is on your mind?")).toBeVisible();
  await expect(page.getByText("did not load")).toBeHidden();
  await expect(page.getByText("did not load")).toBeVisible({ timeout: 20_000 });
});

test("the operator's limit is the page's, and is there at the next visit", async ({ page }) => {
  const edgewise = new EdgewisePage(page);
  const config = { limits: { message_chars: 20_000, per_minute: 20, per_day: 100, context_messages: 20 } };
  await page.route("**/api/v1/config", (route) => route.fulfill({ json: config }));
  await page.goto("/");
  await edgewise.composer.fill("x".repeat(9_000));
  await expect(page.getByRole("button", { name: "Send" })).toBeEnabled();
  await edgewise.composer.fill("x".repeat(20_001));
  await expect(page.getByText("20,001 of 20,000 characters")).toBeVisible();
  await expect(page.getByRole("button", { name: "Send" })).toBeDisabled();
  await page.route("**/api/v1/config", (route) => route.abort());
  await page.reload();
  await expect(page.getByText("20,001 of 20,000 characters")).toBeVisible();
});
