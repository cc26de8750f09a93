/** Accounts: signing up, in and out, on one device and on several; what becomes of a guest's chats. */
import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { expect } from "@playwright/test";
import { Account, LOOKS, PASSWORD, chat, elsewhere, freshEmail, inLook, say, test, token } from "./account.ts";
import { EdgewisePage, test as base } from "./page.ts";
import { scenario } from "./stack.ts";

test("a guest signs up and keeps their chats, which are then on a second device, too", async ({
  account,
  browser,
  baseURL,
}) => {
  const email = freshEmail();
  await say(account.page, "said by a guest");
  const guest = await token(account.page);
  await account.signUp(email);
  expect(await token(account.page)).not.toBe(guest);
  await expect(account.page.getByText("You are signed in.").first()).toBeVisible();
  await expect(chat(account, "said by a guest")).toBeVisible();
  await account.page.getByRole("link", { name: "New chat" }).click();
  await say(account.page, "said by a member");

  const phone = await elsewhere(browser, baseURL);
  await phone.signIn(email);
  await expect(phone.dialog).toHaveCount(0);
  await expect(chat(phone, "said by a guest")).toBeVisible();
  await expect(chat(phone, "said by a member")).toBeVisible();
  await phone.page.context().close();
});

test("what does not fit is said in plain words, and tells nobody who has an account", async ({ account }) => {
  const email = freshEmail();
  await account.signUp(email);
  await account.signOut();
  await expect(account.page.getByText("You are signed out.").first()).toBeVisible();

  for (const [name, password] of [
    [email, "another horse"],
    [freshEmail(), PASSWORD],
  ] as const) {
    await account.signIn(name, password);
    await expect(account.dialog.getByRole("alert").first()).toContainText("That does not fit");
    await account.page.keyboard.press("Escape");
  }
  await account.open("Sign in");
  await account.button("Make an account").click();
  await account.fill(email, PASSWORD);
  await account.button("Make the account").click();
  await expect(account.dialog.getByRole("alert").first()).toContainText("Somebody signs in by this address already");

  await account.fill("nobody", "short");
  await account.button("Make the account").click();
  await expect(account.dialog).toContainText("Write an e-mail address");
  await expect(account.dialog).toContainText("it needs 8 characters at least");
  await expect(account.dialog.getByLabel("E-mail"), "the first that is wrong").toBeFocused();
});

test("who has lost the password sets a new one by the recovery code, once, and other devices are signed out", async ({
  account,
  browser,
  baseURL,
}) => {
  const email = freshEmail();
  const code = await account.signUp(email);
  const other = await elsewhere(browser, baseURL);
  await other.open("Sign in");
  await other.button("I have lost my password").click();
  const reset = async (written: string) => {
    await other.fill(email, "a new horse, a new staple");
    await other.dialog.getByLabel("Recovery code").fill(written);
    await other.button("Set the password").click();
  };
  await reset("not a code");
  await expect(other.dialog).toContainText("eight groups of four");
  await reset(` ${code.toLowerCase().replaceAll("-", " ")} `);
  expect(await other.code()).not.toBe(code);
  // It may not be lost by a key that closes dialogs.
  await other.page.keyboard.press("Escape");
  await expect(other.dialog.getByRole("heading", { name: "Your recovery code" })).toBeVisible();
  await other.button("I have kept it").click();
  await expect(other.entry("Account")).toBeVisible();
  await other.page.context().close();

  // The dialog asks who is there, and goes with the page.
  await account.entry("Account").click();
  await expect(account.page.getByText("You were signed out").first()).toBeVisible();
  await account.signIn(email);
  await expect(account.dialog.getByRole("alert").first()).toContainText("That does not fit");
});

