/** The settings: one sheet, which is loaded when it is opened, and what is set in it holds from the next first paint on. */
import { readFile } from "node:fs/promises";
import { type Locator, type Page, expect } from "@playwright/test";
import { test as withAccounts } from "./account.ts";
import { axe, violations } from "./axe.ts";
import { EdgewisePage, test } from "./page.ts";
import { guestOf, scenario, sessionsOverDays } from "./stack.ts";

// The page's own policy would refuse the checker's evaluation.
test.use({ bypassCSP: true });
test.beforeEach(({ page }) => page.addInitScript({ path: axe }));

const sheetOf = (page: Page) => page.getByRole("dialog", { name: "Settings" });

async function open(page: Page): Promise<Locator> {
  await page.getByRole("button", { name: "Settings" }).click();
  await expect(sheetOf(page)).toBeVisible();
  return sheetOf(page);
}

test("by keyboard alone: the theme, the Enter key and the list are set, and are so after a reload", async ({
  page,
}) => {
  const edgewise = new EdgewisePage(page);
  await scenario("broken in two", { chunks: 1, chunk_text: "Yes." });
  // What is seen at the very first paint, before the page's own script has done anything.
  await page.addInitScript(() => {
    document.addEventListener("DOMContentLoaded", () => {
      const { theme, folded } = document.documentElement.dataset;
      const bars = [...document.querySelectorAll<HTMLMetaElement>("meta[name=theme-color]")];
      const colours = bars.map(({ content }) => content);
      Object.assign(window, { first: { theme, isFolded: folded !== undefined, colours } });
    });
  });
  const asked: string[] = [];
  page.on("request", (request) => asked.push(request.url()));
  await page.goto("/");
  const entry = page.getByRole("button", { name: "Settings" });
  await entry.focus();
  expect(
    asked.filter((url) => url.includes("Settings")),
    "only when it is opened",
  ).toEqual([]);
  await page.keyboard.press("Enter");
  const sheet = sheetOf(page);
  await expect(sheet).toBeVisible();
  await expect.poll(() => violations(page)).toEqual([]);
  await page.keyboard.press("Tab");
  await expect(sheet.getByRole("button", { name: "Close" })).toBeFocused();
  await page.keyboard.press("Tab");
  await expect(sheet.getByRole("radio", { name: "System" })).toBeFocused();
  for (const key of ["ArrowRight", "ArrowRight"]) await page.keyboard.press(key);
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
  await expect.poll(() => violations(page), { message: "in the dark" }).toEqual([]);
  await page.keyboard.press("Tab");
  await expect(sheet.getByRole("radio", { name: "Sends", exact: true })).toBeFocused();
  await page.keyboard.press("ArrowRight");
  await expect(sheet.getByText("Ctrl + Enter sends.")).toBeVisible();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Space");
  await expect(page.locator(".side")).toBeHidden();
  await page.keyboard.press("Tab");
  await expect(sheet.getByRole("combobox", { name: "Language" })).toBeFocused();
  await page.keyboard.press("Tab");
  await expect(sheet.getByRole("button", { name: "How should it answer?" })).toBeFocused();
  await page.keyboard.press("Tab");
  await expect(sheet.getByRole("button", { name: "Import chats…" })).toBeFocused();
  await page.keyboard.press("Tab");
  await expect(sheet.getByRole("button", { name: "Keyboard shortcuts" })).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(sheet).toHaveCount(0);
  expect(await page.evaluate(() => localStorage.getItem("edgewise.theme"))).toBe("dark");

  await page.reload();
  expect(await page.evaluate(() => (window as unknown as { first: unknown }).first)).toEqual({
    theme: "dark",
    isFolded: true,
    colours: ["#171614", "#171614"],
  });
  await edgewise.composer.fill("broken");
  await edgewise.composer.press("Enter");
  await edgewise.composer.pressSequentially("in two");
  await expect(edgewise.composer).toHaveValue("broken\nin two");
  await edgewise.composer.fill("broken in two");
  await edgewise.composer.press("Control+Enter");
  await expect(await edgewise.settledAnswer()).toContainText("Yes.");
});

test("the shortcuts are listed from there, and the focus comes back to where the way began", async ({ page }) => {
  await page.goto("/");
  const sheet = await open(page);
  await sheet.getByRole("button", { name: "Keyboard shortcuts" }).press("Enter");
  await expect(sheet).toHaveCount(0);
  await expect(page.getByRole("dialog", { name: "Keyboard shortcuts" })).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await expect(page.getByRole("button", { name: "Settings" })).toBeFocused();
});

