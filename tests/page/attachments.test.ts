/** Long pastes and text files stand beside the words of a message, and are sent in it as blocks of code. */
import { type Page, expect } from "@playwright/test";
import { axe, violations } from "./axe.ts";
import { EdgewisePage, test } from "./page.ts";
import { shapes } from "./shapes.ts";
import { scenario } from "./stack.ts";

// The page's own policy would refuse the checker's evaluation.
test.use({ bypassCSP: true });
test.beforeEach(({ page }) => page.addInitScript({ path: axe }));

const chips = (page: Page) => page.getByRole("list", { name: "Attached to the message" }).getByRole("listitem");
const attachButton = (page: Page) => page.getByRole("button", { name: "Attach text files" });
const said = (page: Page) => page.locator("p[aria-live]");

interface Given {
  name: string;
  content: string | number[];
}

async function opened(page: Page): Promise<EdgewisePage> {
  await page.goto("/");
  // What attaches comes once the browser is idle.
  await expect(attachButton(page)).toBeVisible();
  return new EdgewisePage(page);
}

/** Pastes into the field with the focus: what nobody takes is written there. */
async function paste(page: Page, text: string): Promise<void> {
  const isLeft = await page.evaluate((text) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData("text/plain", text);
    const event = new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true });
    return document.activeElement?.dispatchEvent(event) === true;
  }, text);
  if (isLeft) await page.keyboard.insertText(text);
}

/** Holds files over the page, and lets them go. */
async function drop(page: Page, files: Given[]): Promise<void> {
  const transfer = await page.evaluateHandle((files) => {
    const transfer = new DataTransfer();
    for (const { name, content } of files)
      transfer.items.add(new File([typeof content === "string" ? content : new Uint8Array(content)], name));
    return transfer;
  }, files);
  const anywhere = page.getByRole("region", { name: "Messages" });
  await anywhere.dispatchEvent("dragover", { dataTransfer: transfer });
  await expect(page.getByText("Drop text files here")).toBeVisible();
  await anywhere.dispatchEvent("drop", { dataTransfer: transfer });
  await expect(page.getByText("Drop text files here")).toHaveCount(0);
}

test("a long paste is kept, sent as a block that nothing in it ends, and edited as it was sent", async ({ page }) => {
  const edgewise = await opened(page);
  await scenario("What does it do?", { chunks: 1, chunk_text: "It counts." });
  const long = `# Notes\n\`\`\`js\nlet a;\n\`\`\`\n${"word ".repeat(500)}end`;
  await edgewise.composer.fill("What does it do?");
  await paste(page, " Short.");
  await expect(edgewise.composer).toHaveValue("What does it do? Short.");
  await paste(page, long);
  await expect(chips(page)).toHaveText([/Pasted text2,\d{3} characters/]);
  await expect(edgewise.composer).toHaveValue("What does it do? Short.");
  await expect(edgewise.composer).toBeFocused();
  await expect(said(page)).toContainText("Attached: “Pasted text”.");

  await page.reload();
  await expect(chips(page)).toHaveCount(1);
  await expect(edgewise.composer).toHaveValue("What does it do? Short.");

  const content = `What does it do? Short.\n\n\`\`\`\`text title="Pasted text"\n${long}\n\`\`\`\``;
  await test.step("what does not get through is beside the words again", async () => {
    await page.route("**/messages", (route) => route.abort());
    await edgewise.composer.press("Enter");
    await expect(page.getByRole("alert").filter({ hasText: "cannot be reached" })).toBeVisible();
    await expect(chips(page)).toHaveCount(1);
    await expect(edgewise.composer).toHaveValue("What does it do? Short.");
    await page.unroute("**/messages");
  });
  const [request] = await Promise.all([page.waitForRequest("**/messages"), edgewise.composer.press("Enter")]);
  expect((request.postDataJSON() as { content: string }).content).toBe(content);
  await expect(chips(page)).toHaveCount(0);
  await expect(await edgewise.settledAnswer()).toContainText("It counts.");
  await expect(edgewise.messages).toHaveCount(2);
  await edgewise.composer.press("ArrowUp");
  await expect(page.getByRole("textbox", { name: "Edit message" })).toHaveValue(content);
});