test("a password is changed by the one before, and other devices are signed out", async ({
  account,
  browser,
  baseURL,
}) => {
  const email = freshEmail();
  const first = await account.signUp(email);
  const phone = await elsewhere(browser, baseURL);
  await phone.signIn(email);
  await expect(phone.entry("Account")).toBeVisible();

  await account.open("Account");
  await account.button("Change").click();
  const change = async (old: string, next: string) => {
    await account.dialog.getByLabel("Current password").fill(old);
    await account.dialog.getByLabel("New password").fill(next);
    await account.button("Set the password").click();
  };
  await change("another horse", "a new horse, a new staple");
  await expect(account.dialog.getByRole("alert").first()).toContainText("That does not fit", { timeout: 30_000 });
  await change(PASSWORD, "short");
  await expect(account.dialog).toContainText("it needs 8 characters at least");
  await change(PASSWORD, "a new horse, a new staple");
  expect(await account.code()).not.toBe(first);
  await account.button("I have kept it").click();
  await expect(account.dialog.getByRole("heading", { name: "Account", exact: true })).toBeVisible();
  await expect(account.dialog.getByRole("region", { name: "Devices" }).getByRole("listitem")).toHaveCount(1);
  await account.page.keyboard.press("Escape");
  await say(account.page, "still here");

  // The dialog asks who is there, and goes with the page.
  await phone.entry("Account").click();
  await expect(phone.page.getByText("You were signed out").first()).toBeVisible();
  await phone.signIn(email, "a new horse, a new staple");
  await expect(phone.entry("Account")).toBeVisible();
  await phone.page.context().close();
});

test("the page says of an account's chats what is true of them", async ({ account }) => {
  const greeting = account.page.getByRole("region", { name: "Messages" });
  await expect(greeting).toContainText("open only in this browser");
  const email = freshEmail();
  await account.signUp(email);
  for (const when of ["at once", "after a reload"]) {
    await expect(greeting, when).toContainText("open where you sign in");
    await expect(greeting, when).not.toContainText("only in this browser");
    await expect(greeting, when).not.toContainText("without an account");
    await account.page.reload();
  }
  await account.signOut();
  await expect(greeting).toContainText("open only in this browser");
});

test("a client of one's own signs in by the lines that the documents give", async ({ account, baseURL }) => {
  const email = freshEmail();
  const password = "  ein Pferd, ein Ölfaß  ";
  await account.signUp(email, password);
  const document = await readFile(join(__dirname, "../../docs/clients.md"), "utf8");
  const [, lines = ""] = /```js\n([^]+?)```/.exec(document) ?? [];
  const run = async (typed: string) => {
    // Where the package is that it needs.
    const cwd = join(__dirname, "../../static");
    const words = ["--input-type=module", "-", baseURL ?? "", email.toUpperCase(), typed];
    const node = spawn(process.execPath, words, { cwd, stdio: ["pipe", "pipe", "pipe"] });
    node.stdin.end(lines);
    const [told, complaint] = await Promise.all([text(node.stdout), text(node.stderr)]);
    return { told: told.trim(), complaint };
  };
  const { told, complaint } = await run(password);
  expect(complaint).toBe("");
  const me = await account.page.request.get("/api/v1/me", { headers: { Authorization: `Bearer ${told}` } });
  expect(await me.json()).toMatchObject({ login: email });
  expect((await run(password.trim())).complaint).toContain("wrong_credentials");
});

test("devices are listed; one is signed out from another, and follows", async ({ account, browser, baseURL }) => {
  const email = freshEmail();
  await account.signUp(email);
  const phone = await elsewhere(browser, baseURL);
  await phone.signIn(email);
  await expect(phone.entry("Account")).toBeVisible();

  await account.open("Account");
  const devices = account.dialog.getByRole("region", { name: "Devices" });
  await expect(devices.getByRole("listitem")).toHaveCount(2);
  await account.isRead();
  await devices.getByRole("button", { name: /^Sign out Chrome on Linux$/ }).click();
  await expect(devices.getByRole("listitem")).toHaveCount(1);

  await scenario("from a device that has ended", { chunks: 1, chunk_text: "No." });
  await new EdgewisePage(phone.page).send("from a device that has ended");
  await expect(phone.page.getByText("You were signed out").first()).toBeVisible();
  await expect(phone.entry("Sign in")).toBeVisible();
  await phone.page.context().close();
});

