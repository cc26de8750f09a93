/** "How should it answer?", and the thumbs under an answer. */
import { type Page, expect } from "@playwright/test";
import { axe } from "./axe.ts";
import { EdgewisePage, test } from "./page.ts";
import { shapes } from "./shapes.ts";
import { scenario } from "./stack.ts";

// The page's own policy would refuse the checker's evaluation.
test.use({ bypassCSP: true });
test.beforeEach(({ page }) => page.addInitScript({ path: axe }));

const dialogIn = (page: Page) => page.getByRole("dialog", { name: "How should it answer?" });

async function open(page: Page) {
  await page.getByRole("button", { name: "Settings" }).click();
  await page.getByRole("button", { name: "How should it answer?" }).press("Enter");
  await expect(dialogIn(page).getByRole("heading", { name: "How should it answer?" })).toBeFocused();
  await expect(dialogIn(page).getByRole("button", { name: "Save" })).toBeVisible();
  return dialogIn(page);
}

test("what one writes of oneself is kept, stays when the dialog is closed unsaved, and overwrites no other version", async ({
  page,
}) => {
  await page.goto("/");
  let dialog = await open(page);
  await dialog.getByLabel("What it should call you").fill("Jo");
  await dialog.getByLabel("Your own instructions").fill("Be brief.");
  await dialog.getByRole("button", { name: "Add a task" }).press("Enter");
  await expect(dialog.getByLabel("Task 1", { exact: true })).toBeFocused();
  await page.keyboard.type("Write home");
  await dialog.getByLabel("Status of task 1").selectOption("Begun");
  await dialog.getByLabel("Day by which task 1 is due").fill("2026-12-31");
  await dialog.getByRole("button", { name: "Add a group" }).click();
  await shapes(page, "context");
  // Nothing that was typed is lost by a key.
  await page.keyboard.press("Escape");
  await expect(dialog).toHaveCount(0);
  await expect(page.getByRole("button", { name: "Settings" })).toBeFocused();
  dialog = await open(page);
  await expect(dialog.getByLabel("Your own instructions")).toHaveValue("Be brief.");
  await dialog.getByLabel("Group 1", { exact: true }).fill("Choir");
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(dialog.getByRole("status")).toHaveText("Saved. It goes with your next message.");

  // Elsewhere, in another tab.
  const other = await page.context().newPage();
  await other.goto("/");
  const there = await open(other);
  await expect(there.getByLabel("Task 1", { exact: true })).toHaveValue("Write home");
  await expect(there.getByLabel("Day by which task 1 is due")).toHaveValue("2026-12-31");
  await there.getByRole("button", { name: "Remove task 1" }).click();
  await expect(there.getByRole("button", { name: "Add a task" })).toBeFocused();
  await there.getByRole("button", { name: "Save" }).click();
  await expect(there.getByRole("status")).toContainText("Saved.");
  await other.close();

  await dialog.getByLabel("Tone").fill("dry");
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(dialog.getByRole("alert")).toContainText("It was changed elsewhere meanwhile");
  await shapes(page, "context changed elsewhere");
  await dialog.getByRole("button", { name: "Save this one all the same" }).click();
  await expect(dialog.getByRole("status")).toContainText("Saved.");
  await page.reload();
  dialog = await open(page);
  await expect(dialog.getByLabel("Tone")).toHaveValue("dry");
  await expect(dialog.getByLabel("Task 1", { exact: true })).toHaveValue("Write home");
});

test("an answer is voted on, and why; it is so after a reload, and can be taken back", async ({ page }) => {
  const edgewise = new EdgewisePage(page);
  await scenario("who votes here", { chunks: 1, chunk_text: "Somebody does." });
  await page.goto("/");
  await edgewise.send("who votes here");
  const answer = await edgewise.settledAnswer();
  const up = answer.getByRole("button", { name: "This answer helped" });
  const down = answer.getByRole("button", { name: "This answer did not help" });
  await down.press("Enter");
  const why = answer.getByLabel("What was wrong with it? You need not say.");
  await expect(why).toBeFocused();
  await expect(down).toHaveAttribute("aria-pressed", "true");
  await page.keyboard.press("Escape");
  await expect(why).toHaveCount(0);
  await expect(down).toBeFocused();
  await up.click();
  await expect(up).toHaveAttribute("aria-pressed", "true");
  await expect(down).toHaveAttribute("aria-pressed", "false");
  await down.click();
  await why.fill("It says nothing.");
  await shapes(page, "a vote and why");
  await answer.getByRole("button", { name: "Send", exact: true }).click();
  await expect(edgewise.notice("Thank you.")).toBeVisible();
  await page.reload();
  await edgewise.settledAnswer();
  await expect(down).toHaveAttribute("aria-pressed", "true");
  const kept = page.waitForResponse((response) => response.url().endsWith("/feedback"));
  await down.click();
  expect((await kept).status()).toBe(200);
  await expect(down).toHaveAttribute("aria-pressed", "false");
  await expect(why).toHaveCount(0);
});
