/** A chat taken out of the page: copied, saved, printed; whole, or with a word about what it lacks. */
import { readFile } from "node:fs/promises";
import { inflateSync } from "node:zlib";
import { type Download, type Page, expect } from "@playwright/test";
import { chatOf } from "../../static/src/later/export/json.ts";
import { quoted } from "../../static/src/text/isolated.ts";
import { axe } from "./axe.ts";
import { EdgewisePage, test } from "./page.ts";
import { shapes } from "./shapes.ts";
import { guestOf, longSession, scenario, streamed } from "./stack.ts";

test.use({ permissions: ["clipboard-read", "clipboard-write"] });

const dialogIn = (page: Page) => page.getByRole("dialog", { name: /^Export/ });
const clipboardOf = (page: Page) => page.evaluate(() => navigator.clipboard.readText());

async function openExport({ page, sessions }: EdgewisePage, title: string): Promise<void> {
  await sessions.getByRole("button", { name: `More for ${quoted(title)}` }).click();
  await page.getByRole("menuitem", { name: "Export…" }).click();
  await expect(dialogIn(page)).toBeVisible();
}

/** What a click on the choice `name` has the browser save. */
async function saved(page: Page, name: string): Promise<{ name: string; text: string }> {
  const [download]: [Download, unknown] = await Promise.all([
    page.waitForEvent("download"),
    dialogIn(page).getByRole("button", { name }).click(),
  ]);
  return { name: download.suggestedFilename(), text: await readFile(await download.path(), "utf8") };
}

