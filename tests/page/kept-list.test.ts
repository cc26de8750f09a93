/** The list of the visit before: there at once, asked for by its tag, and nobody else's. */
import { type Page, expect } from "@playwright/test";
import { chat, freshEmail, say, test as withAccounts, token } from "./account.ts";
import { EdgewisePage, test } from "./page.ts";
import { guestOf, sessionsOverDays } from "./stack.ts";

const LIST = "**/api/v1/chat/sessions?*";

const kept = (page: Page) => page.evaluate(() => localStorage.getItem("edgewise.list"));

/** Waits until the list is kept as the server has said it. */
async function isKept(page: Page): Promise<void> {
  await expect
    .poll(async () => (JSON.parse((await kept(page)) ?? "{}") as { tag?: string | null }).tag ?? null)
    .not.toBeNull();
}

/** Has the next answer to the list wait until what is returned is called. */
async function held(page: Page): Promise<() => void> {
  let release: () => void = () => undefined;
  const released = new Promise<void>((resolve) => (release = resolve));
  await page.route(LIST, (route) => released.then(() => route.continue()), { times: 1 });
  return release;
}

test("a reload shows the list before it is answered, and a list that is the same stays", async ({ page }) => {
  const edgewise = new EdgewisePage(page);
  const row = edgewise.sessions.getByRole("link", { name: "Kept for the next visit" });
  await page.goto("/");
  await edgewise.send("Kept for the next visit");
  await edgewise.settledAnswer();
  await page.reload();
  await expect(row).toBeVisible();
  await isKept(page);

  await test.step("304: not a row is another one", async () => {
    const release = await held(page);
    const asking = page.waitForRequest(LIST);
    const answering = page.waitForResponse(LIST);
    await page.reload();
    await expect(row).toBeVisible();
    expect(await (await asking).headerValue("if-none-match")).toMatch(/^"1\.[\da-f]{32}"$/);
    await expect(edgewise.sessions.getByText("Loading…")).toHaveCount(0);
    const shown = await row.elementHandle();
    release();
    expect((await answering).status()).toBe(304);
    // The page has read what came, too.
    await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 100)));
    expect(await shown.evaluate((element) => element.isConnected)).toBe(true);
    await expect(edgewise.sessions.locator("li")).toHaveCount(1);
  });

  await test.step("200: what was said elsewhere comes to it", async () => {
    await sessionsOverDays(await guestOf(page), 2);
    const release = await held(page);
    await page.reload();
    await expect(row).toBeVisible();
    await expect(edgewise.sessions.locator("li")).toHaveCount(1);
    release();
    await expect(edgewise.sessions.locator("li")).toHaveCount(3);
  });

  await test.step("without an answer it is there, too", async () => {
    await page.route(LIST, (route) => route.abort("connectionrefused"));
    await page.reload();
    await expect(edgewise.sessions).toContainText("Your chats could not be read.");
    await expect(edgewise.sessions.locator("li")).toHaveCount(3);
    await page.unroute(LIST);
  });
});

test("another guest in this browser sees nothing of it", async ({ page, browser, baseURL }) => {
  const edgewise = new EdgewisePage(page);
  await page.goto("/");
  await edgewise.send("For my eyes");
  await edgewise.settledAnswer();
  await page.reload();
  await isKept(page);

  const context = await browser.newContext({ ...(baseURL && { baseURL }) });
  const elsewhere = await context.newPage();
  await elsewhere.goto("/");
  const other = new EdgewisePage(elsewhere);
  await other.send("Of another guest");
  await other.settledAnswer();
  const theirs = (await token(elsewhere)) ?? "";
  await context.close();

  await page.evaluate((theirs) => localStorage.setItem("edgewise.token", theirs), theirs);
  const release = await held(page);
  const asking = page.waitForRequest(LIST);
  await page.goto("/");
  expect(await (await asking).headerValue("if-none-match")).toBeNull();
  await expect(edgewise.sessions.locator("li")).toHaveCount(0);
  release();
  await expect(edgewise.sessions.locator("li")).toHaveText(["Of another guest"]);
  await expect.poll(() => kept(page)).not.toContain("For my eyes");
});

withAccounts("who signs out leaves nothing of it", async ({ account }) => {
  const { page } = account;
  await say(page, "of the account");
  await account.signUp(freshEmail());
  await page.reload();
  await isKept(page);
  await account.signOut();
  await expect(chat(account, "of the account")).toHaveCount(0);
  expect(await kept(page)).toBeNull();
  await page.reload();
  await expect(account.entry("Sign in")).toBeVisible();
  await expect(chat(account, "of the account")).toHaveCount(0);
});
