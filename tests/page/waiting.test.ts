/** What is said is seen at once: before the model has said anything, and while it still speaks. */
import { type Page, expect } from "@playwright/test";
import { EdgewisePage, test } from "./page.ts";
import { scenario } from "./stack.ts";

test("a message stands in the thread with dots before the model's first byte, and the field is free", async ({
  page,
}) => {
  const edgewise = new EdgewisePage(page);
  await scenario("slow to begin", { chunks: 3, chunk_text: "word{i} ", first_byte_delay_ms: 4000 });
  await page.goto("/");
  const answered = page.waitForResponse(/\/chat\/messages$/);
  await edgewise.send("slow to begin");
  await expect(edgewise.messages).toHaveCount(2, { timeout: 1500 });
  await expect(edgewise.messages.first()).toContainText("slow to begin");
  await expect(page.getByRole("img", { name: "Waiting for the first words" })).toBeVisible();
  await expect(page.getByText("What is on your mind?")).toHaveCount(0);
  await expect(edgewise.composer).toHaveValue("");
  await edgewise.composer.pressSequentially("and then");
  await answered;
  await edgewise.settledAnswer();
  await expect(edgewise.messages).toHaveCount(2);
  await expect(edgewise.composer, "what was written meanwhile").toHaveValue("and then");
});

test("a refused message goes back to the field, before what was written meanwhile", async ({ page }) => {
  const edgewise = new EdgewisePage(page);
  await page.goto("/");
  let refuse: (() => void) | undefined;
  const held = new Promise<void>((resolve) => (refuse = resolve));
  await page.route("**/chat/messages", async (route) => {
    await held;
    await route.abort("connectionreset");
  });
  await edgewise.send("refused");
  await expect(edgewise.messages).toHaveCount(2);
  await edgewise.composer.pressSequentially("more");
  refuse?.();
  await expect(edgewise.messages).toHaveCount(0);
  await expect(edgewise.composer).toHaveValue("refused\n\nmore");
});

/** Asks something whose answer takes a while. */
async function during(page: Page): Promise<EdgewisePage> {
  const edgewise = new EdgewisePage(page);
  await scenario("tell me long", { chunks: 400, pace_ms: 50, chunk_text: "word{i} " });
  await page.goto("/");
  await edgewise.send("tell me long");
  await expect(edgewise.answers.last()).toContainText("word3");
  return edgewise;
}

test("Enter while an answer streams: the message waits in sight, and goes out when the answer has ended", async ({
  page,
}) => {
  const edgewise = await during(page);
  await scenario("what comes next", { chunks: 1, chunk_text: "This." });
  await edgewise.send("what comes next");
  await expect(edgewise.composer).toHaveValue("");
  const waiting = edgewise.messages.filter({ hasText: "Goes out when the answer has ended" });
  await expect(waiting).toContainText("what comes next");
  await expect(page.locator("[aria-live]")).toContainText("Goes out when the answer has ended");
  await expect(edgewise.answers.last()).toContainText("This.", { timeout: 45_000 });
  await edgewise.settledAnswer();
  await expect(edgewise.messages).toHaveCount(4);
  await expect(edgewise.messages.nth(1)).toContainText("word399");
  await expect(waiting).toHaveCount(0);
});

test("what waits is taken back, and survives a reload", async ({ page }) => {
  const edgewise = await during(page);
  await edgewise.send("not so fast");
  await edgewise.send("second thoughts");
  await edgewise.messages.filter({ hasText: "not so fast" }).getByRole("button", { name: "Take back" }).click();
  await expect(edgewise.composer).toHaveValue("not so fast");
  await expect(edgewise.composer).toBeFocused();
  await edgewise.composer.fill("");
  await scenario("second thoughts", { chunks: 1, chunk_text: "Are best." });
  await page.reload();
  await expect(edgewise.answers.last()).toContainText("Are best.");
  await expect(edgewise.messages).toHaveCount(4);
});

test("a chat that answers elsewhere is marked in the list", async ({ page }) => {
  const edgewise = await during(page);
  await edgewise.sessions.getByRole("link", { name: "New chat" }).click();
  const row = edgewise.sessions.getByRole("link", { name: "tell me long" });
  await expect(row.getByRole("img", { name: "is being answered" })).toBeVisible();
  await expect(row.getByRole("img")).toHaveCount(0, { timeout: 45_000 });
});

test("a chat that does not exist says so, and offers a new one", async ({ page }) => {
  const edgewise = new EdgewisePage(page);
  await page.goto("/c/019abcde-0000-7000-8000-000000000000");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("No such chat");
  await expect(edgewise.composer).toHaveCount(0);
  await page.getByRole("button", { name: "New chat" }).click();
  await expect(edgewise.composer).toBeFocused();
});

test("a pasted picture and a dropped file are answered with words", async ({ page }) => {
  const edgewise = new EdgewisePage(page);
  await page.goto("/");
  await edgewise.composer.evaluate((field) => {
    const data = new DataTransfer();
    data.items.add(new File(["x"], "x.png", { type: "image/png" }));
    field.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
  });
  const notice = page.locator(".notice").filter({ hasText: "Only text can be sent" });
  await expect(notice).toBeVisible();
  await notice.getByRole("button", { name: "Dismiss" }).click();
  const isRefused = await page.evaluate(() => {
    const data = new DataTransfer();
    data.items.add(new File(["x"], "x.png", { type: "image/png" }));
    const dropped = (name: string) =>
      !document.body.dispatchEvent(new DragEvent(name, { dataTransfer: data, bubbles: true, cancelable: true }));
    return dropped("dragover") && dropped("drop");
  });
  expect(isRefused, "the browser does not open it").toBe(true);
  await expect(notice).toBeVisible();
});