test("a long chat that is not open is copied and saved whole, also after a fault, and by keyboard", async ({
  page,
}) => {
  const edgewise = new EdgewisePage(page);
  await page.goto("/");
  await scenario("who exports", { chunks: 1, chunk_text: "You." });
  await edgewise.send("who exports");
  await edgewise.settledAnswer();
  const id = await longSession(await guestOf(page), 120);
  await page.reload();
  const button = edgewise.sessions.getByRole("button", { name: "More for “A long one”" });
  await button.focus();
  await page.keyboard.press("Enter");
  // The menu is loaded, and keys before it is there are not its own.
  await expect(page.getByRole("menuitem").first()).toBeFocused();
  for (const key of ["ArrowDown", "ArrowDown"]) await page.keyboard.press(key);
  await expect(page.getByRole("menuitem", { name: "Export…" })).toBeFocused();
  await page.keyboard.press("Enter");
  const dialog = dialogIn(page);
  await expect(dialog.getByRole("heading")).toBeFocused();

  // The newest messages are read, and then nothing comes.
  const asked: string[] = [];
  page.on("request", (request) => request.url().includes(`/chat/sessions/${id}`) && asked.push(request.url()));
  let answer: "hang" | "fail" = "hang";
  await page.route(/before=/, (route) => (answer === "fail" ? route.abort() : undefined));
  const copy = dialog.getByRole("button", { name: "Copy as Markdown" });
  await copy.focus();
  await page.keyboard.press("Enter");
  await expect(dialog.getByText("100 messages")).toBeVisible();
  await expect(copy).toBeFocused();
  await expect(dialog.getByRole("button", { name: "Download JSON" })).toHaveAttribute("aria-disabled", "true");
  await dialog.getByRole("button", { name: "Cancel" }).focus();
  await page.keyboard.press("Enter");
  await expect(dialog.getByRole("status")).toContainText("Cancelled.");
  await expect(copy).toBeFocused();
  answer = "fail";
  await page.keyboard.press("Enter");
  await expect(dialog.getByRole("alert")).toContainText("could not be read to its beginning");
  await page.unroute(/before=/);
  await page.keyboard.press("Enter");
  await expect(dialog.getByRole("status")).toHaveText("Copied.");
  await expect(dialog.getByRole("alert")).toHaveCount(0);
  expect(
    asked.filter((url) => !url.includes("before=")),
    "the newest messages were read once",
  ).toHaveLength(1);

  const text = await clipboardOf(page);
  expect(text).toMatch(/^---\ntitle: "A long one"\n.*\nai-generated: true\n---\n/s);
  expect(text.match(/^<!-- message \d+, .*-->$/gm)).toHaveLength(120);
  expect(text.match(/^# You$/gm)).toHaveLength(60);
  expect(text).toContain("\nQuestion 1\n");
  expect(text).toContain("Answer **120**");

  const readSoFar = asked.length;
  expect(await saved(page, "Download Markdown")).toMatchObject({ name: "A long one.md" });
  const json = await saved(page, "Download JSON");
  expect(json.name).toBe("A long one.json");
  expect(chatOf(json.text).messages).toHaveLength(120);
  await expect(dialog.getByRole("status")).toHaveText("Saved as “A long one.json”.");
  expect(asked, "what was read is not read again").toHaveLength(readSoFar);

  await page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();
  await expect(button).toBeFocused();
});

test("the branch on screen is what is copied, all branches are in JSON, and a running answer is told", async ({
  page,
}) => {
  const edgewise = new EdgewisePage(page);
  await page.goto("/");
  await streamed("two versions", "The first one:\n\n```js\nlet open;", 1, 5);
  await edgewise.send("two versions");
  await edgewise.settledAnswer();
  await streamed("two versions", "The second one.", 1, 5);
  await edgewise.answers.last().getByRole("button", { name: "Ask again" }).click();
  await expect(edgewise.answers.last()).toContainText("The second one.");
  await edgewise.settledAnswer();
  await page.getByRole("button", { name: "Previous version" }).click();
  await expect(edgewise.answers.last()).toContainText("The first one:");
  await edgewise.choose("two versions", "Rename");
  await page.keyboard.type("潮/汐: 1?");
  await page.keyboard.press("Enter");

  await openExport(edgewise, "潮/汐: 1?");
  const markdown = await saved(page, "Download Markdown");
  expect(markdown.name).toBe("潮 汐 1.md");
  expect(markdown.text).toContain('title: "潮/汐: 1?"');
  expect(markdown.text).toMatch(/models: \[".+"\]/);
  expect(markdown.text).toMatch(/# Edgewise\n\nThe first one:\n\n```js\nlet open;\n```\n$/);
  expect(markdown.text).not.toContain("The second one.");
  const chat = chatOf((await saved(page, "Download JSON")).text);
  expect(chat.messages.map(({ content }) => content.slice(0, 10))).toEqual(["two versio", "The first ", "The second"]);
  expect(chat.leaf).toBe(chat.messages[1]?.id);
  await page.keyboard.press("Escape");

  await scenario("as long as paper", { chunks: 2000, pace_ms: 20, chunk_text: "word{i} " });
  await edgewise.send("as long as paper");
  await expect(edgewise.answers.last()).toContainText("word9");
  await openExport(edgewise, "潮/汐: 1?");
  await expect(dialogIn(page)).toContainText("An answer is still being written.");
  await dialogIn(page).getByRole("button", { name: "Copy as Markdown" }).click();
  await expect(dialogIn(page).getByRole("status")).toHaveText("Copied.");
  const running = await clipboardOf(page);
  expect(running).toContain("\ncomplete: false\n");
  expect(running).toMatch(/# Edgewise \(still being written\)\n\nword0 .*word9/);
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Stop answering" }).click();
});

test("a chat is printed whole, once its code and formulas are there", async ({ page }) => {
  const edgewise = new EdgewisePage(page);
  await page.addInitScript(() => {
    localStorage.setItem("edgewise.theme", "dark");
    // What the paper would have, at the moment when the browser takes it.
    window.print = () => {
      dispatchEvent(new Event("beforeprint"));
      const count = (what: string) => document.querySelectorAll(what).length;
      const paper = { articles: count("article"), code: count(".code [class^=hljs]"), maths: count("math") };
      document.documentElement.dataset.printed = JSON.stringify({ ...paper, title: document.title });
    };
  });
  await page.goto("/");
  await scenario("who prints", { chunks: 1, chunk_text: "You." });
  await edgewise.send("who prints");
  await edgewise.settledAnswer();
  const answer = "\n\n```js\nlet a = 1;\n```\n\nwith \\(\\frac{a}{b}\\) in it";
  const id = await longSession(await guestOf(page), 110, answer);
  await page.reload();
  await openExport(edgewise, "A long one");
  await dialogIn(page).getByRole("button", { name: "Print or save as PDF" }).click();
  await expect(page.locator("html")).toHaveAttribute("data-printed", /./, { timeout: 60_000 });
  await expect(dialogIn(page)).toBeHidden();
  await expect(page).toHaveURL(new RegExp(`/c/${id}$`));
  const printed = JSON.parse((await page.locator("html").getAttribute("data-printed")) ?? "") as object;
  expect(printed).toMatchObject({ articles: 110, maths: 55, title: "A long one" });
  expect((printed as { code: number }).code).toBeGreaterThanOrEqual(55);

  await page.emulateMedia({ media: "print" });
  for (const name of ["Question 1", "Question 109"]) await expect(page.getByText(name, { exact: true })).toBeVisible();
  for (const hidden of [
    edgewise.sessions,
    edgewise.composer,
    page.getByRole("button", { name: "Copy message" }).last(),
  ])
    await expect(hidden).toBeHidden();
  await expect(page.getByText("The answers were written by an AI.")).toBeVisible();
  const pictures = process.env.PAGE_PICTURES;
  const pdf = await page.pdf(pictures ? { path: `${pictures}/export.pdf` } : {});
  expect(pagesOf(pdf)).toBeGreaterThan(5);
  if (pictures) await page.screenshot({ path: `${pictures}/export-print.png` });

  await page.evaluate(() => dispatchEvent(new Event("afterprint")));
  await page.emulateMedia({ media: "screen" });
  await expect(page.getByText("The answers were written by an AI.")).toHaveCount(0);
  await expect(page).toHaveTitle(/A long one.*Edgewise/);
  await expect(page.locator(".notice")).toHaveCount(0);
});

/** How many pages a PDF has, whether its objects are compressed or not. */
function pagesOf(pdf: Buffer): number {
  const text = pdf.toString("latin1");
  const streams = [...text.matchAll(/stream\r?\n(.*?)\r?\nendstream/gs)].map(([, data = ""]) => {
    try {
      return inflateSync(Buffer.from(data, "latin1")).toString("latin1");
    } catch {
      return "";
    }
  });
  return [text, ...streams].join("\n").match(/\/Type\s*\/Page\b/g)?.length ?? 0;
}

test("nothing bars the way to an export", async ({ browser, baseURL }) => {
  const context = await browser.newContext({ bypassCSP: true, ...(baseURL ? { baseURL } : {}) });
  const page = await context.newPage();
  await page.addInitScript({ path: axe });
  const edgewise = new EdgewisePage(page);
  await page.goto("/");
  await scenario("in the way", { chunks: 1, chunk_text: "Nothing." });
  await edgewise.send("in the way");
  await edgewise.settledAnswer();
  await openExport(edgewise, "in the way");
  await dialogIn(page).getByRole("button", { name: "Download JSON" }).click();
  await expect(dialogIn(page).getByRole("status")).toContainText("Saved as");
  await shapes(page, "export");
  await context.close();
});
