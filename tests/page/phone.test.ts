/** The page on a phone: the list as a drawer, and writing above an on-screen keyboard. */
import { type Page, devices, expect } from "@playwright/test";
import { EdgewisePage, test } from "./page.ts";
import { scenario } from "./stack.ts";

const { viewport, userAgent, deviceScaleFactor, isMobile, hasTouch } = devices["Pixel 7"];
test.use({ viewport, userAgent, deviceScaleFactor, isMobile, hasTouch });

/** What the keyboard leaves of the screen: browsers that know `interactive-widget` shrink the page to it. */
const ABOVE_KEYBOARD = { width: viewport.width, height: Math.round(viewport.height * 0.55) };

test("the list is a drawer: it opens, takes the focus, and closes behind a choice", async ({ page }) => {
  const edgewise = new EdgewisePage(page);
  await page.goto("/");
  await edgewise.composer.fill("From a phone");
  await page.getByRole("button", { name: "Send" }).tap();
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

test("the drawer is a dialog with a way out; Back closes it, and Escape only what is furthest in", async ({ page }) => {
  const edgewise = new EdgewisePage(page);
  await scenario("From a phone", { chunks: 1, chunk_text: "Hello." });
  await page.goto("/");
  await edgewise.composer.fill("From a phone");
  await page.getByRole("button", { name: "Send" }).tap();
  await edgewise.settledAnswer();
  const address = page.url();
  const opener = page.getByRole("button", { name: "Open the list of chats" });
  const drawer = page.getByRole("dialog", { name: "Chats" });
  await opener.tap();
  await expect(drawer).toBeVisible();
  await drawer.getByRole("button", { name: "Settings" }).tap();
  const settings = page.getByRole("dialog", { name: "Settings" });
  await expect(settings).toBeVisible();
  await expect(settings.getByRole("button", { name: "Keyboard shortcuts" }), "there is no keyboard").toHaveCount(0);
  await expect(settings.getByRole("checkbox"), "the list is a drawer").toHaveCount(0);
  await settings.getByRole("button", { name: "Close" }).tap();
  await expect(settings).toHaveCount(0);
  await expect(drawer).toBeVisible();
  await page.goBack();
  await expect(drawer).toHaveCount(0);
  expect(page.url()).toBe(address);
  await opener.tap();
  await drawer.getByRole("button", { name: "Close the list of chats" }).tap();
  await expect(drawer).toHaveCount(0);
  await expect(opener).toBeFocused();

  await opener.tap();
  await page.keyboard.press("Control+/");
  const shortcuts = page.getByRole("dialog", { name: "Keyboard shortcuts" });
  await expect(shortcuts).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(shortcuts).toHaveCount(0);
  await expect(drawer).toBeVisible();
  await drawer.getByRole("button", { name: "More for “From a phone”" }).tap();
  await expect(page.getByRole("menu")).toBeVisible();
  await page.goBack();
  await expect(drawer).toHaveCount(0);
  await opener.tap();
  await expect(drawer).toBeVisible();
  await expect(page.getByRole("menu")).toHaveCount(0);
  const more = drawer.getByRole("button", { name: "More for “From a phone”" });
  const { width = 0, height = 0 } = (await more.boundingBox()) ?? {};
  expect(Math.min(width, height)).toBeGreaterThan(39.9);
  await edgewise.choose("From a phone", "Rename");
  await page.getByRole("textbox", { name: "New title" }).press("Escape");
  await expect(more).toBeVisible();
  await edgewise.choose("From a phone", "Delete");
  await expect(drawer).toContainText("Delete “From a phone”?");
  await page.keyboard.press("Escape");
  await expect(more).toBeVisible();

  await edgewise.choose("From a phone", "Delete");
  await drawer.getByRole("button", { name: "Delete" }).tap();
  await expect(drawer.getByText("was deleted")).toBeVisible();
  const newChat = drawer.getByRole("link", { name: "New chat" });
  const isFree = await newChat.evaluate((link) => {
    const { left, top, width, height } = link.getBoundingClientRect();
    return link.contains(document.elementFromPoint(left + width / 2, top + height / 2));
  });
  expect(isFree, "nothing lies over New chat").toBe(true);
});

/** What can be tapped and is smaller than a finger wants, but for links in a text. */
function tooSmall(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll("button, summary, label, textarea, input, a:not(.prose a, .skip)")].flatMap((one) => {
      const { width, height } = one.getBoundingClientRect();
      const isSeen = one.checkVisibility({ visibilityProperty: true }) && !one.matches("label input");
      return isSeen && Math.min(width, height) < 39.9 ? [`${one.outerHTML.slice(0, 90)} ${width} × ${height}`] : [];
    }),
  );
}

