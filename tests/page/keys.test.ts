/** API keys in the account's dialog: made, copied, used by a program, revoked. */
import { type Page, expect } from "@playwright/test";
import { Account, LOOKS, PASSWORD, freshEmail, inLook, test } from "./account.ts";
import { ageDevices, guestOf } from "./stack.ts";

const part = (account: Account) => account.dialog.getByRole("region", { name: "API keys" });
const list = (account: Account) => part(account).getByRole("listitem");
const shownKey = (account: Account) =>
  part(account)
    .locator("code")
    .filter({ hasText: /^ew_[0-9A-Za-z]{32}$/ });

async function make(account: Account, name: string): Promise<string> {
  await account.button("Make a key").click();
  await account.dialog.getByLabel("Name of the key").fill(name);
  await account.button("Make the key").click();
  return shownKey(account).innerText();
}

/** What a program is told that comes by a key. */
const models = (page: Page, key: string) =>
  page.evaluate(
    async (key) => (await fetch("/v1/models", { headers: { Authorization: `Bearer ${key}` } })).status,
    key,
  );

test("a key is made, shown once, used by a program and revoked", async ({ account, context, page }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await account.signUp(freshEmail());
  await account.open("Account");
  await expect(part(account)).toContainText("There is no key yet.");
  const address = `${new URL(page.url()).origin}/v1`;
  await account.button("Copy: Address (base_url)").click();
  await expect(part(account)).toContainText("Copied: Address (base_url).");
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(address);

  await account.button("Make a key").click();
  await expect(account.dialog.getByLabel("Name of the key")).toBeFocused();
  await account.button("Make the key").click();
  await expect(part(account)).toContainText("Give the key a name.");
  await account.dialog.getByLabel("Name of the key").fill("my laptop");
  await account.dialog.getByLabel("It ends").selectOption("in 30 days");
  await account.button("Make the key").click();
  await expect(account.dialog.getByRole("heading", { name: "Your new key: my laptop" })).toBeFocused();
  const key = await shownKey(account).innerText();
  await account.button("Copy: Key").click();
  await expect(part(account)).toContainText("Copied: Key.");
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(key);
  for (const language of ["curl", "Python", "JavaScript"]) {
    await part(account).getByText(language, { exact: true }).click();
    const example = part(account).getByRole("group").filter({ hasText: language }).locator("code");
    await expect(example).toContainText(address);
    await expect(example).toContainText(key);
    await expect(example, "what can be asked is there").toContainText(/gpt-oss|Llama/);
  }
  // One example is open at a time.
  await part(account).getByText("curl", { exact: true }).click();
  await account.button("Copy: curl").click();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toContain("/chat/completions");
  expect(await models(page, key)).toBe(200);
  await account.button("I have kept the key").click();
  await expect(part(account).getByRole("heading", { name: "API keys" })).toBeFocused();
  await expect(account.dialog).not.toContainText(key);
  await expect(list(account)).toContainText([/my laptop.*made just now, not used yet, ends: /]);

  await page.keyboard.press("Escape");
  await account.open("Account");
  await expect(list(account)).toContainText([/my laptop.*used today/]);
  await expect(account.dialog, "nobody is shown it again").not.toContainText(key.slice(24));
  await account.button("Revoke “my laptop”").click();
  await expect(account.button("Keep"), "the one that does no harm").toBeFocused();
  await account.button("Revoke").click();
  await expect(part(account)).toContainText("“my laptop” is revoked.");
  await expect(list(account)).toHaveCount(0);
  await expect(part(account).getByRole("heading", { name: "API keys" })).toBeFocused();
  expect(await models(page, key)).toBe(401);
});

test("five is as many as there can be, and what a key is called is only text", async ({ account }) => {
  await account.signUp(freshEmail());
  await account.open("Account");
  const names = ["<b>bold</b>", "\u202eback", "x".repeat(100), "four", "five"];
  for (const name of names) {
    await make(account, name);
    await account.button("I have kept the key").click();
  }
  await expect(list(account)).toHaveCount(5);
  await expect(list(account).first()).toContainText("<b>bold</b>");
  await account.button("Make a key").click();
  await account.dialog.getByLabel("Name of the key").fill("six");
  await account.button("Make the key").click();
  await expect(part(account).getByRole("alert")).toContainText("You have five keys");
  await account.button("Cancel").click();
  await expect(list(account)).toHaveCount(5);
});

