/** The page by keyboard alone. */
import { type Locator, type Page, expect } from "@playwright/test";
import { EdgewisePage, test } from "./page.ts";
import { scenario } from "./stack.ts";

test("the main journey without a pointer", async ({ page }) => {
  const edgewise = new EdgewisePage(page);
  await scenario("by keyboard", { chunks: 400, pace_ms: 20, chunk_text: "word{i} " });
  await page.goto("/");
  await expect(edgewise.composer).toBeFocused();
  await page.keyboard.type("by keyboard");
  await page.keyboard.press("Enter");
  await expect(edgewise.answers.last()).toContainText("word3");

  await test.step("Escape stops the answer", async () => {
    await page.keyboard.press("Escape");
    await expect(await edgewise.settledAnswer()).toContainText("Stopped.");
  });

  await test.step("rename, delete and undo from the list", async () => {
    const row = edgewise.sessions.getByRole("link", { name: "by keyboard" });
    await tabTo(page, row, "Shift+Tab");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await expect(page.getByRole("menuitem", { name: "Rename" })).toBeFocused();
    await page.keyboard.press("Enter");
    await page.keyboard.type("typed title");
    await page.keyboard.press("Enter");
    const renamed = edgewise.sessions.getByRole("link", { name: "typed title" });
    await expect(renamed).toBeVisible();
    await expect(renamed).toBeFocused();
    await expect(page.locator("p[aria-live]")).toContainText("Renamed to “typed title”.");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.keyboard.press("End");
    await page.keyboard.press("Enter");
    await page.keyboard.press("Shift+Tab");
    await page.keyboard.press("Enter");
    await expect(renamed).toHaveCount(0);
    await expect(edgewise.notice("was deleted")).toBeVisible();
    await page.keyboard.press("Control+z");
    await expect(renamed).toBeVisible();
    await expect(page.locator("p[aria-live]")).toContainText("“typed title” is back.");
  });

  await test.step("the list of shortcuts, and a new chat", async () => {
    await tabTo(page, edgewise.sessions.getByRole("link", { name: "New chat" }), "Shift+Tab");
    await page.keyboard.press("?");
    const dialog = page.getByRole("dialog", { name: "Keyboard shortcuts" });
    await expect(dialog).toBeVisible();
    await page.keyboard.press("Escape");
    await expect(dialog).toBeHidden();
    await page.keyboard.press("/");
    await expect(edgewise.composer).toBeFocused();
    await page.keyboard.type("?/");
    await expect(edgewise.composer).toHaveValue("?/");
    await page.keyboard.press("Control+Shift+O");
    await expect(page).toHaveURL(/\/$/);
  });
});

/** Presses `key` until `target` has the focus. Never past an end of the page: in Firefox its own buttons would have the focus then. */
async function tabTo(page: Page, target: Locator, key: "Tab" | "Shift+Tab"): Promise<void> {
  for (let pressed = 0; pressed < 60; pressed += 1) {
    if (await target.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press(key);
  }
  throw new Error("the keyboard does not get there");
}