test("signing in and out in one tab is followed in the other", async ({ account, context }) => {
  const email = freshEmail();
  await say(account.page, "before there was an account");
  const other = new Account(await context.newPage());
  await other.page.goto(account.page.url());
  await expect(other.entry("Sign in")).toBeVisible();

  await account.signUp(email);
  await expect(other.entry("Account"), "without a reload").toBeVisible();
  await say(other.page, "in the other tab");
  await expect(chat(account, "before there was an account")).toBeVisible();

  await account.open("Account");
  await account.isRead();
  await account.button("Sign out everywhere").click();
  await expect(account.entry("Sign in")).toBeVisible();
  await expect(other.entry("Sign in")).toBeVisible();
  await expect(chat(other, "before there was an account")).toHaveCount(0);
  await expect(new EdgewisePage(other.page).messages).toHaveCount(0);
});

test.describe("where what is loaded late comes later still", () => {
  // The worker would answer in the network's place.
  test.use({ serviceWorkers: "block" });

  test("a tab that still has the guest's token goes on as the account", async ({ account, context }) => {
    await say(account.page, "claimed meanwhile");
    const guest = await token(account.page);
    await account.signUp(freshEmail());
    const other = new Account(await context.newPage());
    await other.page.goto("/");
    await other.page.evaluate((old) => localStorage.setItem("edgewise.token", old ?? ""), guest);
    // The way to the account comes when the token has been renewed without it.
    let open = (): void => undefined;
    const opened = new Promise<void>((resolve) => (open = resolve));
    await other.page.route(/\/assets\/Entry-/, (route) => opened.then(() => route.continue()));
    await other.page.reload();
    await expect(chat(other, "claimed meanwhile")).toBeVisible();
    open();
    await expect(other.entry("Account")).toBeVisible();
  });
});

test("a token that has ended is renewed by the cookie, once for all tabs", async ({ account, context }) => {
  await account.signUp(freshEmail());
  await say(account.page, "kept over the night");
  const other = new Account(await context.newPage());
  await other.page.goto("/");
  await expect(chat(other, "kept over the night")).toBeVisible();
  // As the server would say it after a quarter of an hour, to whoever still shows the old one.
  const old = `Bearer ${(await token(account.page)) ?? ""}`;
  const error = { code: "token_expired", message: "m", request_id: "r" };
  await context.route("**/api/v1/chat/**", (route) =>
    route.request().headers().authorization === old
      ? route.fulfill({ status: 401, json: { error } })
      : route.fallback(),
  );
  let refreshed = 0;
  context.on("response", (response) => {
    if (response.url().endsWith("/auth/refresh")) refreshed += 1;
  });
  await Promise.all([account.page.reload(), other.page.reload()]);
  for (const tab of [account, other]) await expect(chat(tab, "kept over the night")).toBeVisible();
  expect(refreshed).toBe(1);
});

for (const hours of [26, -26])
  test(`a clock that is ${hours} h wrong keeps nobody from signing in, sending and being renewed`, async ({
    account,
  }) => {
    const { page } = account;
    await page.clock.install({ time: Date.now() + hours * 3_600_000 });
    await page.reload();
    const wrong = await page.evaluate(() => Date.now());
    expect(Math.abs(wrong - Date.now()), "the page's clock is wrong").toBeGreaterThan(25 * 3_600_000);
    const email = freshEmail();
    await account.signUp(email);
    await account.signOut();
    await account.signIn(email);
    await expect(account.entry("Account")).toBeVisible({ timeout: 30_000 });
    await say(page, "said at another time");
    const renewed = page.waitForResponse((response) => response.url().endsWith("/auth/refresh"));
    await page.clock.fastForward(15 * 60_000);
    // Of the same second it is the same token.
    const { token: next } = (await (await renewed).json()) as { token: string };
    await expect.poll(() => token(page)).toBe(next);
    await page.reload();
    await expect(chat(account, "said at another time")).toBeVisible();
    await expect(account.entry("Account")).toBeVisible();
    await page.getByRole("link", { name: "New chat" }).click();
    await say(page, "said after it");
  });

