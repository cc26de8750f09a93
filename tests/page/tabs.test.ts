/** Several tabs of one browser, and words that are not sent yet: none wipes another's, and all show the same chats. */
import { type Page, expect } from "@playwright/test";
import { EdgewisePage, test } from "./page.ts";
import { scenario } from "./stack.ts";

async function said(page: Page, text: string): Promise<EdgewisePage> {
  const edgewise = new EdgewisePage(page);
  await scenario(text, { chunks: 1, chunk_text: "Yes." });
  await edgewise.send(text);
  await expect(edgewise.messages.last()).toContainText("Yes.");
  await edgewise.settledAnswer();
  return edgewise;
}

test("two tabs with a new chat each keep their own words", async ({ page, context }) => {
  const one = new EdgewisePage(page);
  await page.goto("/");
  const other = new EdgewisePage(await context.newPage());
  await other.page.goto("/");
  await one.composer.fill("written in the first");
  await other.composer.fill("written in the second");
  await scenario("written in the second", { chunks: 1, chunk_text: "Yes." });
  await other.composer.press("Enter");
  await other.settledAnswer();
  await page.reload();
  await expect(one.composer).toHaveValue("written in the first");
});

test("an edit survives another chat, a reload and the edit of another message", async ({ page }) => {
  await page.goto("/");
  const edgewise = await said(page, "the first question");
  const address = page.url();
  await scenario("the second question", { chunks: 1, chunk_text: "No." });
  await edgewise.send("the second question");
  await expect(edgewise.messages.last()).toContainText("No.");
  await edgewise.settledAnswer();
  const field = page.getByRole("textbox", { name: "Edit message" });
  const edit = async (at: number) => {
    await edgewise.messages.nth(at).hover();
    await edgewise.messages.nth(at).getByRole("button", { name: "Edit message" }).click();
  };
  await edit(0);
  await field.fill("the first, in other words");
  await edgewise.sessions.getByRole("link", { name: "New chat" }).click();
  await expect(field).toHaveCount(0);
  await page.goto(address);
  await expect(field).toHaveValue("the first, in other words");
  await edit(2);
  await expect(field).toHaveValue("the second question");
  await field.fill("the second, in other words");
  await edit(0);
  await expect(field).toHaveValue("the first, in other words");
  await page.keyboard.press("Escape");
  await edit(2);
  await expect(field).toHaveValue("the second, in other words");
  await page.keyboard.press("Escape");
  await edit(0);
  await expect(field, "what was given up is given up").toHaveValue("the first question");
});

test("an Escape that ends a composition ends nothing else", async ({ page }) => {
  await page.goto("/");
  const edgewise = await said(page, "かな");
  const composed = (init: object) => {
    const event = new KeyboardEvent("keydown", { key: "Escape", bubbles: true, cancelable: true, ...init });
    document.activeElement?.dispatchEvent(event);
  };
  const compositions = [{ isComposing: true }, { keyCode: 229 }];
  await edgewise.composer.press("ArrowUp");
  const field = page.getByRole("textbox", { name: "Edit message" });
  await expect(field).toBeFocused();
  for (const init of compositions) await page.evaluate(composed, init);
  await expect(field).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(field).toHaveCount(0);

  await edgewise.choose("かな", "Rename");
  const title = page.getByRole("textbox", { name: "New title" });
  await expect(title).toBeFocused();
  for (const init of compositions) await page.evaluate(composed, init);
  await expect(title).toBeVisible();
  await page.keyboard.press("Escape");

  await scenario("つづき", { chunks: 600, pace_ms: 50, chunk_text: "word{i} " });
  await edgewise.send("つづき");
  await expect(edgewise.answers.last()).toContainText("word3");
  await edgewise.composer.focus();
  for (const init of compositions) await page.evaluate(composed, init);
  await expect(edgewise.answers.last()).toContainText("word8");
  await page.keyboard.press("Escape");
  await expect(await edgewise.settledAnswer()).toContainText("Stopped.");
});

test("a pasted control character and a model that fails leave the words once", async ({ page }) => {
  const edgewise = new EdgewisePage(page);
  await scenario("from an old terminal", { error: { status: 400, code: "invalid_request_error" } });
  await page.goto("/");
  await edgewise.send("from an old \u0007\u001bterminal");
  await expect(edgewise.messages.first()).toContainText("from an old terminal");
  await expect(edgewise.messages.first()).toContainText("could not answer");
  await expect(edgewise.composer).toHaveValue("");
});
