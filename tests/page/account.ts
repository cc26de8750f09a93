/** The dialog about accounts, as a visitor meets it, and what a test needs beside it. */
import { randomUUID } from "node:crypto";
import { type Locator, type Page, expect } from "@playwright/test";

/** What a server needs to have accounts. */
export const ACCOUNTS = { ACCOUNTS_ENABLED: "true", ACCOUNTS_PEPPER: "the pepper of the tests of the page" };

export const PASSWORD = "a horse, a battery, a staple";

/** Of nobody so far. */
export const freshEmail = () => `${randomUUID()}@example.org`;

export class Account {
  readonly dialog: Locator;

  constructor(readonly page: Page) {
    // The drawer is a dialog, too, and closed ones are none.
    this.dialog = page.locator("dialog[open]");
  }

  entry(name: "Sign in" | "Account"): Locator {
    return this.page.getByRole("navigation", { name: "Chats" }).getByRole("button", { name, exact: true });
  }

  async open(name: "Sign in" | "Account"): Promise<void> {
    await this.entry(name).click();
    await expect(this.dialog).toBeVisible();
  }

  button(name: string): Locator {
    return this.dialog.getByRole("button", { name, exact: true });
  }

  async fill(email: string, password: string): Promise<void> {
    await this.dialog.getByLabel("E-mail").fill(email);
    await this.dialog.getByLabel(/^(New p|P)assword$/).fill(password);
  }

  /** Makes an account, from the page on. Gives its recovery code. */
  async signUp(email: string, password = PASSWORD): Promise<string> {
    await this.open("Sign in");
    await this.button("Make an account").click();
    await this.fill(email, password);
    await this.button("Make the account").click();
    const code = await this.code();
    await this.button("I have kept it").click();
    await expect(this.dialog).toHaveCount(0);
    await expect(this.entry("Account")).toBeVisible();
    return code;
  }

  /** The recovery code that is shown. */
  async code(): Promise<string> {
    await expect(this.dialog.getByRole("heading", { name: "Your recovery code" })).toBeVisible({ timeout: 30_000 });
    const code = await this.dialog.locator("code").innerText();
    expect(code).toMatch(/^([\dA-F]{4}-){7}[\dA-F]{4}$/);
    return code;
  }

  async signIn(email: string, password = PASSWORD): Promise<void> {
    await this.open("Sign in");
    await this.fill(email, password);
    await this.button("Sign in").click();
  }
}
