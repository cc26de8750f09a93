/** The way out: all that one has as a file, and an account or a guest deleted. */
import { readFile } from "node:fs/promises";
import { expect } from "@playwright/test";
import { PASSWORD, chat, freshEmail, say, test, token } from "./account.ts";

test("all chats are saved as one file, a JSON object a line", async ({ account }) => {
  await account.signUp(freshEmail());
  await say(account.page, "to be taken home");
  await say(account.page, "this, too");
  await account.open("Account");
  await account.isRead();
  const saving = account.page.waitForEvent("download");
  await account.button("Download my chats").click();
  const saved = await saving;
  expect(saved.suggestedFilename()).toMatch(/^edgewise-\d{4}-\d\d-\d\d\.ndjson$/);
  await expect(account.dialog).toContainText("with 1 chat in it");
  const lines = (await readFile(await saved.path(), "utf8")).trim().split("\n");
  const types = lines.map((line) => (JSON.parse(line) as { type: string }).type);
  expect(types).toEqual(["session", "message", "message", "message", "message", "end"]);
});

test("an account is deleted by its password, and is gone", async ({ account }) => {
  const email = freshEmail();
  await account.signUp(email);
  await say(account.page, "not for ever");
  await account.open("Account");
  await account.isRead();
  await account.button("Delete everything…").click();
  await account.dialog.getByLabel("Password", { exact: true }).fill("another horse");
  await account.button("Delete everything").click();
  await expect(account.dialog.getByRole("alert").first()).toContainText("That does not fit");
  await account.dialog.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await account.button("Delete everything").click();
  await expect(account.page.getByText("It is being deleted").first()).toBeVisible();
  await expect(account.entry("Sign in")).toBeVisible();
  await expect(chat(account, "not for ever")).toHaveCount(0);
  await account.signIn(email);
  await expect(account.dialog.getByRole("alert").first()).toContainText("That does not fit");
});

test("a guest's data is deleted by a word", async ({ account }) => {
  await say(account.page, "of nobody");
  await account.open("Sign in");
  await account.button("Your data without an account").click();
  await account.button("Delete everything…").click();
  const field = account.dialog.getByLabel("To confirm, write the word “delete”");
  await field.fill("yes");
  await field.press("Enter");
  await expect(account.dialog).toContainText("Write the word “delete” to confirm.");
  await field.fill("Delete");
  await field.press("Enter");
  await expect(account.page.getByText("It is being deleted").first()).toBeVisible();
  await expect(chat(account, "of nobody")).toHaveCount(0);
  expect(await token(account.page)).toBeNull();
});
