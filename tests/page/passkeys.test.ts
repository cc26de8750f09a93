/** Passkeys: signing up and in by them, the browser's own offer of them, and what goes wrong. */
import { expect } from "@playwright/test";
import { Account, LOOKS, chat, elsewhere, freshEmail, inLook, say, token } from "./account.ts";
import { Authenticators } from "./authenticator.ts";
import { SIGN_IN, SIGN_UP, asksOnly, keys, problem, signUp, signedUp, test } from "./passkeys.ts";
import { ageDevices, guestOf } from "./stack.ts";

test("somebody makes an account with a passkey, keeps the chats, and comes back by it", async ({ page, device }) => {
  await asksOnly(page);
  await page.goto("/");
  const account = new Account(page);
  await say(page, "said before the passkey");
  await signUp(account);
  await expect(account.dialog).toContainText("who loses it has lost the account");
  await account.button("Later").click();
  await expect(page.getByText("You are signed in.").first()).toBeVisible();
  expect(await device.passkeys()).toHaveLength(1);
  await expect(chat(account, "said before the passkey")).toBeVisible();

  await account.signOut();
  await expect(chat(account, "said before the passkey")).toHaveCount(0);
  await account.open("Sign in");
  await account.button(SIGN_IN).click();
  await expect(account.dialog).toHaveCount(0);
  await expect(chat(account, "said before the passkey")).toBeVisible();
});

test("the browser offers a passkey where the name is written, and choosing it signs in", async ({
  account,
  device,
}) => {
  await signedUp(account);
  await account.signOut();
  await device.isAttended(false);
  await account.open("Sign in");
  await expect(account.dialog.getByLabel("E-mail")).toHaveAttribute("autocomplete", "username webauthn");
  await account.page.keyboard.press("Escape");
  await device.isAttended(true);
  await account.open("Sign in");
  await expect(account.entry("Account"), "nothing else was pressed").toBeVisible();
  await expect(account.dialog).toHaveCount(0);
});

test("what the browser offers ends with the dialog, with another way, and with its challenge", async ({ page }) => {
  // Every question that the browser is asked, and how it has ended.
  await page.addInitScript(() => {
    const asked: { mediation: string; isEnded: boolean }[] = [];
    Object.assign(window, { asked });
    PublicKeyCredential.isConditionalMediationAvailable = () => Promise.resolve(true);
    navigator.credentials.get = (options) =>
      new Promise((_, reject) => {
        const one = { mediation: options?.mediation ?? "", isEnded: false };
        asked.push(one);
        options?.signal?.addEventListener("abort", () => {
          one.isEnded = true;
          reject(new DOMException("", "AbortError"));
        });
      });
  });
  const asked = () =>
    page.evaluate(() => {
      const { asked } = window as unknown as { asked: { mediation: string; isEnded: boolean }[] };
      return asked.map(({ mediation, isEnded }) => `${mediation}${isEnded ? " ended" : ""}`);
    });
  let options = 0;
  page.on("response", (response) => (options += Number(response.url().endsWith("/auth/passkeys/options"))));
  await page.clock.install();
  await page.goto("/");
  const account = new Account(page);
  await account.open("Sign in");
  await expect.poll(asked).toEqual(["conditional"]);
  await page.clock.runFor(89_000);
  expect(await asked(), "two minutes are not over yet").toEqual(["conditional"]);
  await page.clock.runFor(2_000);
  await expect.poll(asked, "before they are over").toEqual(["conditional ended", "conditional"]);
  expect(options).toBe(2);
  await account.button(SIGN_IN).click();
  await expect.poll(asked).toEqual(["conditional ended", "conditional ended", "required"]);
  await page.keyboard.press("Escape");
  await expect.poll(async () => (await asked()).at(-1)).toBe("required ended");
  await expect(account.dialog).toHaveCount(0);
  await account.open("Sign in");
  await expect.poll(async () => (await asked()).at(-1)).toBe("conditional");
  await account.button("Make an account").click();
  await expect.poll(async () => (await asked()).at(-1)).toBe("conditional ended");
  await account.button("I have an account").click();
  await expect.poll(async () => (await asked()).at(-1)).toBe("conditional");
  await page.keyboard.press("Escape");
  await expect.poll(async () => (await asked()).at(-1)).toBe("conditional ended");
});

