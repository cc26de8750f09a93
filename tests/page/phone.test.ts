/** The page on a phone: the list as a drawer, and writing above an on-screen keyboard. */
import { devices, expect } from "@playwright/test";
import { EdgewisePage, test } from "./page.ts";
import { scenario } from "./stack.ts";

const { viewport, userAgent, deviceScaleFactor, isMobile, hasTouch } = devices["Pixel 7"];
test.use({ viewport, userAgent, deviceScaleFactor, isMobile, hasTouch });

/** What the keyboard leaves of the screen: browsers that know `interactive-widget` shrink the page to it. */
const ABOVE_KEYBOARD = { width: viewport.width, height: Math.round(viewport.height * 0.55) };

test("the list is a drawer: it opens, takes the focus, and closes behind a choice", async ({ page }) => {
  const edgewise = new EdgewisePage(page);
  await page.goto("/");
  await edgewise.send("From a phone");
  await edgewise.settledAnswer();
  const opener = page.getByRole("button", { name: "Open the list of chats" });
  await opener.click();
  await expect(edgewise.sessions.getByRole("link", { name: "New chat" })).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(opener).toBeFocused();
  await opener.click();
  await edgewise.sessions.getByRole("link", { name: "New chat" }).click();
  await expect(edgewise.messages).toHaveCount(0);
  await expect(edgewise.sessions).toBeHidden();
});

test("the composer stays above the keyboard, and the end of the answer above the composer", async ({ page }) => {
  const edgewise = new EdgewisePage(page);
  await scenario("with both thumbs", { chunks: 120, pace_ms: 10, chunk_text: "Line {i}\n\n" });
  await page.goto("/");
  await expect(edgewise.composer, "nobody has asked for the keyboard yet").not.toBeFocused();
  await edgewise.composer.tap();
  await page.setViewportSize(ABOVE_KEYBOARD);
  await expect(edgewise.composer).toBeInViewport({ ratio: 1 });
  await edgewise.composer.pressSequentially("with both thumbs");
  await page.getByRole("button", { name: "Send" }).tap();
  await edgewise.settledAnswer();
  await expect(edgewise.answers.last().getByText("Line 119", { exact: true })).toBeInViewport();
  await expect(edgewise.composer).toBeInViewport({ ratio: 1 });

  await page.setViewportSize(viewport);
  await expect(edgewise.answers.last().getByText("Line 119", { exact: true })).toBeInViewport();
  expect(
    await page.evaluate(() => document.documentElement.scrollHeight <= innerHeight),
    "the page itself never scrolls",
  ).toBe(true);
  // Below 16 px a phone zooms in when the field is tapped.
  expect(
    await edgewise.composer.evaluate((field) => parseFloat(getComputedStyle(field).fontSize)),
  ).toBeGreaterThanOrEqual(16);
});

test("where the browser does not make room for the keyboard, the page does", async ({ page }) => {
  const edgewise = new EdgewisePage(page);
  // Chromium always makes room; Safari only tells how much is left.
  await page.addInitScript((height) => {
    const seen = window.visualViewport;
    window.addEventListener("keyboard", () => {
      Object.defineProperty(seen, "height", { value: height, configurable: true });
      seen?.dispatchEvent(new Event("resize"));
    });
  }, ABOVE_KEYBOARD.height);
  await page.goto("/");
  await edgewise.composer.tap();
  await page.evaluate(() => window.dispatchEvent(new Event("keyboard")));
  await expect
    .poll(() => edgewise.composer.evaluate((field) => field.getBoundingClientRect().bottom))
    .toBeLessThan(ABOVE_KEYBOARD.height);
});
