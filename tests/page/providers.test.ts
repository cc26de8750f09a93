/** Coming in through an OpenID provider: there and back, on its own page and ours. */
import { randomUUID } from "node:crypto";
import { expect } from "@playwright/test";
import { ACCOUNTS, Account, freshEmail, say } from "./account.ts";
import { EdgewisePage, test as base } from "./page.ts";
import { type Provider, callOffThere, signInThere, startProvider } from "./provider.ts";
import { freePort, startServer } from "./server.ts";

const test = base.extend<{ account: Account }, { provider: Provider; server: string }>({
  provider: [
    async ({}, use) => {
      const provider = await startProvider();
      await use(provider);
      await provider.stop();
    },
    { scope: "worker" },
  ],
  server: [
    async ({ provider }, use) => {
      const port = await freePort();
      const { stop } = await startServer({ ...ACCOUNTS, ...provider.variables }, port);
      // Where the provider sends browsers back to: `dev` takes its own address for the public origin.
      await use(`http://localhost:${port}`);
      await stop();
    },
    { scope: "worker" },
  ],
  baseURL: async ({ server }, use) => use(server),
  // Its own page, which would like a font.
  elsewhere: async ({ provider }, use) => use([provider.issuer, "https://fonts.googleapis.com"]),
  account: async ({ page }, use) => {
    await page.goto("/");
    await use(new Account(page));
  },
});

const CONTINUE = "Continue with The works";

test("a guest comes in through a provider, is where they were, and keeps their chats", async ({ account }) => {
  const { page } = account;
  const name = `${randomUUID()}@works.example`;
  await say(page, "said before it");
  await expect(page).toHaveURL(/\/c\//);
  const before = page.url();
  await account.open("Sign in");
  await account.button(CONTINUE).click();
  await signInThere(page, name);
  await expect(page).toHaveURL(before);
  await expect(account.entry("Account")).toBeVisible();
  await expect(new EdgewisePage(page).notice("You are signed in.")).toBeVisible();
  await expect(account.dialog).toHaveCount(0);
  await expect(
    page.getByRole("navigation", { name: "Chats" }).getByRole("link", { name: "said before it" }),
  ).toBeVisible();
  await account.open("Account");
  await expect(account.dialog.getByText(name, { exact: true })).toBeVisible();
  await expect(account.dialog.getByRole("heading", { name: "Known by others" })).toBeVisible();
  // It is the only way in.
  await account.button("Remove The works").click();
  await expect(account.dialog.getByRole("alert").filter({ hasText: "Nothing else would let you in" })).toBeVisible();
  await account.button("Sign out").first().click();
  await expect(account.entry("Sign in")).toBeVisible();
});

test("who calls it off is told so, and may try again", async ({ account }) => {
  const { page } = account;
  await account.open("Sign in");
  await account.button(CONTINUE).click();
  await callOffThere(page);
  await expect(account.dialog.getByRole("alert")).toHaveText("You were not signed in: it was called off there.");
  expect(new URL(page.url()).hash).toBe("");
  await account.button("Try again").click();
  await expect(page.locator("input[name=login]")).toBeVisible();
  // Back, to a page that can be used.
  await page.goBack();
  await expect(account.entry("Sign in")).toBeVisible();
});

test("an account adds a provider, comes in through it, and removes it again", async ({ account }) => {
  const { page } = account;
  const email = freshEmail();
  const name = `${randomUUID()}@works.example`;
  await account.signUp(email);
  await account.open("Account");
  await account.button("Add The works").click();
  await signInThere(page, name);
  await expect(account.button("Remove The works")).toBeVisible();
  await account.button("Sign out").last().click();
  await expect(account.entry("Sign in")).toBeVisible();
  await account.open("Sign in");
  await account.button(CONTINUE).click();
  // The provider still knows who it is, and asks nothing.
  await expect(account.entry("Account")).toBeVisible();
  await account.open("Account");
  await account.button("Remove The works").click();
  await expect(account.button("Remove The works")).toHaveCount(0);
  await expect(account.dialog.getByText("Nobody yet.")).toBeVisible();
});

test("an address alone signs nobody in", async ({ account }) => {
  const { page } = account;
  const asked: string[] = [];
  page.on("request", (request) => asked.push(request.url()));
  for (const hash of ["signed-in", "sign-in-failed=sign_in_denied"]) {
    await page.goto(`/?${hash}#${hash}`);
    await expect(account.entry("Sign in")).toBeVisible();
    await expect(account.dialog).toHaveCount(0);
  }
  expect(asked.filter((url) => url.includes("/finish"))).toEqual([]);
});