test("what goes wrong with a passkey is said in plain words, and can be tried again", async ({ page, device }) => {
  await asksOnly(page);
  await page.goto("/");
  const account = new Account(page);
  await account.open("Sign in");
  // There is none yet.
  await account.button(SIGN_IN).click();
  await expect(problem(account)).toContainText("No passkey was used");
  await account.button("Make an account").click();
  await device.isOwners(false);
  await account.button(SIGN_UP).click();
  await expect(problem(account), "somebody else has unlocked it").toContainText("No passkey was used");
  expect(await token(page)).toBeNull();
  await device.isOwners(true);
  await account.button(SIGN_UP).click();
  await account.button("Later").click();
  await account.signOut();

  // The device has a passkey that the server does not know any more: the account was deleted elsewhere.
  await account.open("Sign in");
  await page.route("**/api/v1/auth/passkeys/login", async (route) => {
    const error = { code: "wrong_credentials", message: "m", request_id: "r" };
    await route.fulfill({ status: 401, json: { error } });
  });
  await account.button(SIGN_IN).click();
  await expect(problem(account)).toContainText("This passkey is not known here");
  await page.unroute("**/api/v1/auth/passkeys/login");
  // What was signed was overheard, and is sent once more: the server itself says what it thinks of it.
  const sent: string[] = [];
  page.on("request", (request) => {
    if (request.url().endsWith("/auth/passkeys/login")) sent.push(request.postData() ?? "");
  });
  await account.button(SIGN_IN).click();
  await expect(account.entry("Account")).toBeVisible();
  await account.signOut();
  await account.open("Sign in");
  await page.route("**/api/v1/auth/passkeys/login", (route) => route.continue({ postData: sent[0] ?? "" }));
  await account.button(SIGN_IN).click();
  await expect(problem(account)).toContainText("That was sent twice. Try again.");
  await page.unroute("**/api/v1/auth/passkeys/login");
  await account.button(SIGN_IN).click();
  await expect(account.entry("Account")).toBeVisible();
});

test("a page at another address than its own says so", async ({ browser, server }) => {
  // The server's own address, not the one that passkeys are made for.
  const { hostname, port } = new URL(server.address);
  const context = await browser.newContext({
    baseURL: `http://${hostname === "127.0.0.1" ? "localhost" : hostname}:${port}`,
  });
  const page = await context.newPage();
  await (await Authenticators.of(page)).add("internal");
  await page.goto("/");
  const account = new Account(page);
  await account.open("Sign in");
  await account.button("Make an account").click();
  await account.button(SIGN_UP).click();
  await expect(problem(account)).toContainText("Passkeys are for another address than this page's");
  await context.close();
  const byNumber = await browser.newContext({ baseURL: server.address });
  const other = await byNumber.newPage();
  await other.goto("/");
  const there = new Account(other);
  await there.open("Sign in");
  await there.button("Make an account").click();
  await there.button(SIGN_UP).click();
  await expect(problem(there)).toContainText("Passkeys are for another address than this one");
  await byNumber.close();
});

test("a browser that cannot says so, and the password is still there", async ({ page }) => {
  await page.addInitScript(() => {
    Reflect.deleteProperty(PublicKeyCredential, "parseRequestOptionsFromJSON");
  });
  await page.goto("/");
  const account = new Account(page);
  await account.open("Sign in");
  await expect(account.dialog).toContainText("This browser cannot use passkeys here.");
  await expect(account.button(SIGN_IN)).toHaveCount(0);
  await page.keyboard.press("Escape");
  await account.signUp(freshEmail());
  await account.open("Account");
  await expect(keys(account)).toContainText("This browser cannot use passkeys here.");
  await expect(account.button("Add a passkey")).toHaveCount(0);
});