test("where both have chats the visitor is asked, and what is left is there again after signing out", async ({
  account,
  browser,
  baseURL,
}) => {
  const email = freshEmail();
  const first = await elsewhere(browser, baseURL);
  await first.signUp(email);
  await say(first.page, "of the account");
  await first.page.context().close();

  await say(account.page, "of this browser");
  await account.signIn(email);
  await expect(account.dialog).toContainText("Shall those of this browser come along?");
  await account.button("Leave them here").click();
  await expect(chat(account, "of the account")).toBeVisible();
  await expect(chat(account, "of this browser")).toHaveCount(0);

  await account.signOut();
  await expect(chat(account, "of this browser")).toBeVisible();
  await expect(chat(account, "of the account")).toHaveCount(0);

  await account.signIn(email);
  await account.button("Bring them along").click();
  await expect(chat(account, "of the account")).toBeVisible();
  await expect(chat(account, "of this browser")).toBeVisible();
});

test("after the fifth answer a guest is offered an account, once", async ({ account }) => {
  const offer = account.page.locator(".notice").getByText("With an account you keep these chats");
  for (let answers = 1; answers <= 4; answers += 1) await say(account.page, `question ${answers}`);
  await expect(offer).toHaveCount(0);
  await say(account.page, "question 5");
  await expect(offer).toBeVisible();
  await account.page.getByRole("button", { name: "Make one" }).click();
  await expect(account.dialog.getByRole("heading", { name: "Make an account" })).toBeVisible();
  await account.page.keyboard.press("Escape");
  await say(account.page, "question 6");
  await expect(offer).toHaveCount(0);
});

test("password managers and the keyboard alone are enough", async ({ account: { page, dialog }, account }) => {
  await account.entry("Sign in").focus();
  await page.keyboard.press("Enter");
  await expect(dialog.getByLabel("E-mail")).toBeFocused();
  const attributes = () =>
    dialog.locator("input").evaluateAll((inputs) => inputs.map((input) => input.getAttribute("autocomplete")));
  expect(await attributes()).toEqual(["username webauthn", "current-password"]);
  await account.button("Make an account").focus();
  await page.keyboard.press("Space");
  await expect(dialog.getByLabel("E-mail")).toBeFocused();
  expect(await attributes()).toEqual(["username", "new-password"]);
  await page.keyboard.type(freshEmail());
  await page.keyboard.press("Tab");
  await page.keyboard.type(PASSWORD);
  await page.keyboard.press("Enter");
  await account.code();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  await expect(account.button("I have kept it")).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(dialog).toHaveCount(0);
  await expect(account.entry("Account")).toBeFocused();
});

for (const look of LOOKS)
  test(`nothing bars the way to an account: ${look.colorScheme}, ${look.shape}`, async ({ browser, baseURL }) => {
    const { account, check } = await inLook(browser, baseURL, look);
    await account.entry("Sign in").click();
    await expect(account.dialog.getByLabel("E-mail")).toBeVisible();
    await check("signing in");
    await account.button("I have lost my password").click();
    await check("a lost password");
    await account.button("I have an account").click();
    await account.button("Make an account").click();
    await account.button("Make the account").click();
    await expect(account.dialog).toContainText("Write your password.");
    await check("what was not filled in");
    await account.fill(freshEmail(), PASSWORD);
    await account.button("Make the account").click();
    await account.code();
    await check("the code");
    await account.button("I have kept it").click();
    await account.entry("Account").click();
    await expect(account.dialog.getByText("This one, in use now")).toBeVisible();
    await check("the account");
    await account.button("Change").click();
    await account.button("Set the password").click();
    await expect(account.dialog).toContainText("Write the password that you have now.");
    await check("another password");
    await account.button("Back").click();
    await account.button("Delete everything…").click();
    await check("the way out");
    await account.page.context().close();
  });

base("where there are no accounts the page does not speak of them", async ({ page }) => {
  const told = page.waitForResponse("**/api/v1/config");
  await page.goto("/");
  expect(((await (await told).json()) as { features: object }).features).toMatchObject({ accounts: false });
  await say(page, "no account");
  await expect(page.getByRole("button", { name: "Sign in" })).toHaveCount(0);
});
