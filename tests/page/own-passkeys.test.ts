/** Passkeys that somebody keeps: naming, adding and removing them, beside a password or instead of one, and what may be done after a fresh sign-in only. */
import { expect } from "@playwright/test";
import { Account, PASSWORD, freshEmail } from "./account.ts";
import { SIGN_IN, asksOnly, keys, problem, signUp, signedUp, test } from "./passkeys.ts";
import { ageDevices, guestOf } from "./stack.ts";

test("several passkeys are kept, named and removed; the last way in stays", async ({
  page,
  device,
  authenticators,
}) => {
  await asksOnly(page);
  await page.goto("/");
  const account = new Account(page);
  await signedUp(account);
  await account.open("Account");
  const list = keys(account).getByRole("listitem");
  await expect(list).toHaveCount(1);
  await expect(list.first()).toContainText("Chrome on Linux");
  await expect(keys(account)).toContainText("It is your only way in");
  await account.button("Add a passkey").click();
  await expect(problem(account)).toContainText("This device already keeps a passkey of your account");
  await account.button("Remove “Chrome on Linux”").click();
  await expect(account.button("Keep"), "the one that does no harm").toBeFocused();
  await account.button("Remove").click();
  await expect(problem(account)).toContainText("Nothing else would let you in");
  await account.button("Keep").click();
  await expect(keys(account).getByRole("heading")).toBeFocused();

  await device.isAttended(false);
  const stick = await authenticators.add("usb");
  await account.button("Add a passkey").click();
  await expect(list).toHaveCount(2);
  await expect(keys(account)).not.toContainText("It is your only way in");
  await account.button("Rename “Chrome on Linux”").last().click();
  const name = account.dialog.getByLabel("Name of the passkey");
  await expect(name).toBeFocused();
  await name.fill("my stick");
  await name.press("Enter");
  await expect(list.last()).toContainText("my stick");
  await expect(keys(account)).toContainText("It is called “my stick” now.");

  await account.button("Remove “Chrome on Linux”").click();
  await account.button("Remove").click();
  await expect(list).toHaveCount(1);
  await expect(keys(account)).toContainText("“Chrome on Linux” is removed.");
  await page.keyboard.press("Escape");
  await account.signOut();
  await account.open("Sign in");
  await account.button(SIGN_IN).click();
  await expect(account.entry("Account"), "by the one that is left").toBeVisible();
  expect(await stick.passkeys()).toHaveLength(1);
  await account.open("Account");
  await expect(list).toContainText(["my stick"]);
  await expect(list).toContainText([/last used just now/]);
});

test("an open browser that was left alone is asked for a sign-in before a passkey goes or comes", async ({
  page,
  device,
  authenticators,
}) => {
  await asksOnly(page);
  await page.goto("/");
  const account = new Account(page);
  await account.signUp(freshEmail());
  await account.open("Account");
  await account.button("Add a passkey").click();
  const list = keys(account).getByRole("listitem");
  await expect(list).toHaveCount(1);
  const devices = account.dialog.getByRole("region", { name: "Devices" }).getByRole("listitem");
  await ageDevices(await guestOf(page), 6);

  // By the passkey itself.
  await account.button("Remove “Chrome on Linux”").click();
  await account.button("Remove").click();
  await expect(keys(account)).toContainText("Sign in once more to go on");
  await expect(list, "it is there still").toHaveCount(1);
  await account.button("Cancel").click();
  await expect(keys(account)).not.toContainText("Sign in once more to go on");
  await account.button("Remove “Chrome on Linux”").click();
  await account.button("Remove").click();
  await account.button("Use a passkey").click();
  await expect(list).toHaveCount(0);

  // By the password.
  await ageDevices(await guestOf(page), 6);
  await device.lose();
  await authenticators.add("internal");
  await account.button("Add a passkey").click();
  await expect(keys(account)).toContainText("Sign in once more to go on");
  await account.dialog.getByLabel("Password", { exact: true }).fill("another horse");
  await account.button("Go on").click();
  await expect(problem(account)).toContainText("That does not fit");
  await account.dialog.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await account.button("Go on").click();
  await expect(list).toHaveCount(1);
  await page.keyboard.press("Escape");
  await account.open("Account");
  await expect(devices, "it is one device, however often it has signed in").toHaveCount(1);
});

test("an account of a passkey is given a password, and is deleted by the passkey", async ({ page, device }) => {
  await asksOnly(page);
  await page.goto("/");
  const account = new Account(page);
  await signUp(account);
  const email = freshEmail();
  await account.button("Set a password").click();
  await account.button("Set the password").click();
  await expect(account.dialog).toContainText("Write an e-mail address");
  await account.fill(email, PASSWORD);
  await account.button("Set the password").click();
  await account.code();
  await account.button("I have kept it").click();
  await expect(account.dialog.getByText(email)).toBeVisible();
  await page.keyboard.press("Escape");
  await account.signOut();
  await account.signIn(email);
  await expect(account.entry("Account")).toBeVisible();

  // Both ways are offered; the passkey is enough.
  await ageDevices(await guestOf(page), 6);
  await account.open("Account");
  await expect(keys(account).getByRole("listitem")).toHaveCount(1);
  await account.button("Delete everything…").click();
  await account.button("Use a passkey").click();
  await expect(page.getByText("It is being deleted").first()).toBeVisible();
  expect(await device.passkeys()).toHaveLength(1);
  await account.open("Sign in");
  await account.button(SIGN_IN).click();
  await expect(problem(account)).toContainText("This passkey is not known here");
});

test("who has nothing but a passkey deletes the account by it", async ({ page, device }) => {
  await asksOnly(page);
  await page.goto("/");
  const account = new Account(page);
  await signedUp(account);
  await ageDevices(await guestOf(page), 6);
  await account.open("Account");
  await expect(keys(account).getByRole("listitem")).toHaveCount(1);
  await account.button("Delete everything…").click();
  await expect(account.dialog.getByLabel("Password")).toHaveCount(0);
  await device.isOwners(false);
  await account.button("Delete everything").click();
  await expect(problem(account)).toContainText("No passkey was used");
  await device.isOwners(true);
  await account.button("Delete everything").click();
  await expect(page.getByText("It is being deleted").first()).toBeVisible();
  await expect(account.entry("Sign in")).toBeVisible();
});

test("a password that was lost is replaced by a passkey", async ({ page, device }) => {
  await asksOnly(page);
  await page.goto("/");
  const account = new Account(page);
  const email = freshEmail();
  await account.signUp(email);
  await account.open("Account");
  await account.button("Add a passkey").click();
  await expect(keys(account).getByRole("listitem")).toHaveCount(1);
  await account.button("Change").click();
  await account.button("I have lost it").click();
  await expect(account.dialog).toContainText("A passkey stands for the password");
  await account.dialog.getByLabel("New password").fill("a new horse, a new staple");
  await account.button("Set the password").click();
  // Somebody has signed in just now, but by the password.
  await account.button("Use a passkey").click();
  await account.code();
  await account.button("I have kept it").click();
  await page.keyboard.press("Escape");
  expect(await device.passkeys()).toHaveLength(1);
  await account.signOut();
  await account.signIn(email, "a new horse, a new staple");
  await expect(account.entry("Account")).toBeVisible();
});