test("whatever can be tapped is large enough for a finger", async ({ page }) => {
  const edgewise = new EdgewisePage(page);
  const answer = "<think>Hm.</think>\n\nSo:\n\n```js\nlet x = 1;\n```\n";
  await scenario("a large finger", { chunks: 1, chunk_text: answer });
  await page.goto("/");
  expect(await tooSmall(page)).toEqual([]);
  await edgewise.composer.fill("a large finger");
  await page.getByRole("button", { name: "Send" }).tap();
  await edgewise.settledAnswer();
  await expect(edgewise.answers.getByRole("button", { name: "Copy code" })).toBeVisible();
  await edgewise.answers.getByRole("button", { name: "Ask again" }).tap();
  await expect(edgewise.answers.getByRole("group", { name: "Version 2 of 2" })).toBeVisible();
  await edgewise.settledAnswer();
  expect(await tooSmall(page), "an answer with versions").toEqual([]);

  await scenario("a long wait for a finger", { chunks: 400, pace_ms: 50, chunk_text: "word{i} " });
  await edgewise.composer.fill("a long wait for a finger");
  await page.getByRole("button", { name: "Send" }).tap();
  await expect(edgewise.answers.last()).toContainText("word3");
  await edgewise.composer.fill("it waits");
  await page.getByRole("button", { name: "Send when the answer has ended" }).tap();
  await edgewise.composer.fill("more");
  await expect(page.getByRole("button", { name: "Take back" })).toBeVisible();
  expect(await tooSmall(page), "what waits").toEqual([]);
  await page.getByRole("button", { name: "Take back" }).tap();
  await page.getByRole("button", { name: "Stop answering" }).tap();
  await edgewise.settledAnswer();
  expect(await tooSmall(page), "a stopped answer").toEqual([]);

  await page.route("**/messages", (route) => route.abort());
  await page.getByRole("button", { name: "Send" }).tap();
  await expect(page.getByRole("alert")).toBeVisible();
  expect(await tooSmall(page), "what was not sent").toEqual([]);
  await edgewise.messages.first().getByRole("button", { name: "Edit message" }).tap();
  expect(await tooSmall(page), "an edit").toEqual([]);
  await page.getByRole("button", { name: "Cancel" }).tap();
  await page.getByRole("button", { name: "Open the list of chats" }).tap();
  await edgewise.remove("a large finger");
  await expect(page.getByRole("button", { name: "Undo" })).toBeVisible();
  expect(await tooSmall(page), "the list, with a notice").toEqual([]);
});

test("Enter breaks a line where there is no other way to, and a setting turns it round", async ({ page }) => {
  const edgewise = new EdgewisePage(page);
  await scenario("one two", { chunks: 1, chunk_text: "Three." });
  await page.goto("/");
  await edgewise.composer.fill("one");
  await edgewise.composer.press("Enter");
  await edgewise.composer.pressSequentially("two");
  await expect(edgewise.composer).toHaveValue("one\ntwo");
  await expect(edgewise.messages).toHaveCount(0);
  await page.getByRole("button", { name: "Open the list of chats" }).tap();
  await page.getByRole("button", { name: "Settings" }).tap();
  await page.getByRole("group", { name: "Enter key" }).getByText("Sends", { exact: true }).tap();
  for (const what of ["the settings", "the list"]) {
    await page.keyboard.press("Escape");
    await expect(page.getByRole("dialog"), what).toHaveCount(what === "the list" ? 0 : 1);
  }
  await edgewise.composer.press("Enter");
  await expect(edgewise.messages).toHaveCount(2);
  await expect(edgewise.composer).toHaveValue("");
});

test.describe("on its side", () => {
  test.use({ viewport: { width: 863, height: 360 } });

  test("the list is a drawer, and above a keyboard there is room to read", async ({ page }) => {
    const edgewise = new EdgewisePage(page);
    await scenario("sideways", { chunks: 60, chunk_text: "Line {i}\n\n" });
    await page.setViewportSize({ width: 863, height: 200 });
    await page.goto("/");
    await expect(edgewise.sessions).toBeHidden();
    await expect(page.getByText("What is on your mind?"), "the greeting begins with its first line").toBeInViewport();
    await expect(page.getByRole("button", { name: "Open the list of chats" })).toBeInViewport();
    await page.setViewportSize({ width: 863, height: 360 });
    await edgewise.composer.fill("sideways");
    await page.getByRole("button", { name: "Send" }).tap();
    await edgewise.settledAnswer();
    await page.setViewportSize({ width: 863, height: 200 });
    await expect(edgewise.composer).toBeInViewport({ ratio: 1 });
    const composer = await page.locator(".composer").boundingBox();
    expect(composer?.y ?? 0).toBeGreaterThan(110);
    await expect(edgewise.answers.last().getByText("Line 59", { exact: true })).toBeInViewport();
    await expect(page.getByRole("button", { name: "Open the list of chats" })).not.toBeInViewport();
    await page.getByRole("region", { name: "Messages" }).evaluate((list) => (list.scrollTop -= 20));
    await expect(page.getByRole("button", { name: "Open the list of chats" })).toBeInViewport();
  });
});

test.describe("at 400 % zoom", () => {
  test.use({ viewport: { width: 320, height: 256 }, isMobile: false, hasTouch: false });

  test("a long draft leaves room for the messages, and nothing covers an edit", async ({ page }) => {
    const edgewise = new EdgewisePage(page);
    await scenario("small and long", { chunks: 60, chunk_text: "Line {i}\n\n" });
    await page.goto("/");
    await edgewise.composer.fill("small and long");
    await edgewise.composer.press("Control+Enter");
    await edgewise.settledAnswer();
    await edgewise.composer.fill("A long draft\n".repeat(30));
    expect((await page.locator(".composer").boundingBox())?.y ?? 0).toBeGreaterThan(100);
    await edgewise.composer.fill("");
    await edgewise.composer.press("ArrowUp");
    const save = page.locator(".edit").getByRole("button", { name: "Send" });
    await save.scrollIntoViewIfNeeded();
    const isFree = await save.evaluate((button) => {
      const { left, top, width, height } = button.getBoundingClientRect();
      return button.contains(document.elementFromPoint(left + width / 2, top + height / 2));
    });
    expect(isFree, "nothing lies over the button").toBe(true);
  });
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
