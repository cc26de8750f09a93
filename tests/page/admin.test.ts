/** The operator’s page: who sees it, all that it shows, and what is done there. */
import { readFile } from "node:fs/promises";
import { type Page, expect } from "@playwright/test";
import { type Account, LOOKS, elsewhere, freshEmail, say, test, token } from "./account.ts";
import { axe, violations } from "./axe.ts";
import { guestOf, makeAdmin } from "./stack.ts";

/** What a message of the page's visitor is answered with. */
const status = (page: Page) =>
  page.evaluate(async () => {
    const headers = {
      authorization: `Bearer ${localStorage.getItem("edgewise.token")}`,
      "content-type": "application/json",
    };
    const body = JSON.stringify({ content: "Is anybody there?", stream: false });
    return (await fetch("/api/v1/chat/messages", { method: "POST", headers, body })).status;
  });

/** Makes who is signed in an operator: the token that says so comes with the next sign-in. */
async function promote(account: Account, email: string): Promise<void> {
  await makeAdmin(await guestOf(account.page));
  await account.page.goto("/");
  await account.signOut();
  await account.signIn(email);
  await expect(account.dialog).toHaveCount(0);
}

test("an operator sees what was said, what it has cost and who said it, and nobody else does", async ({
  account,
  browser,
  baseURL,
}) => {
  test.slow();
  const { page } = account;
  await say(page, "counted for the operator");
  const helped = page.getByRole("button", { name: "This answer helped" });
  await helped.click();
  await expect(helped).toHaveAttribute("aria-pressed", "true");
  const email = freshEmail();
  await account.signUp(email);

  // For everybody else there is nothing, and nothing of it is loaded.
  const scripts: string[] = [];
  page.on("request", (request) => scripts.push(new URL(request.url()).pathname));
  const loads = () => scripts.filter((path) => path.includes("AdminPage"));
  const answer = await page.goto("/admin");
  expect(answer?.status()).toBe(200);
  await expect(page.getByRole("heading", { name: "No such chat" })).toBeVisible();
  await expect(page.getByText("This chat does not exist")).toBeVisible();
  expect(loads()).toEqual([]);

  await promote(account, email);
  await account.open("Account");
  const asked = page.waitForRequest(/\/api\/v1\/admin\/overview\?/);
  await account.dialog.getByRole("link", { name: "Figures" }).click();
  const span = (address: string) => {
    const query = new URL(address).searchParams;
    return (Date.parse(query.get("to") ?? "") - Date.parse(query.get("from") ?? "")) / 3_600_000;
  };
  expect(span((await asked).url())).toBe(24);
  expect(loads()).not.toEqual([]);

  // All of what was said, by everybody: other tests say something, too.
  await expect(page.getByRole("heading", { name: "Figures", level: 1 })).toBeVisible();
  const part = (name: string) => page.getByRole("region", { name, exact: true });
  const completed = part("Messages").locator("div").filter({ hasText: "Completed" }).getByRole("definition");
  await expect(completed).toHaveText(/^[1-9][\d,]*$/);
  const waits = part("How long it took");
  await expect(waits.getByRole("row", { name: /^To the first byte/ })).toContainText(/\d m?s/);
  await expect(waits.getByRole("row", { name: /^To the whole answer/ })).toContainText(/\d m?s/);
  await expect(part("Money").getByRole("columnheader", { name: "Tokens written" })).toBeVisible();
  await expect(part("Money").getByRole("row").nth(1)).toContainText("$");
  await expect(part("Thumbs").getByRole("row").nth(1)).toContainText(/[1-9]/);
  await expect(part("Storage")).toContainText(/(bytes|kB|MB) .*rows/);
  await expect(part("Messages").getByText(/^Breaker, opened/)).toBeVisible();
  await expect(part("By the hour").getByRole("img", { name: /^Messages an hour/ })).toBeVisible();
  await expect(part("By the hour").getByRole("table")).toHaveCount(0);
  await part("By the hour").getByText("Each hour with messages, as a table").click();
  await expect(part("By the hour").getByRole("row").nth(1)).toContainText("UTC");
  await expect(part("Slowest hours").getByRole("row").nth(1)).toContainText(/\d m?s/);
  await expect(part("Refusals")).toContainText(/Code|Nothing in this span/);

  // Another span, by keyboard; and the same again.
  for (const [key, hours] of [
    ["ArrowRight", 7 * 24],
    ["ArrowRight", 31 * 24],
  ] as const) {
    const next = page.waitForRequest(/\/admin\/overview\?/);
    await page.getByRole("radio", { checked: true }).press(key);
    expect(span((await next).url())).toBe(hours);
  }
  await expect(page.getByRole("radio", { name: "31 days" })).toBeChecked();
  await expect(page.getByRole("main")).toHaveAttribute("aria-busy", "false");
  const again = page.waitForResponse(/\/admin\/overview\?/);
  await page.getByRole("button", { name: "Refresh" }).click();
  const overview = (await (await again).json()) as { from: string; messages: { completed: number } };
  const figure = overview.messages.completed;
  await expect(completed).toHaveText(figure.toLocaleString("en"));

  // The sheet is what is shown.
  const saving = page.waitForEvent("download");
  await page.getByRole("button", { name: "Save as CSV" }).click();
  const sheet = await saving;
  expect(sheet.suggestedFilename()).toMatch(/^figures-[\d-]+\.csv$/);
  const lines = (await readFile(await sheet.path(), "utf8")).split("\r\n");
  expect(lines[0]).toBe("section,item,figure,value");
  expect(lines).toContain(`messages,,completed,${figure}`);
  expect(lines).toContain(`span,,from,${overview.from}`);
  expect(lines.some((line) => /^feedback,.*,up,[1-9]/.test(line))).toBe(true);

  // In all looks, for everybody who looks.
  const kept = await token(page);
  for (const { colorScheme, shape, viewport } of LOOKS) {
    const context = await browser.newContext({
      colorScheme,
      viewport,
      bypassCSP: true,
      reducedMotion: "reduce",
      // The page is in English, whatever the chats are in.
      locale: "ar",
      ...(baseURL && { baseURL }),
    });
    const other = await context.newPage();
    await other.addInitScript({ path: axe });
    await other.addInitScript((value) => localStorage.setItem("edgewise.token", value), kept ?? "");
    await other.goto("/admin");
    await expect(other.getByRole("button", { name: "Save as CSV" })).toBeEnabled();
    await other.getByText("Each hour with messages, as a table").click();
    await expect(other.locator("html")).toHaveAttribute("dir", "ltr");
    if (process.env.PAGE_PICTURES)
      await other.screenshot({ path: `${process.env.PAGE_PICTURES}/${colorScheme} ${shape} admin.png` });
    await expect.poll(() => violations(other), { message: `${colorScheme}, ${shape}` }).toEqual([]);
    const isCut = await other.evaluate(() =>
      [document.documentElement, ...document.querySelectorAll(".admin")].some(
        ({ scrollWidth, clientWidth }) => scrollWidth > clientWidth,
      ),
    );
    expect(isCut, `${colorScheme}, ${shape}: nothing is wider than the screen`).toBe(false);
    await context.close();
  }
});

