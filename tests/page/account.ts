/** The dialog about accounts, as a visitor meets it, and what a test needs beside it: a server with accounts and passkeys. */
import { randomUUID } from "node:crypto";
import { type Browser, type Locator, type Page, expect } from "@playwright/test";
import { axe, violations } from "./axe.ts";
import { EdgewisePage, test as base } from "./page.ts";
import { freePort, startServer } from "./server.ts";
import { scenario } from "./stack.ts";
import { Wire } from "./wire.ts";

/** What a server needs to have accounts. */
export const ACCOUNTS = { ACCOUNTS_ENABLED: "true", ACCOUNTS_PEPPER: "the pepper of the tests of the page" };

/** The host that passkeys are made for, by its name: there are none for an address. */
const host = (port: number) => `http://localhost:${port}`;

/**
 * One server for all, always reached by one address, for passkeys belong to it; and for each test an address of its own to come from: sign-ups
 * of one are limited.
 */
export const test = base.extend<{ account: Account }, { server: { address: string; port: number } }>({
  server: [
    async ({}, use) => {
      const port = await freePort();
      const { address, stop } = await startServer({ ...ACCOUNTS, PUBLIC_ORIGIN: host(port) });
      await use({ address, port });
      await stop();
    },
    { scope: "worker" },
  ],
  baseURL: async ({ server: { address, port } }, use) => {
    const byte = () => 1 + Math.floor(Math.random() * 254);
    const wire = new Wire(new URL(address), `127.${byte()}.${byte()}.${byte()}`, port);
    await wire.mend();
    await use(host(port));
    await wire.cut();
  },
  account: async ({ page }, use) => {
    await page.goto("/");
    await use(new Account(page));
  },
});

export async function say(page: Page, text: string): Promise<void> {
  const edgewise = new EdgewisePage(page);
  await scenario(text, { chunks: 1, chunk_text: "Yes." });
  await edgewise.send(text);
  await edgewise.settledAnswer();
}

/** Another device: a browser that has never been here. */
export async function elsewhere(browser: Browser, baseURL: string | undefined): Promise<Account> {
  const context = await browser.newContext({ ...(baseURL && { baseURL }) });
  const page = await context.newPage();
  await page.goto("/");
  return new Account(page);
}

export const chat = (account: Account, title: string) =>
  account.page.getByRole("navigation", { name: "Chats" }).getByRole("link", { name: title });
export const token = (page: Page) => page.evaluate(() => localStorage.getItem("edgewise.token"));

/** In which looks and on which screens the dialog has to hold. */
export const LOOKS = (["light", "dark"] as const).flatMap((colorScheme) =>
  (
    [
      ["wide", { width: 1280, height: 800 }],
      ["a small phone", { width: 320, height: 568 }],
    ] as const
  ).map(([shape, viewport]) => ({ colorScheme, shape, viewport })),
);

/** The page in one of these looks, with what looks at the dialog in it. */
export async function inLook(
  browser: Browser,
  baseURL: string | undefined,
  { colorScheme, shape, viewport }: (typeof LOOKS)[number],
): Promise<{ account: Account; check: (what: string) => Promise<void> }> {
  const isPhone = shape !== "wide";
  const context = await browser.newContext({
    colorScheme,
    viewport,
    hasTouch: isPhone,
    isMobile: isPhone,
    bypassCSP: true,
    reducedMotion: "reduce",
    ...(baseURL && { baseURL }),
  });
  const page = await context.newPage();
  await page.addInitScript({ path: axe });
  const account = new Account(page);
  const check = async (what: string) => {
    if (process.env.PAGE_PICTURES)
      await page.screenshot({ path: `${process.env.PAGE_PICTURES}/${colorScheme} ${shape} ${what}.png` });
    await expect.poll(() => violations(page), { message: what }).toEqual([]);
    const isCut = await account.dialog.evaluate((dialog) => {
      const { left, right } = dialog.getBoundingClientRect();
      const scrolls = [dialog, document.documentElement].some((one) => one.scrollWidth > one.clientWidth);
      return scrolls || left < 0 || right > innerWidth;
    });
    expect(isCut, `${what}: nothing is wider than the screen`).toBe(false);
  };
  await page.goto("/");
  if (isPhone) await page.getByRole("button", { name: "Open the list of chats" }).tap();
  return { account, check };
}

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

  /** Waits until the dialog has read what it shows of an account: until then its buttons move. */
  async isRead(): Promise<void> {
    await expect(this.dialog.getByText("This one, in use now")).toBeVisible();
    await expect(this.dialog.getByText("Loading…")).toHaveCount(0);
  }

  /** Signs out, from the page on. */
  async signOut(): Promise<void> {
    await this.open("Account");
    await this.isRead();
    await this.button("Sign out").last().click();
    await expect(this.entry("Sign in")).toBeVisible();
  }

  async signIn(email: string, password = PASSWORD): Promise<void> {
    await this.open("Sign in");
    await this.fill(email, password);
    await this.button("Sign in").click();
  }
}
