/** Chats come in from a file: read in the browser, chosen, sent in parts; a file that is none is said plainly. */
import { type Page, expect } from "@playwright/test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { axe, violations } from "./axe.ts";
import { EdgewisePage, test } from "./page.ts";
import { shapes } from "./shapes.ts";
import { scenario } from "./stack.ts";

// The page's own policy would refuse the checker's evaluation.
test.use({ bypassCSP: true });
test.beforeEach(({ page }) => page.addInitScript({ path: axe }));

const dialogIn = (page: Page) => page.getByRole("dialog", { name: "Import chats" });

/** A conversation as ChatGPT exports it, of `turns` questions and answers. */
function conversation(title: string, turns: number, words: string) {
  const mapping: Record<string, object> = {
    root: { parent: null, message: null },
  };
  let parent = "root";
  for (let turn = 0; turn < 2 * turns; turn += 1) {
    const role = turn % 2 === 0 ? "user" : "assistant";
    const content = {
      content_type: "text",
      parts: [`${role} ${turn} ${words}`],
    };
    mapping[`${turn}`] = {
      parent,
      message: { author: { role }, content, create_time: 1_700_000_000 + turn },
    };
    parent = `${turn}`;
  }
  return { title, update_time: 1_700_000_000, current_node: parent, mapping };
}

async function openImport(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Settings" }).click();
  await page.getByRole("dialog", { name: "Settings" }).getByRole("button", { name: "Import chats…" }).click();
  await expect(dialogIn(page).getByRole("heading", { name: "Import chats" })).toBeFocused();
}

const file = (name: string, text: string) => ({
  name,
  mimeType: "application/json",
  buffer: Buffer.from(text),
});

test("chats of ChatGPT are chosen by keyboard, come in once, go on, and come in again as they went out", async ({
  page,
}) => {
  const edgewise = new EdgewisePage(page);
  await scenario("go on from there", { chunks: 1, chunk_text: "From there." });
  await page.goto("/");
  await openImport(page);
  const dialog = dialogIn(page);
  await expect.poll(() => violations(page)).toEqual([]);
  const chooser = dialog.getByLabel("Choose a file");
  await chooser.setInputFiles(file("page.json", "<!doctype html><title>[]</title>"));
  await expect(dialog.getByRole("alert")).toContainText("No chats were found in this file.");

  const chats = Array.from({ length: 12 }, (_, index) => conversation(`Chat ${index + 1}`, 150, "x".repeat(90)));
  await chooser.setInputFiles(file("conversations.json", JSON.stringify(chats)));
  await expect(dialog.getByRole("status")).toHaveText("12 chats found.");
  await expect(dialog.getByRole("alert")).toHaveText("");
  await dialog.getByRole("searchbox", { name: "Search by title" }).fill("chat 7");
  await dialog.getByRole("checkbox", { name: /^Chat 7/ }).focus();
  await page.keyboard.press("Space");
  await shapes(page, "import");
  // The second part is lost on the way: another try goes on.
  let parts = 0;
  await page.route("**/api/v1/chat/import", (route) => ((parts += 1) === 2 ? route.abort() : route.continue()));
  await dialog.getByRole("button", { name: "Import 1 chat" }).click();
  await expect(dialog.getByRole("alert")).toContainText("Not all of them could be brought in.");
  await dialog.getByRole("button", { name: "Import 1 chat" }).press("Enter");
  await expect(dialog.getByRole("status")).toHaveText("1 chat is here now.");
  await expect(dialog.getByRole("checkbox", { name: /^Chat 7.*here now/ })).toBeDisabled();
  expect(parts, "what was there already is not sent again").toBe(3);
  await page.keyboard.press("Escape");

  // The dialog is another one, and the page; the file is the same, and so is the chat.
  await page.reload();
  const bringAgain = async () => {
    await openImport(page);
    await chooser.setInputFiles(file("conversations.json", JSON.stringify(chats)));
    await dialog.getByRole("checkbox", { name: /^Chat 7/ }).check();
    await dialog.getByRole("button", { name: "Import 1 chat" }).click();
    await expect(dialog.getByRole("status")).toHaveText("1 chat is here now.");
    const choosing = page.waitForEvent("filechooser");
    await chooser.click();
    await choosing;
    expect(await chooser.inputValue(), "the same file can be chosen again").toBe("");
    await page.keyboard.press("Escape");
    await expect(edgewise.sessions.getByRole("link", { name: "Chat 7" })).toHaveCount(1);
  };
  await bringAgain();
  await page.reload();
  await expect(edgewise.sessions.getByRole("link", { name: "Chat 7" })).toHaveCount(1);
  await edgewise.remove("Chat 7");
  await expect(edgewise.sessions.getByRole("link", { name: "Chat 7" })).toHaveCount(0);
  await bringAgain();

  await edgewise.sessions.getByRole("link", { name: "Chat 7" }).click();
  await expect(edgewise.sessions.getByRole("link", { name: "Chat 7" })).toHaveCount(1);
  await expect(edgewise.messages.last()).toContainText("assistant 299 x");
  await edgewise.send("go on from there");
  await expect(await edgewise.settledAnswer()).toContainText("From there.");

  await page.locator(".bar").getByRole("button", { name: "More for “Chat 7”" }).click();
  await page.getByRole("menuitem", { name: "Export…" }).click();
  const saving = page.waitForEvent("download");
  await page.getByRole("dialog", { name: "Export “Chat 7”" }).getByRole("button", { name: "Download JSON" }).click();
  const exported = await readFile(await (await saving).path(), "utf8");
  await page.keyboard.press("Escape");
  await openImport(page);
  await chooser.setInputFiles(file("Chat 7.json", exported));
  await expect(dialog.getByRole("status")).toHaveText("1 chat found.");
  await dialog.getByRole("checkbox", { name: /^Chat 7.*302 messages/ }).check();
  await dialog.getByRole("button", { name: "Import 1 chat" }).click();
  await expect(dialog.getByRole("status")).toHaveText("1 chat is here now.");
  await page.keyboard.press("Escape");
  await expect(edgewise.sessions.getByRole("link", { name: "Chat 7" })).toHaveCount(2);
  await edgewise.sessions.getByRole("link", { name: "Chat 7" }).first().click();
  await expect(edgewise.messages.last()).toContainText("From there.");
});

test("a file of 50 MB does not freeze the page", async ({ page }) => {
  const folder = mkdtempSync(join(tmpdir(), "import-"));
  const path = join(folder, "conversations.json");
  writeFileSync(
    path,
    JSON.stringify(Array.from({ length: 500 }, (_, index) => conversation(`Many ${index}`, 50, "y".repeat(960)))),
  );
  try {
    await page.goto("/");
    await openImport(page);
    const dialog = dialogIn(page);
    await page.evaluate(() => {
      const long: number[] = [];
      new PerformanceObserver((list) => long.push(...list.getEntries().map(({ duration }) => duration))).observe({
        entryTypes: ["longtask"],
      });
      Object.assign(window, { long });
    });
    await dialog.getByLabel("Choose a file").setInputFiles(path);
    await expect(dialog.getByRole("status")).toHaveText("500 chats found.", {
      timeout: 60_000,
    });
    await expect(dialog.getByText("400 more: search by title to see them.")).toBeVisible();
    // A third of what reading takes on the main thread.
    expect(Math.max(0, ...(await page.evaluate(() => (window as unknown as { long: number[] }).long)))).toBeLessThan(
      1_000,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});
