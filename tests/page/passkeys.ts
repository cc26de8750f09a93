/** Passkeys, as a visitor meets them in the dialog about accounts, and a browser with an authenticator. */
import { type Page, expect } from "@playwright/test";
import { Account, test as base } from "./account.ts";
import { type Authenticator, Authenticators } from "./authenticator.ts";

export const test = base.extend<{ device: Authenticator; authenticators: Authenticators }>({
  authenticators: async ({ page }, use) => use(await Authenticators.of(page)),
  device: async ({ authenticators }, use) => use(await authenticators.add("internal")),
});

/** A browser that offers nothing by itself: a passkey is used when somebody asks for it. */
export async function asksOnly(page: Page): Promise<void> {
  await page.addInitScript(() => {
    PublicKeyCredential.isConditionalMediationAvailable = () => Promise.resolve(false);
  });
}

export const SIGN_IN = "Sign in with a passkey";
export const SIGN_UP = "Make the account with a passkey";
export const problem = (account: Account) => account.dialog.getByRole("alert").filter({ hasText: /./ }).first();
export const keys = (account: Account) => account.dialog.getByRole("region", { name: "Passkeys" });

export async function signUp(account: Account): Promise<void> {
  await account.open("Sign in");
  await account.button("Make an account").click();
  await account.button(SIGN_UP).click();
  await expect(account.dialog.getByRole("heading", { name: "A second way in" })).toBeVisible();
}

export async function signedUp(account: Account): Promise<void> {
  await signUp(account);
  await account.button("Later").click();
  await expect(account.entry("Account")).toBeVisible();
}