test("all chats are deleted after one question, those of further pages of the list with them, and brought back at once", async ({
  page,
}) => {
  const edgewise = new EdgewisePage(page);
  await page.goto("/");
  let sheet = await open(page);
  await sheet.getByRole("button", { name: "Delete all my chats…" }).click();
  await expect(sheet.getByText("You have no chats.")).toBeVisible();
  await page.keyboard.press("Escape");

  await scenario("Begin to end", { chunks: 1, chunk_text: "Yes." });
  await edgewise.send("Begin to end");
  await edgewise.settledAnswer();
  await sessionsOverDays(await guestOf(page), 34);
  await page.reload();
  await expect(edgewise.sessions.getByRole("link", { name: "Chat 15", exact: true })).toBeVisible();
  sheet = await open(page);
  const begin = sheet.getByRole("button", { name: "Delete all my chats…" });
  await begin.press("Enter");
  const keep = sheet.getByRole("button", { name: "Keep them" });
  await expect(sheet.getByRole("group", { name: "Delete all 35 chats?" })).toBeVisible();
  await expect(keep, "not what deletes").toBeFocused();
  await expect.poll(() => violations(page)).toEqual([]);
  await page.keyboard.press("Enter");
  await expect(begin).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(keep).toBeFocused();
  await page.keyboard.press("Shift+Tab");
  await page.keyboard.press("Enter");
  await expect(sheet).toHaveCount(0);
  await expect(edgewise.notice("35 chats were deleted.")).toBeVisible();
  await expect(edgewise.sessions.locator("li")).toHaveCount(0);
  await expect(page.locator(".notice").getByRole("button", { name: "Undo" })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(edgewise.sessions.locator("li")).toHaveCount(35);
  await page.reload();
  await expect(edgewise.sessions.getByRole("link", { name: "Begin to end" })).toBeVisible();
});

test("a guest takes their chats along and has them deleted by a word, where there are no accounts", async ({
  page,
}) => {
  const edgewise = new EdgewisePage(page);
  await scenario("Mine to take", { chunks: 1, chunk_text: "Yes." });
  await page.goto("/");
  await edgewise.send("Mine to take");
  await edgewise.settledAnswer();
  let sheet = await open(page);
  await expect(sheet.getByText("Storage: 0.1 MB", { exact: true }), "there is no limit here").toBeVisible();
  await page.keyboard.press("Escape");
  // Near the limit that a guest usually has.
  await page.route("**/api/v1/me", async (route) => {
    if (route.request().method() !== "GET") return route.fallback();
    const answer = await route.fetch();
    const me = (await answer.json()) as object;
    await route.fulfill({ response: answer, json: { ...me, storage: { used: 1_650_000, limit: 2_000_000 } } });
  });
  sheet = await open(page);
  await expect(sheet.getByText("Storage: 1.7 of 2 MB", { exact: true })).toBeVisible();
  await expect(sheet.getByText("There is little room left.")).toBeVisible();
  await expect.poll(() => violations(page)).toEqual([]);
  await expect(sheet.getByRole("button", { name: "Sign in" })).toHaveCount(0);
  await sheet.getByRole("button", { name: "Your data" }).press("Enter");
  await expect(sheet).toHaveCount(0);
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByRole("heading", { name: "Your data" }).first()).toBeFocused();
  await expect(dialog.getByRole("button", { name: "Back" }), "nobody can sign in").toHaveCount(0);
  await expect.poll(() => violations(page)).toEqual([]);
  const saving = page.waitForEvent("download");
  await dialog.getByRole("button", { name: "Download my chats" }).click();
  const lines = (await readFile(await (await saving).path(), "utf8")).trim().split("\n");
  const types = lines.map((line) => (JSON.parse(line) as { type: string }).type);
  expect(types).toEqual(["session", "message", "message", "end"]);

  await dialog.getByRole("button", { name: "Delete everything…" }).click();
  await dialog.getByRole("button", { name: "Back" }).click();
  await dialog.getByRole("button", { name: "Delete everything…" }).click();
  await dialog.getByLabel("To confirm, write the word “delete”").fill("delete");
  await dialog.getByRole("button", { name: "Delete everything", exact: true }).click();
  await expect(edgewise.notice("It is being deleted")).toBeVisible();
  await expect(edgewise.sessions.getByRole("link", { name: "Mine to take" })).toHaveCount(0);
  expect(await page.evaluate(() => localStorage.getItem("edgewise.token"))).toBeNull();
});

test("a list that cannot be read to its end is not deleted in part", async ({ page }) => {
  const edgewise = new EdgewisePage(page);
  await scenario("One of many", { chunks: 1, chunk_text: "Yes." });
  await page.goto("/");
  await edgewise.send("One of many");
  await edgewise.settledAnswer();
  await page.route("**/chat/sessions?*", (route) => route.abort());
  const sheet = await open(page);
  await sheet.getByRole("button", { name: "Delete all my chats…" }).click();
  await expect(sheet.getByRole("status")).toContainText("so none was deleted");
  await expect(sheet.getByRole("button", { name: "Delete all", exact: true })).toHaveCount(0);
});

const SHAPES = {
  "320 px": { viewport: { width: 320, height: 640 } },
  "400 % zoom": { viewport: { width: 320, height: 256 } },
  "forced colours": { viewport: { width: 1280, height: 800 }, forcedColors: "active" },
  dark: { viewport: { width: 1280, height: 800 }, colorScheme: "dark" },
} as const;

for (const [name, shape] of Object.entries(SHAPES))
  test(`nothing bars the way in the settings: ${name}`, async ({ browser, baseURL }) => {
    const context = await browser.newContext({ ...shape, bypassCSP: true, ...(baseURL ? { baseURL } : {}) });
    const page = await context.newPage();
    await page.addInitScript({ path: axe });
    await page.goto("/");
    if (shape.viewport.width < 768) await page.getByRole("button", { name: "Open the list of chats" }).click();
    const sheet = await open(page);
    await expect.poll(() => violations(page)).toEqual([]);
    expect(await sheet.evaluate((element) => element.scrollWidth <= element.clientWidth), "as wide as it is").toBe(
      true,
    );
    const box = await sheet.boundingBox();
    expect((box?.height ?? Infinity) <= shape.viewport.height, "as high as the screen").toBe(true);
    const { PAGE_PICTURES } = process.env;
    if (PAGE_PICTURES) await page.screenshot({ path: `${PAGE_PICTURES}/settings ${name}.png` });
    await context.close();
  });

withAccounts("the settings lead to the account, too", async ({ account }) => {
  const { page } = account;
  const sheet = await open(page);
  await sheet.getByRole("button", { name: "Sign in" }).click();
  await expect(sheet).toHaveCount(0);
  await expect(account.dialog).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(account.dialog).toHaveCount(0);
});
