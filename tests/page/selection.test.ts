/** The list of chats: several are deleted together, it stays where it is, and it folds away. */
import { type Page, expect } from "@playwright/test";
import { axe, violations } from "./axe.ts";
import { EdgewisePage, test } from "./page.ts";
import { shapes } from "./shapes.ts";
import { guestOf, scenario, sessionsOverDays } from "./stack.ts";

// The page's own policy would refuse the checker's evaluation.
test.use({ bypassCSP: true });
test.beforeEach(({ page }) => page.addInitScript({ path: axe }));

/** A page with `count` chats from as many days, and one of now. */
async function listed(page: Page, count: number): Promise<EdgewisePage> {
  const edgewise = new EdgewisePage(page);
  await scenario("Begin the list", { chunks: 1, chunk_text: "Yes." });
  await page.goto("/");
  await edgewise.send("Begin the list");
  await edgewise.settledAnswer();
  await sessionsOverDays(await guestOf(page), count);
  await page.reload();
  await expect(edgewise.sessions.getByRole("link", { name: `Chat ${Math.min(count, 15)}`, exact: true })).toBeVisible();
  return edgewise;
}

test("chats are selected by keyboard and by clicks, deleted together, and brought back at once", async ({ page }) => {
  const edgewise = await listed(page, 10);
  const box = (n: number) => edgewise.sessions.getByRole("checkbox", { name: `Chat ${n}`, exact: true });
  const link = (n: number) => edgewise.sessions.getByRole("link", { name: `Chat ${n}`, exact: true });
  const remove = (words: string) => edgewise.sessions.getByRole("button", { name: words, exact: true });
  await link(3).focus();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  // The menu may still have to be loaded.
  await expect(page.getByRole("menuitem").first()).toBeFocused();
  for (const key of ["End", "ArrowUp"]) await page.keyboard.press(key);
  await expect(page.getByRole("menuitem", { name: "Select…" })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(box(3)).toBeFocused();
  await expect(box(3)).toBeChecked();
  await expect(remove("Delete 1 chat")).toBeVisible();

  await page.keyboard.press("Escape");
  await expect(link(3)).toBeFocused();
  await edgewise.choose("Chat 3", "Select…");

  await page.keyboard.press("Shift+ArrowDown");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Space");
  await expect(box(5)).toBeFocused();
  await expect(remove("Delete 3 chats")).toBeVisible();
  await edgewise.sessions.getByText("Chat 8", { exact: true }).click({ modifiers: ["Shift"] });
  await edgewise.sessions.getByText("Chat 10", { exact: true }).click();
  await expect(remove("Delete 7 chats")).toBeVisible();
  await expect(box(8)).toBeChecked();
  await expect(box(9)).not.toBeChecked();
  await expect(edgewise.sessions.locator("[aria-live]")).toHaveText("7 chats selected");

  // Away from what was chosen last, Shift and an arrow take along what lies between, and no more.
  await box(4).focus();
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("Shift+ArrowUp");
  await expect(box(2)).toBeFocused();
  await expect(box(2)).toBeChecked();
  await expect(box(9)).not.toBeChecked();
  await expect(remove("Delete 8 chats")).toBeVisible();
  await page.keyboard.press("Space");
  await expect(remove("Delete 7 chats")).toBeVisible();

  await remove("Delete 7 chats").press("Enter");
  await expect(edgewise.notice("7 chats were deleted.")).toBeVisible();
  await expect(edgewise.sessions.locator("li")).toHaveCount(4);
  await expect(page.locator(".notice").getByRole("button", { name: "Undo" })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(edgewise.sessions.locator("li")).toHaveCount(11);
  await expect(page.locator("p[aria-live]").last()).toContainText("7 chats are back.");
  await page.reload();
  await expect(edgewise.sessions.locator("li")).toHaveCount(11);
  await edgewise.choose("Chat 3", "Select…");
  await expect(remove("Delete 1 chat")).toBeVisible();
  await shapes(page, "selection", async () => {
    await page.getByRole("button", { name: "Open the list of chats" }).click();
    await expect(remove("Delete 1 chat")).toBeInViewport({ ratio: 1 });
  });
});

test("what can be done with a chat can be done from its title, by keyboard and with the list folded away", async ({
  page,
}) => {
  const edgewise = await listed(page, 3);
  await edgewise.sessions.getByRole("link", { name: "Chat 2", exact: true }).click();
  await page.keyboard.press("Control+Shift+S");
  await expect(page.locator(".side")).toBeHidden();
  const title = page.getByRole("heading", { level: 1 });
  const more = (name: string) => page.getByRole("button", { name: `More for “${name}”` });
  const item = (name: string) => page.getByRole("menuitem", { name, exact: true });
  await more("Chat 2").press("Enter");
  await expect(page.getByRole("menuitem").first()).toBeFocused();
  await expect(item("Select…"), "there is no list to select in").toHaveCount(0);
  await expect.poll(() => violations(page)).toEqual([]);
  await page.keyboard.press("Escape");
  await expect(more("Chat 2")).toBeFocused();

  const field = page.getByRole("textbox", { name: "New title" });
  for (const [typed, key, named] of [
    ["Half a ti", "Escape", "Chat 2"],
    ["Renamed", "Enter", "Renamed"],
  ] as const) {
    await more("Chat 2").press("Enter");
    await item("Rename").press("Enter");
    await expect(field).toBeFocused();
    await expect.poll(() => violations(page)).toEqual([]);
    await page.keyboard.type(typed);
    await page.keyboard.press(key);
    await expect(field).toHaveCount(0);
    await expect(title).toHaveText(named);
    await expect(more(named)).toBeFocused();
  }
  for (const [name, dialog] of [
    ["Export…", /^Export/],
    ["Share…", /^Share/],
  ] as const) {
    await more("Renamed").press("Enter");
    await item(name).press("Enter");
    await expect(page.getByRole("dialog", { name: dialog })).toBeVisible();
    await page.keyboard.press("Escape");
    await expect(more("Renamed")).toBeFocused();
  }

  await page.setViewportSize({ width: 320, height: 480 });
  await more("Renamed").press("Enter");
  await item("Delete").press("Enter");
  await expect(page.getByRole("button", { name: "Keep" })).toBeFocused();
  await expect.poll(() => violations(page)).toEqual([]);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);
  await page.keyboard.press("Shift+Tab");
  await page.keyboard.press("Enter");
  await expect(title).toHaveText("New chat");
  await expect(edgewise.notice("“Renamed” was deleted.")).toBeVisible();
  await expect(edgewise.composer, "of the new chat").toBeFocused();
  await page.keyboard.press("Control+z");
  await expect(title).toHaveText("Renamed");
});

test("the list stays where it is when a chat moves up in it", async ({ page }) => {
  const edgewise = await listed(page, 45);
  await scenario("Move up", { chunks: 1, chunk_text: "Yes." });
  const list = page.locator(".sidebar-list");
  const moving = edgewise.sessions.getByRole("link", { name: "Chat 30", exact: true });
  await expect(async () => {
    await edgewise.sessions.locator("li").last().scrollIntoViewIfNeeded();
    await expect(edgewise.sessions.locator("li")).toHaveCount(46, { timeout: 500 });
  }).toPass();
  await moving.click();
  await expect(edgewise.sessions.getByRole("heading", { name: "Previous 30 days" })).toBeVisible();
  const row = edgewise.sessions.getByRole("link", { name: "Chat 40", exact: true });
  await row.scrollIntoViewIfNeeded();
  const top = async () => (await row.boundingBox())?.y;
  const before = await top();
  await edgewise.send("Move up");
  await edgewise.settledAnswer();
  await expect(edgewise.sessions.getByRole("region", { name: "Today" })).toContainText("Chat 30");
  expect(await list.evaluate((element) => element.scrollTop)).toBeGreaterThan(100);
  expect(Math.abs(((await top()) ?? 0) - (before ?? 0))).toBeLessThan(2);
});

test("the list folds away by keyboard and by its button, and is so after a reload, without anything moving", async ({
  page,
}) => {
  await page.addInitScript(() => {
    const shifts: number[] = [];
    Object.assign(window, { shifts });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) shifts.push((entry as unknown as { value: number }).value);
    }).observe({ type: "layout-shift", buffered: true });
  });
  const edgewise = await listed(page, 3);
  const side = page.locator(".side");
  const button = page.getByRole("button", { name: "Close the list of chats" });
  await edgewise.sessions.getByRole("link", { name: "Chat 2", exact: true }).focus();
  await page.keyboard.press("Control+Shift+S");
  await expect(side).toBeHidden();
  const opener = page.getByRole("button", { name: "Open the list of chats" });
  await expect(opener).toBeFocused();
  await expect(opener).toHaveAttribute("aria-expanded", "false");
  await expect.poll(() => violations(page)).toEqual([]);

  await page.keyboard.press("Control+/");
  await expect(page.getByRole("dialog", { name: "Keyboard shortcuts" })).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog")).toHaveCount(0);

  await page.goto("/");
  await expect(edgewise.composer).toBeVisible();
  await expect(page.getByRole("button", { name: "Attach text files" })).toBeVisible();
  await expect(side).toBeHidden();
  const shifts = await page.evaluate(() => (window as unknown as { shifts: number[] }).shifts);
  expect(shifts.filter((value) => value > 0.001)).toEqual([]);

  await edgewise.composer.focus();
  await page.keyboard.press("Control+Shift+S");
  await expect(side).toBeVisible();
  await expect(edgewise.composer).toBeFocused();
  await button.click();
  await expect(side).toBeHidden();
  await opener.click();
  await expect(side).toBeVisible();
  await expect(button).toBeFocused();
});

test.describe("where what is loaded late comes later still", () => {
  // The worker would answer in the network's place.
  test.use({ serviceWorkers: "block" });

  test("no chat moves when the way to the search comes above twelve of them", async ({ page }) => {
    const edgewise = await listed(page, 12);
    let come = (): void => undefined;
    const coming = new Promise<void>((resolve) => (come = resolve));
    await page.route(/\/assets\/Aside-/, (route) => coming.then(() => route.continue()));
    // A page is loaded with all that it has asked for.
    await page.reload({ waitUntil: "domcontentloaded" });
    const row = edgewise.sessions.getByRole("link", { name: "Chat 1", exact: true });
    await expect(row).toBeVisible();
    const top = async () => (await row.boundingBox())?.y ?? NaN;
    const before = await top();
    const search = edgewise.sessions.getByRole("button", { name: "Search chats" });
    await expect(search).toHaveCount(0);
    come();
    await expect(search).toBeVisible();
    expect(Math.abs((await top()) - before)).toBeLessThan(1);
  });
});