test("an open browser that was left alone is asked for a sign-in before a key is made, not before one goes", async ({
  account,
  page,
}) => {
  await account.signUp(freshEmail());
  await account.open("Account");
  await make(account, "before");
  await account.button("I have kept the key").click();
  await ageDevices(await guestOf(page), 6);
  await account.button("Make a key").click();
  await account.dialog.getByLabel("Name of the key").fill("after");
  await account.button("Make the key").click();
  await expect(part(account)).toContainText("Sign in once more to go on");
  await account.dialog.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await account.button("Go on").click();
  await expect(account.dialog.getByRole("heading", { name: "Your new key: after" })).toBeVisible();
  await account.button("I have kept the key").click();
  await expect(list(account)).toHaveCount(2);
  await ageDevices(await guestOf(page), 6);
  await account.button("Revoke “before”").click();
  await account.button("Revoke").click();
  await expect(list(account)).toHaveCount(1);
});

test("what goes wrong is said, and can be tried again", async ({ account, page }) => {
  await account.signUp(freshEmail());
  await page.route("**/api/v1/me/keys", (route) => route.abort());
  await account.open("Account");
  await expect(part(account).getByRole("alert")).toContainText(/./);
  await page.unroute("**/api/v1/me/keys");
  await part(account).getByRole("button", { name: "Try again" }).click();
  await expect(part(account)).toContainText("There is no key yet.");
  // No permission to copy: what is to be copied is selected.
  await page.evaluate(() => {
    navigator.clipboard.writeText = () => Promise.reject(new DOMException("", "NotAllowedError"));
  });
  await account.button("Copy: Address (base_url)").click();
  await expect(part(account)).toContainText("It is selected");
  expect(await page.evaluate(() => getSelection()?.toString())).toContain("/v1");
});

test("the keyboard alone is enough", async ({ account, page }) => {
  await account.signUp(freshEmail());
  const press = async (name: string) => {
    const button = account.button(name);
    for (let steps = 0; steps < 40 && !(await button.evaluate((one) => one === document.activeElement)); steps += 1)
      await page.keyboard.press("Tab");
    await expect(button).toBeFocused();
    await page.keyboard.press("Enter");
  };
  await account.entry("Account").focus();
  await page.keyboard.press("Enter");
  await expect(part(account)).toContainText("There is no key yet.");
  await press("Make a key");
  await page.keyboard.type("by hand");
  await page.keyboard.press("Enter");
  await expect(account.dialog.getByRole("heading", { name: "Your new key: by hand" })).toBeFocused();
  await page.keyboard.press("Tab");
  await expect(account.button("Copy: Key")).toBeFocused();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await expect(account.button("Copy: curl")).toBeVisible();
  await press("I have kept the key");
  await expect(part(account).getByRole("heading", { name: "API keys" })).toBeFocused();
  await press("Revoke “by hand”");
  await expect(account.button("Keep")).toBeFocused();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await expect(list(account)).toHaveCount(0);
});

for (const look of LOOKS) {
  test(`it holds in ${look.colorScheme} on ${look.shape}`, async ({ browser, baseURL }) => {
    const { account, check } = await inLook(browser, baseURL, look);
    await account.signUp(freshEmail());
    await account.open("Account");
    await part(account).scrollIntoViewIfNeeded();
    await account.button("Make a key").click();
    await part(account).getByLabel("It ends").scrollIntoViewIfNeeded();
    await check("a key to be made");
    await account.dialog.getByLabel("Name of the key").fill("My laptop, at home and on the way");
    await account.button("Make the key").click();
    await expect(shownKey(account)).toBeVisible();
    await part(account).getByText("curl", { exact: true }).click();
    await expect(account.button("Copy: curl")).toBeVisible();
    await check("a key that was made");
    await account.button("I have kept the key").click();
    await account.button(`Revoke “My laptop, at home and on the way”`).click();
    await check("a key to be revoked");
    await account.page.context().close();
  });
}
