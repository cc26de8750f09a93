/** Taking a guest's chats to another device: the code on the one, the question on the other, and the way back. */
import { type Browser, type Locator, type Page, expect } from "@playwright/test";
import { axe, violations } from "./axe.ts";
import { EdgewisePage, test } from "./page.ts";
import { scenario } from "./stack.ts";

async function say(page: Page, text: string): Promise<void> {
  const edgewise = new EdgewisePage(page);
  await scenario(text, { chunks: 1, chunk_text: "Yes." });
  await edgewise.composer.fill(text);
  // A phone's Enter breaks the line.
  await page.getByRole("button", { name: "Send" }).click();
  await edgewise.settledAnswer();
}

const dialogOf = (page: Page): Locator => page.locator("dialog[open]");
const entryOf = (page: Page): Locator => page.getByRole("button", { name: "Take it with you", exact: true });
const chat = (page: Page, title: string): Locator =>
  page.getByRole("navigation", { name: "Chats" }).getByRole("link", { name: title });

/** The link that the page shows for another device. */
async function linkOf(page: Page): Promise<string> {
  await entryOf(page).click();
  const link = dialogOf(page).getByRole("textbox", { name: "Link for the other device" });
  await expect(link).toHaveValue(/\/#take=[\w-]{22}$/);
  return link.inputValue();
}

/** Another device: a browser that has never been here. */
async function elsewhere(browser: Browser, baseURL: string | undefined): Promise<Page> {
  const context = await browser.newContext({ ...(baseURL && { baseURL }) });
  return context.newPage();
}

test("a guest's chats come to another device after a click there, once, and its own can be gone back to", async ({
  page,
  browser,
  baseURL,
}) => {
  await page.goto("/");
  await expect(entryOf(page), "there is nothing to take").toHaveCount(0);
  await say(page, "said on the first device");
  const link = await linkOf(page);
  await expect(dialogOf(page).getByRole("img", { name: "The link below, for a camera" })).toBeVisible();
  await expect(dialogOf(page)).toContainText("Good once, for 5 min");

  const other = await elsewhere(browser, baseURL);
  await other.goto("/");
  await say(other, "said on the second device");
  await other.goto("about:blank");
  await other.goto(link);
  const question = dialogOf(other);
  await expect(question).toContainText("One chat comes along.");
  expect(new URL(other.url()).hash, "the code stays in no history").toBe("");
  // Opening it has changed nothing yet.
  await expect(chat(other, "said on the second device")).toBeVisible();
  await question.getByRole("button", { name: "Show them here" }).click();
  await expect(chat(other, "said on the first device")).toBeVisible();
  await expect(chat(other, "said on the second device")).toHaveCount(0);
  await expect(other.getByText("The chats of the other device are here now.").first()).toBeVisible();
  await say(other, "said to both");
  await page.reload();
  await expect(chat(page, "said to both")).toBeVisible();

  // A second time it is good for nothing, also where the page is open already.
  await other.evaluate((hash) => (location.hash = hash), new URL(link).hash);
  await expect(dialogOf(other).getByRole("alert")).toContainText("This link was used before");
  await dialogOf(other).getByRole("button", { name: "Close" }).last().click();

  await entryOf(other).click();
  await dialogOf(other).getByRole("button", { name: "Go back to them" }).click();
  await expect(chat(other, "said on the second device")).toBeVisible();
  await expect(chat(other, "said on the first device")).toHaveCount(0);
  await other.context().close();
});

test("who leaves it stays who they are, and a link that is none says so", async ({ page, browser, baseURL }) => {
  await page.goto("/");
  await say(page, "mine alone");
  const link = await linkOf(page);
  const other = await elsewhere(browser, baseURL);
  await other.goto(link);
  await dialogOf(other).getByRole("button", { name: "Leave it" }).click();
  await expect(dialogOf(other)).toHaveCount(0);
  await expect(chat(other, "mine alone")).toHaveCount(0);
  expect(await other.evaluate(() => localStorage.getItem("edgewise.token"))).toBeNull();
  for (const [hash, words] of [
    ["#take=AAAAAAAAAAAAAAAAAAAAAA", "This link is not known"],
    ["#take=nonsense", "This link is not whole"],
  ] as const) {
    await other.evaluate((to) => (location.hash = to), hash);
    await expect(dialogOf(other).getByRole("alert")).toContainText(words);
    await other.keyboard.press("Escape");
    await expect(dialogOf(other)).toHaveCount(0);
  }
  await other.context().close();
});

for (const colorScheme of ["light", "dark"] as const)
  for (const [shape, viewport] of Object.entries({
    wide: { width: 1280, height: 800 },
    "a small phone": { width: 320, height: 568 },
  }))
    test(`nothing bars the way to another device: ${colorScheme}, ${shape}`, async ({ browser, baseURL }) => {
      const isPhone = shape !== "wide";
      const context = await browser.newContext({
        colorScheme,
        viewport,
        hasTouch: isPhone,
        isMobile: isPhone,
        bypassCSP: true,
        reducedMotion: "reduce",
        ...(baseURL && { baseURL }),
      });
      const page = await context.newPage();
      await page.addInitScript({ path: axe });
      const check = async (what: string) => {
        await expect.poll(() => violations(page), { message: what }).toEqual([]);
        const isCut = await dialogOf(page).evaluate((dialog) => {
          const { left, right } = dialog.getBoundingClientRect();
          const scrolls = [dialog, document.documentElement].some((one) => one.scrollWidth > one.clientWidth);
          return scrolls || left < 0 || right > innerWidth;
        });
        expect(isCut, `${what}: nothing is wider than the screen`).toBe(false);
      };
      await page.goto("/");
      await say(page, `to be taken along ${colorScheme} ${shape}`);
      if (isPhone) await page.getByRole("button", { name: "Open the list of chats" }).tap();
      await entryOf(page).focus();
      await page.keyboard.press("Enter");
      const link = dialogOf(page).getByRole("textbox", { name: "Link for the other device" });
      await expect(link).toHaveValue(/#take=/);
      await check("the code");
      const { hash } = new URL(await link.inputValue());
      await page.keyboard.press("Escape");
      await expect(dialogOf(page)).toHaveCount(0);
      await page.evaluate((to) => (location.hash = to), hash);
      await expect(dialogOf(page).getByRole("button", { name: "Show them here" })).toBeVisible();
      await check("the question");
      // By the keyboard alone; it is this browser's own guest.
      await page.keyboard.press("Tab");
      await page.keyboard.press("Tab");
      await page.keyboard.press("Enter");
      await expect(dialogOf(page)).toContainText("These are the chats that you see here already.");
      await check("the end");
      await context.close();
    });