test("where both have chats the visitor is asked, by a passkey, too", async ({ page, device, browser, baseURL }) => {
  await asksOnly(page);
  await page.goto("/");
  const account = new Account(page);
  await signedUp(account);
  await say(page, "of the account");
  await account.signOut();
  await say(page, "of this browser");
  await account.open("Sign in");
  await account.button(SIGN_IN).click();
  await expect(account.dialog).toContainText("Shall those of this browser come along?");
  await account.button("Bring them along").click();
  await expect(chat(account, "of the account")).toBeVisible();
  await expect(chat(account, "of this browser")).toBeVisible();
  expect(await device.passkeys()).toHaveLength(1);

  // A browser without chats is not asked.
  const other = await elsewhere(browser, baseURL);
  await expect(other.entry("Sign in")).toBeVisible();
  await other.page.context().close();
});

test("the keyboard alone is enough", async ({ page, device }) => {
  await asksOnly(page);
  await page.goto("/");
  const account = new Account(page);
  const press = async (name: string) => {
    const button = account.button(name);
    for (let steps = 0; steps < 30 && !(await button.evaluate((one) => one === document.activeElement)); steps += 1)
      await page.keyboard.press("Tab");
    await expect(button).toBeFocused();
    await page.keyboard.press("Enter");
  };
  await account.entry("Sign in").focus();
  await page.keyboard.press("Enter");
  await press("Make an account");
  await press(SIGN_UP);
  await press("Later");
  await expect(account.entry("Account")).toBeFocused();
  expect(await device.passkeys()).toHaveLength(1);
  await page.keyboard.press("Enter");
  await expect(keys(account).getByRole("listitem")).toHaveCount(1);
  await press("Rename “Chrome on Linux”");
  await page.keyboard.type("by keys");
  await press("Save");
  await expect(keys(account)).toContainText("by keys");
  await expect(keys(account).getByRole("heading")).toBeFocused();
});

for (const look of LOOKS)
  test(`nothing bars the way to a passkey: ${look.colorScheme}, ${look.shape}`, async ({ browser, baseURL }) => {
    const { account, check } = await inLook(browser, baseURL, look);
    const { page } = account;
    await asksOnly(page);
    await (await Authenticators.of(page)).add("internal");
    await page.reload();
    if (look.shape !== "wide") await page.getByRole("button", { name: "Open the list of chats" }).tap();
    await account.entry("Sign in").click();
    await account.button(SIGN_IN).click();
    await expect(problem(account)).toContainText("No passkey was used");
    await check("no passkey");
    await account.button("Make an account").click();
    await check("making an account");
    await account.button(SIGN_UP).click();
    await expect(account.dialog.getByRole("heading", { name: "A second way in" })).toBeVisible();
    await check("a second way in");
    await account.button("Set a password").click();
    await check("a first password");
    await account.button("Back").click();
    await expect(keys(account).getByRole("listitem")).toHaveCount(1);
    await check("an account of a passkey");
    await account.button("Rename “Chrome on Linux”").click();
    await account.dialog.getByLabel("Name of the passkey").fill("w".repeat(100));
    await check("naming it");
    await account.button("Save").click();
    await expect(keys(account)).toContainText("It is called");
    await ageDevices(await guestOf(page), 6);
    await account.button(`Remove “${"w".repeat(100)}”`).click();
    await check("removing it");
    await account.button("Remove").click();
    await expect(keys(account)).toContainText("Sign in once more to go on");
    await check("signing in once more");
    await account.button("Cancel").click();
    await account.button("Delete everything…").click();
    await check("the way out by a passkey");
    await page.context().close();
  });
