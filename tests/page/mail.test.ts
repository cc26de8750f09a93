/** Links by mail: signing in, a new password, a confirmed address; each asks for a click, and none is bound to the browser that has asked. */
import { type Page, expect } from "@playwright/test";
import { ACCOUNTS, Account, PASSWORD, freshEmail } from "./account.ts";
import { axe, violations } from "./axe.ts";
import { EdgewisePage, test as base } from "./page.ts";
import { startServer } from "./server.ts";
import { mailed, scenario, variable } from "./stack.ts";
import { Wire } from "./wire.ts";

const ORIGIN = "https://chat.example";

/** One server for all, and for each test an address of its own to come from: mails that are asked for are counted. */
const test = base.extend<{ account: Account }, { server: string }>({
  server: [
    async ({}, use) => {
      const { address, stop } = await startServer({
        ...ACCOUNTS,
        PUBLIC_ORIGIN: ORIGIN,
        MAIL_API_URL: `${variable("STACK_URL")}/mail/emails`,
        MAIL_API_TOKEN: variable("STACK_MAIL_TOKEN"),
        MAIL_FROM: "Chat <chat@example.org>",
      });
      await use(address);
      await stop();
    },
    { scope: "worker" },
  ],
  baseURL: async ({ server }, use) => {
    const byte = () => 1 + Math.floor(Math.random() * 254);
    const wire = new Wire(new URL(server), `127.${byte()}.${byte()}.${byte()}`);
    await wire.mend();
    await use(wire.address);
    await wire.cut();
  },
  account: async ({ page }, use) => {
    await page.goto("/");
    await use(new Account(page));
  },
});

/** Opens the link of the last of `count` mails, as if the page stood at its public address. */
async function follow(page: Page, email: string, count: number): Promise<void> {
  const { text } = await mailed(email, count);
  const [, hash] = new RegExp(`^${ORIGIN}/(#mail=[\\w-]{43})$`, "m").exec(text) ?? [];
  if (!hash) throw new Error(`no link: ${text}`);
  await page.goto("about:blank");
  await page.goto(`/${hash}`);
}

/** Signs up and confirms another address than the name. */
async function confirmed(account: Account): Promise<string> {
  const address = freshEmail();
  await account.signUp(freshEmail());
  await account.open("Account");
  await account.dialog.getByLabel("E-mail").fill(address);
  await account.button("Send a mail to confirm it").click();
  await expect(account.dialog).toContainText("A mail is on its way");
  await follow(account.page, address, 1);
  await expect(account.dialog).toContainText(`Is ${address} yours?`);
  await expect(account.dialog).not.toContainText("This link was not asked for in this browser");
  await account.button("Yes, it is mine").click();
  await expect(account.dialog).toContainText("The address is confirmed");
  await account.page.keyboard.press("Escape");
  return address;
}

async function elsewhere(account: Account, baseURL: string | undefined): Promise<Account> {
  const browser = account.page.context().browser();
  if (!browser) throw new Error("no browser");
  const context = await browser.newContext({ ...(baseURL && { baseURL }) });
  const page = await context.newPage();
  await page.goto("/");
  return new Account(page);
}

async function say(page: Page, text: string): Promise<void> {
  const edgewise = new EdgewisePage(page);
  await scenario(text, { chunks: 1, chunk_text: "Yes." });
  await edgewise.send(text);
  await edgewise.settledAnswer();
}

test("an address is confirmed, and a link to it signs in on another device, which says that it has not asked", async ({
  account,
  baseURL,
}) => {
  const address = await confirmed(account);
  await account.open("Account");
  await expect(account.dialog).toContainText(`${address} is confirmed.`);
  await account.page.keyboard.press("Escape");

  await account.signOut();
  await account.open("Sign in");
  await account.button("Mail me a link").click();
  await account.dialog.getByLabel("E-mail").fill(address);
  await account.page.keyboard.press("Enter");
  await expect(account.dialog).toContainText("a mail with a link is on its way");

  const other = await elsewhere(account, baseURL);
  await say(other.page, "a guest's own words");
  await follow(other.page, address, 2);
  await expect(other.dialog).toContainText(`Sign in as ${address}?`);
  await expect(other.dialog).toContainText("This link was not asked for in this browser");
  expect(new URL(other.page.url()).hash, "the link stays in no history").toBe("");
  // Opening it has let nobody in.
  await expect(other.entry("Sign in")).toHaveCount(1);
  await other.button("Sign in").click();
  // What the guest has goes along only if they say so: the link may be a stranger's.
  await expect(other.button("Bring them along")).toBeVisible();
  await other.button("Bring them along").click();
  await expect(other.entry("Account")).toBeVisible();
  await expect(other.page.getByRole("link", { name: "a guest's own words" })).toBeVisible();

  await follow(account.page, address, 2);
  await expect(account.dialog.getByRole("alert").last()).toContainText("This link was used before");
  await other.page.context().close();
});

