/** Links to a chat: made from its menu, copied, moved, revoked; and the page behind one, for whoever has it. */
import { type Page, expect } from "@playwright/test";
import { quoted } from "../../static/src/text/isolated.ts";
import { axe } from "./axe.ts";
import { EdgewisePage, test } from "./page.ts";
import { shapes } from "./shapes.ts";
import { scenario } from "./stack.ts";

test.use({ permissions: ["clipboard-read", "clipboard-write"] });

const dialogIn = (page: Page) => page.getByRole("dialog", { name: /^Share/ });
const clipboardOf = (page: Page) => page.evaluate(() => navigator.clipboard.readText());

const ANSWER =
  "It is **bold**, `code` and a [link](https://example.org/).\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n<b>no tag</b>";

/** A chat with one answer in Markdown, and the dialog of its links. */
async function shareOf(page: Page, question: string): Promise<EdgewisePage> {
  const edgewise = new EdgewisePage(page);
  await scenario(question, { chunks: 1, chunk_text: ANSWER });
  await page.goto("/");
  await edgewise.send(question);
  await edgewise.settledAnswer();
  await openShare(edgewise, question);
  return edgewise;
}

async function openShare({ page, sessions }: EdgewisePage, title: string): Promise<void> {
  await sessions.getByRole("button", { name: `More for ${quoted(title)}` }).click();
  await page.getByRole("menuitem", { name: "Share…" }).click();
  await expect(dialogIn(page).getByRole("heading", { name: /^Share/ })).toBeFocused();
}

test("a link is made, read by a stranger, moved and revoked", async ({ page, browser }) => {
  const edgewise = await shareOf(page, "who shares this");
  const dialog = dialogIn(page);
  await expect(dialog.getByText("There are no links to this chat.")).toBeVisible();
  await dialog.getByRole("combobox", { name: "The link ends" }).selectOption("after a week");
  await dialog.getByRole("button", { name: "Make a link" }).click();
  await expect(dialog.getByRole("status")).toHaveText("The link is made and copied.");
  const address = await clipboardOf(page);
  expect(address).toMatch(/\/s\/[\w-]{32}$/);
  await expect(dialog.getByRole("textbox", { name: "Link" })).toHaveValue(address);
  await expect(dialog.getByText(/^Made .*, ends /)).toBeVisible();

  // Somebody else, without a token of the API: text first, Markdown as soon as the script is there.
  const context = await browser.newContext();
  const stranger = await context.newPage();
  const problems: string[] = [];
  stranger.on("console", (message) => message.type() === "error" && problems.push(message.text()));
  stranger.on("pageerror", (error) => problems.push(String(error)));
  const asked: string[] = [];
  stranger.on("request", (request) => asked.push(new URL(request.url()).pathname));
  await stranger.goto(address);
  await expect(stranger.getByRole("heading", { level: 1 })).toHaveText("who shares this");
  await expect(stranger.locator("strong")).toHaveText("bold");
  await expect(stranger.getByRole("table")).toContainText("2");
  await expect(stranger.getByText("made by AI")).toBeVisible();
  await expect(stranger.locator("article")).toHaveCount(2);
  expect(
    asked.filter((path) => path.startsWith("/api/")),
    "no call of the API",
  ).toEqual([]);
  expect(await stranger.evaluate(() => Object.keys(localStorage).filter((key) => key.includes("token")))).toEqual([]);
  expect(problems).toEqual([]);
  await context.close();

  // It stays as it is until it is moved.
  await page.keyboard.press("Escape");
  await scenario("and what then", { chunks: 1, chunk_text: "Then this." });
  await edgewise.send("and what then");
  await edgewise.settledAnswer();
  const messages = async () => (await (await page.request.get(address)).text()).split("<article").length - 1;
  expect(await messages()).toBe(2);
  await openShare(edgewise, "who shares this");
  await dialog.getByRole("button", { name: "Show what is here now" }).click();
  await expect(dialog.getByRole("status")).toHaveText("The link shows the chat as it is now.");
  expect(await messages()).toBe(4);

  await dialog.getByRole("button", { name: "Revoke" }).click();
  await expect(dialog.getByRole("status")).toContainText("The link is revoked.");
  await expect(dialog.getByRole("heading", { name: /^Share/ })).toBeFocused();
  expect((await page.request.get(address)).status()).toBe(404);
});

test("the page behind a link can be read without a script, and says where it leads to nothing", async ({
  page,
  browser,
}) => {
  await shareOf(page, "who reads plainly");
  await dialogIn(page).getByRole("button", { name: "Make a link" }).click();
  await expect(dialogIn(page).getByRole("status")).toHaveText("The link is made and copied.");
  const address = await clipboardOf(page);
  const context = await browser.newContext({ javaScriptEnabled: false });
  const plain = await context.newPage();
  await plain.goto(address);
  await expect(plain.locator("article").last()).toContainText("It is **bold**");
  await expect(plain.locator("article").last()).toContainText("<b>no tag</b>");
  await plain.goto(`${address.slice(0, -1)}${address.endsWith("A") ? "B" : "A"}`);
  await expect(plain.getByRole("heading", { level: 1 })).toContainText("This link shows nothing.");
  await context.close();
});

test("nothing bars the way to a link, nor on the page behind it", async ({ browser, baseURL }) => {
  const permissions = ["clipboard-read", "clipboard-write"];
  const context = await browser.newContext({
    bypassCSP: true,
    permissions,
    ...(baseURL ? { baseURL } : {}),
  });
  const page = await context.newPage();
  await page.addInitScript({ path: axe });
  await shareOf(page, "who looks at it");
  await dialogIn(page).getByRole("button", { name: "Make a link" }).click();
  await expect(dialogIn(page).getByRole("status")).toHaveText("The link is made and copied.");
  const address = await clipboardOf(page);
  await shapes(page, "share");
  await page.goto(address);
  await expect(page.locator("strong")).toHaveText("bold");
  await shapes(page, "shared");
  await context.close();
});

test("a stranger goes on with a shared chat as their own, after a question", async ({ page, browser }) => {
  await shareOf(page, "who goes on with this");
  await dialogIn(page).getByRole("button", { name: "Make a link" }).click();
  await expect(dialogIn(page).getByRole("status")).toHaveText("The link is made and copied.");
  const address = await clipboardOf(page);
  await scenario("on my own", { chunks: 1, chunk_text: "On your own." });

  const context = await browser.newContext();
  const stranger = await context.newPage();
  await stranger.goto(address);
  await stranger.getByRole("link", { name: "Go on with this chat" }).click();
  const question = stranger.getByRole("dialog", { name: "Go on with this shared chat?" });
  await expect(question.getByText("who goes on with this")).toBeVisible();
  expect(new URL(stranger.url()).hash, "the address does not keep it").toBe("");
  const own = new EdgewisePage(stranger);
  const copy = own.sessions.getByRole("link", { name: "who goes on with this" });
  await expect(copy, "a link alone does nothing").toHaveCount(0);
  await question.getByRole("button", { name: "Go on", exact: true }).press("Enter");
  await expect(stranger).toHaveURL(/\/c\/[\w-]+$/);
  await expect(own.messages.last()).toContainText("bold");
  await own.send("on my own");
  await expect(await own.settledAnswer()).toContainText("On your own.");
  await expect(copy).toHaveCount(1);
  await context.close();
});