test("an operator shuts a user out and lets them in again, and an address, too", async ({
  account,
  browser,
  baseURL,
}) => {
  const { page } = account;
  const guest = await elsewhere(browser, baseURL);
  await say(guest.page, "said by who is shut out");
  const email = freshEmail();
  await account.signUp(email);
  await promote(account, email);
  await page.goto("/admin");

  // One of the users, found by the id; what is done there holds.
  const id = await guestOf(guest.page);
  await page.getByLabel("Another user’s id").fill(id);
  await page.getByLabel("Another user’s id").press("Enter");
  const dialog = page.getByRole("dialog", { name: `User ${id}` });
  await expect(dialog.getByRole("row", { name: /^Today/ })).toContainText(/[1-9]/);
  await expect(dialog).toContainText("Not shut out.");
  await dialog.getByRole("combobox", { name: /^For/ }).selectOption({ label: "a day" });
  await dialog.getByRole("button", { name: "Block", exact: true }).click();
  await expect(dialog).toContainText("The user is shut out.");
  await expect(dialog).toContainText("Shut out until");
  expect(await status(guest.page)).toBeGreaterThanOrEqual(400);
  await dialog.getByRole("button", { name: "Unblock" }).click();
  await expect(dialog).toContainText("The user is let in again.");
  await expect(dialog).toContainText("Not shut out.");
  // An instance that has refused them remembers it, for a minute at most.
  test.setTimeout(150_000);
  await expect.poll(() => status(guest.page), { timeout: 75_000, intervals: [5_000] }).toBe(200);
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await guest.page.context().close();

  // An address that nobody comes from here.
  const addresses = page.getByRole("region", { name: "Addresses", exact: true });
  const address = addresses.getByLabel("Address", { exact: true });
  await address.fill("no address");
  await addresses.getByRole("button", { name: "Block", exact: true }).click();
  await expect(addresses.getByRole("alert")).toContainText(/It was not done\. .*\(invalid_request, reference /);
  await address.fill("203.0.113.77");
  await addresses.getByRole("button", { name: "Block", exact: true }).click();
  await expect(addresses.getByRole("status")).toHaveText("203.0.113.77 is shut out until midnight.");
  await addresses.getByRole("button", { name: "Unblock" }).click();
  await expect(addresses.getByRole("status")).toHaveText("203.0.113.77 is let in again.");
});