test("words that end in a line break leave the field with what is attached, and are sent once", async ({ page }) => {
  const edgewise = await opened(page);
  await scenario("Fix this:", { chunks: 1, chunk_text: "It is mended." });
  const long = "error ".repeat(400).trim();
  const sent: string[] = [];
  page.on("request", (request) => {
    if (request.method() === "POST" && request.url().endsWith("/messages"))
      sent.push((request.postDataJSON() as { content: string }).content);
  });
  await edgewise.composer.fill("Fix this:\n");
  await paste(page, long);
  await expect(chips(page)).toHaveCount(1);
  await edgewise.composer.press("Enter");
  await expect(edgewise.composer).toHaveValue("");
  await expect(chips(page)).toHaveCount(0);
  await expect(await edgewise.settledAnswer()).toContainText("It is mended.");
  await expect(edgewise.composer).toHaveValue("");
  await expect(chips(page)).toHaveCount(0);
  // Enter in the empty field sends nothing.
  await edgewise.composer.press("Enter");
  await expect(edgewise.messages).toHaveCount(2);
  expect(sent).toEqual([`Fix this:\n\n\n\`\`\`text title="Pasted text"\n${long}\n\`\`\``]);
});

test("a block of code in the visitor's own words stays in them", async ({ page }) => {
  const edgewise = await opened(page);
  const own = 'Before\n\n```js title="a"\n1\n```\n\nAfter';
  await edgewise.composer.fill(own);
  await page.reload();
  await expect(attachButton(page)).toBeVisible();
  await expect(edgewise.composer).toHaveValue(own);
  await expect(chips(page)).toHaveCount(0);
  await edgewise.composer.fill("");
  const notes = 'Notes\n\n```js title="a"\n1\n```';
  await drop(page, [{ name: "notes.md", content: notes }]);
  await page.getByRole("button", { name: "Put “notes.md” into the message field" }).click();
  await expect(edgewise.composer).toHaveValue(notes);
  await expect(chips(page)).toHaveCount(0);
});