test("who has forgotten the password sets a new one by a link, and is in", async ({ account, baseURL }) => {
  const address = await confirmed(account);
  const other = await elsewhere(account, baseURL);
  await other.open("Sign in");
  await expect(other.button("Mail me a link"), "it is known that there is mail").toBeVisible();
  await other.button("I have lost my password").click();
  await expect(other.button("I have my recovery code")).toBeVisible();
  await other.dialog.getByLabel("E-mail").fill(address);
  await other.button("Send the link").click();
  await expect(other.dialog).toContainText("a mail with a link is on its way");
  await follow(other.page, address, 2);
  await expect(other.dialog).toContainText(`A new password for ${address}`);
  await other.dialog.getByLabel("New password").fill("short");
  await other.button("Set the password").click();
  await expect(other.dialog).toContainText("it needs 8 characters at least");
  await other.dialog.getByLabel("New password").fill("a new horse, a new staple");
  await other.button("Set the password").click();
  await other.code();
  await other.button("I have kept it").click();
  await expect(other.entry("Account")).toBeVisible();
  // The device that was signed in is not any more, and the new password is the account's.
  await account.page.reload();
  await expect(account.entry("Sign in")).toBeVisible();
  await account.signIn(address, "a new horse, a new staple");
  await expect(account.entry("Account")).toBeVisible();
  await other.page.context().close();
});

test("a link to confirm an address is good for its account alone", async ({ account, baseURL }) => {
  const address = freshEmail();
  await account.signUp(freshEmail());
  await account.open("Account");
  await account.dialog.getByLabel("E-mail").fill(address);
  await account.button("Send a mail to confirm it").click();
  await expect(account.dialog).toContainText("A mail is on its way");
  const other = await elsewhere(account, baseURL);
  await follow(other.page, address, 1);
  await expect(other.dialog).toContainText("Sign in here to the account that has asked for this");
  await expect(other.button("Yes, it is mine")).toHaveCount(0);
  await other.page.keyboard.press("Escape");
  await other.signUp(freshEmail(), PASSWORD);
  await follow(other.page, address, 1);
  await other.button("Yes, it is mine").click();
  await expect(other.dialog.getByRole("alert").last()).toContainText("Another account has asked for this link");
  await other.page.context().close();
});

for (const colorScheme of ["light", "dark"] as const)
  test(`nothing bars the way by mail: ${colorScheme}, a small phone`, async ({ browser, baseURL }) => {
    const context = await browser.newContext({
      colorScheme,
      viewport: { width: 320, height: 568 },
      hasTouch: true,
      isMobile: true,
      bypassCSP: true,
      reducedMotion: "reduce",
      ...(baseURL && { baseURL }),
    });
    const page = await context.newPage();
    await page.addInitScript({ path: axe });
    const account = new Account(page);
    const check = async (what: string) => {
      await expect.poll(() => violations(page), { message: what }).toEqual([]);
      const isCut = await account.dialog.evaluate((dialog) => {
        const { left, right } = dialog.getBoundingClientRect();
        const scrolls = [dialog, document.documentElement].some((one) => one.scrollWidth > one.clientWidth);
        return scrolls || left < 0 || right > innerWidth;
      });
      expect(isCut, `${what}: nothing is wider than the screen`).toBe(false);
    };
    const open = async (name: "Sign in" | "Account") => {
      await page.getByRole("button", { name: "Open the list of chats" }).tap();
      await account.open(name);
    };
    await page.goto("/");
    await open("Sign in");
    await account.button("Mail me a link").tap();
    await account.button("Send the link").tap();
    await expect(account.dialog).toContainText("Write an e-mail address");
    await check("asking for a link");
    await account.dialog.getByLabel("E-mail").fill(freshEmail());
    await account.button("Send the link").tap();
    await expect(account.dialog).toContainText("is on its way");
    await check("a link that is on its way");
    await account.button("Back").tap();
    await account.button("Make an account").tap();
    await account.fill(freshEmail(), PASSWORD);
    await account.button("Make the account").tap();
    await account.code();
    await account.button("I have kept it").tap();
    await account.entry("Account").tap();
    const address = freshEmail();
    await account.dialog.getByLabel("E-mail").fill(address);
    await account.button("Send a mail to confirm it").tap();
    await expect(account.dialog).toContainText("A mail is on its way");
    await check("an address to be confirmed");
    await follow(page, address, 1);
    await expect(account.button("Yes, it is mine")).toBeVisible();
    await check("the link");
    await account.button("Yes, it is mine").tap();
    await expect(account.dialog).toContainText("The address is confirmed");
    await check("a confirmed address");
    await context.close();
  });