test("files are chosen and dropped; what cannot be sent is named, and nothing else is lost", async ({ page }) => {
  const edgewise = await opened(page);
  await edgewise.composer.fill("Compare");
  const [chooser] = await Promise.all([page.waitForEvent("filechooser"), attachButton(page).click()]);
  const file = (name: string, buffer: Buffer) => ({ name, mimeType: "application/octet-stream", buffer });
  await chooser.setFiles([
    file("a.py", Buffer.from("print(1)\r\n")),
    file("a.py", Buffer.from("print(2)")),
    file("photo.png", Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 0])),
    file("old.txt", Buffer.from([0x47, 0xfc])),
    file("big.log", Buffer.alloc(20_001, "x")),
    file("none.txt", Buffer.alloc(0)),
  ]);
  await expect(chips(page)).toHaveText([/^a\.py8 characters$/, /^a \(2\)\.py8 characters$/]);
  await expect(edgewise.notice("“photo.png” was not attached: only text can be sent.")).toBeVisible();
  await expect(edgewise.notice(/“old.txt” was not attached: the text is not in UTF-8/)).toBeVisible();
  await expect(edgewise.notice("“big.log” was not attached: a file may have 20 kB at most.")).toBeVisible();
  await expect(edgewise.notice(/“none.txt” is empty/)).toBeVisible();
  await expect(edgewise.composer).toHaveValue("Compare");

  await test.step("the total is counted, and the one that does not fit is named", async () => {
    await drop(page, [
      { name: "large.csv", content: "1;2\n".repeat(980) },
      { name: "tiny.csv", content: "1;2" },
    ]);
    await expect(chips(page)).toHaveCount(4);
    await expect(page.locator(".composer")).toContainText("“large.csv” does not fit: a message may have 4,000");
    await expect(chips(page).nth(2)).toContainText("does not fit");
    await expect(chips(page).nth(3)).not.toContainText("does not fit");
    await expect(page.locator(".composer-note")).toContainText("of 4,000 characters");
    await expect(page.getByRole("button", { name: "Send", exact: true })).toBeDisabled();
    await expect(said(page)).toContainText("“large.csv” does not fit");
    await expect.poll(() => violations(page)).toEqual([]);
  });

  await test.step("removed by keyboard, and brought back", async () => {
    await page.getByRole("button", { name: "Remove “large.csv”" }).focus();
    await page.keyboard.press("Enter");
    await expect(chips(page)).toHaveCount(3);
    await expect(page.getByRole("button", { name: "Remove “tiny.csv”" })).toBeFocused();
    await page.keyboard.press("Control+z");
    await expect(chips(page).nth(2)).toContainText("large.csv");
    await page.getByRole("button", { name: "Remove “large.csv”" }).press("Enter");
    await page.getByRole("button", { name: "Remove “tiny.csv”" }).press("Enter");
    await expect(page.getByRole("button", { name: "Remove “a (2).py”" })).toBeFocused();
  });

  await test.step("one is put into the field, the last is sent", async () => {
    await page.getByRole("button", { name: "Put “a (2).py” into the message field" }).press("Enter");
    await expect(edgewise.composer).toHaveValue("Compare\n\nprint(2)");
    await expect(edgewise.composer).toBeFocused();
    await edgewise.composer.fill("");
    const [request] = await Promise.all([page.waitForRequest("**/messages"), edgewise.composer.press("Enter")]);
    expect((request.postDataJSON() as { content: string }).content).toBe('a.py\n\n```py title="a.py"\nprint(1)\n```');
    await edgewise.settledAnswer();
    await expect(edgewise.sessions.getByRole("link", { name: /^a\.py…?/ })).toBeVisible();
  });
});

test("nothing is attached without a bound, nor to another message than it is dropped on", async ({ page }) => {
  const edgewise = await opened(page);
  await edgewise.composer.focus();
  await paste(page, "x".repeat(20_001));
  await expect(edgewise.notice("“Pasted text” was not attached: a file may have 20 kB at most.")).toBeVisible();
  await expect(edgewise.composer).toHaveValue("");
  await expect(chips(page)).toHaveCount(0);
  await drop(
    page,
    Array.from({ length: 22 }, (_, at) => ({ name: `${at + 1}.txt`, content: "x" })),
  );
  await expect(chips(page)).toHaveCount(20);
  await expect(
    edgewise.notice("“21.txt”, “22.txt” were not attached: a message may have 20 attachments"),
  ).toBeVisible();

  await page.getByRole("button", { name: "Remove “20.txt”" }).click();
  await scenario("Drop it", { chunks: 1, chunk_text: "Where?" });
  await edgewise.composer.fill("Drop it");
  await edgewise.composer.press("Enter");
  await edgewise.settledAnswer();
  await edgewise.composer.press("ArrowUp");
  const edited = page.getByRole("textbox", { name: "Edit message" });
  const transfer = await page.evaluateHandle(() => {
    const transfer = new DataTransfer();
    transfer.items.add(new File(["x"], "late.txt"));
    return transfer;
  });
  await edited.dispatchEvent("dragover", { dataTransfer: transfer });
  await edited.dispatchEvent("drop", { dataTransfer: transfer });
  await expect(edgewise.notice("Only text can be sent here")).toBeVisible();
  await expect(page.getByText("Drop text files here")).toHaveCount(0);
  await expect(chips(page)).toHaveCount(0);
});

test("in each shape nothing is wider than the screen, and nothing bars the way", async ({ page }) => {
  await opened(page);
  await drop(page, [
    { name: `${"a-very-long-name".repeat(8)}.txt`, content: "x".repeat(5000) },
    { name: "b.txt", content: "y" },
  ]);
  await expect(chips(page)).toHaveCount(2);
  await shapes(page, "attachments");
});
