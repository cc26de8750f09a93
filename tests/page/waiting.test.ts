/** What is said is seen at once: before the model has said anything, and while it still speaks. */
import { type Page, expect } from "@playwright/test";
import { EdgewisePage, restingTop, test } from "./page.ts";
import { scenario } from "./stack.ts";

test("a message stands in the thread with dots before the model's first byte, and the field is free", async ({
  page,
}) => {
  const edgewise = new EdgewisePage(page);
  await scenario("slow to begin", { chunks: 3, chunk_text: "word{i} ", first_byte_delay_ms: 4000 });
  await page.goto("/");
  const answered = page.waitForResponse(/\/chat\/messages$/);
  await edgewise.send("slow to begin");
  await expect(edgewise.messages).toHaveCount(2, { timeout: 3500 });
  await expect(edgewise.messages.first()).toContainText("slow to begin");
  await expect(page.getByRole("img", { name: "Waiting for the first words" })).toBeVisible();
  await expect(page.getByText("What is on your mind?")).toHaveCount(0);
  await expect(page.locator("p[aria-live]")).toContainText("Waiting for the first words");
  await expect(edgewise.composer).toHaveValue("");
  await edgewise.composer.pressSequentially("slow to begin");
  await answered;
  await edgewise.settledAnswer();
  await expect(edgewise.messages).toHaveCount(2);
  await expect(edgewise.composer, "what was written meanwhile, if it is the same").toHaveValue("slow to begin");
});

test("what waits in a new chat survives a reload before the first byte, and a copy of the tab does not send it twice", async ({
  page,
  context,
}) => {
  const edgewise = new EdgewisePage(page);
  await scenario("first of a pair", { chunks: 3, chunk_text: "One{i} ", first_byte_delay_ms: 4000 });
  await scenario("second of the pair", { chunks: 3, chunk_text: "Two{i} " });
  await page.goto("/");
  await edgewise.send("first of a pair");
  await edgewise.send("second of the pair");
  await expect(edgewise.messages).toHaveCount(3);
  await page.reload();
  await expect(edgewise.messages).toHaveCount(3);
  // As by "Duplicate tab".
  const kept = await page.evaluate(() => Object.entries(sessionStorage) as [string, string][]);
  const copy = new EdgewisePage(await context.newPage());
  await copy.page.addInitScript((entries) => {
    if (sessionStorage.length === 0) for (const [key, value] of entries) sessionStorage.setItem(key, value);
  }, kept);
  await copy.page.goto("/");
  for (const one of [edgewise, copy]) {
    await expect(one.answers.last()).toContainText("Two2", { timeout: 45_000 });
    await one.settledAnswer();
  }
  await page.reload();
  await expect(edgewise.messages).toHaveCount(4);
  await expect(edgewise.sessions.locator("li")).toHaveCount(1);
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
  await expect(page.getByRole("alert")).toContainText("cannot be reached");
  await expect(page.locator("p[aria-live]"), "the alert says it").not.toContainText("offline");
});

/** Asks something whose answer takes a while. */
async function during(page: Page): Promise<EdgewisePage> {
  const edgewise = new EdgewisePage(page);
  await scenario("tell me long", { chunks: 500, pace_ms: 50, chunk_text: "word{i} " });
  await page.goto("/");
  await edgewise.send("tell me long");
  await expect(edgewise.answers.last()).toContainText("word3");
  return edgewise;
}

test("Enter while an answer streams: the message waits in sight, and goes out when the answer has ended", async ({
  page,
}) => {
  await page.setViewportSize({ width: 800, height: 480 });
  const edgewise = await during(page);
  await scenario("what comes next", { chunks: 1, chunk_text: "This." });
  await edgewise.send("what comes next");
  await expect(edgewise.composer).toHaveValue("");
  const waiting = edgewise.messages.filter({ hasText: "Goes out when the answer has ended" });
  await expect(waiting).toContainText("what comes next");
  await expect(page.locator("[aria-live]")).toContainText("Goes out when the answer has ended");
  await expect(edgewise.answers.first()).toContainText("word370", { timeout: 45_000 });
  const list = page.getByRole("region", { name: "Messages" });
  await list.hover();
  await page.mouse.wheel(0, -60);
  await expect(page.getByRole("button", { name: "To the newest message" })).toBeVisible();
  const place = await restingTop(list);
  await expect(edgewise.answers.last()).toContainText("This.", { timeout: 45_000 });
  await edgewise.settledAnswer();
  await expect(edgewise.messages).toHaveCount(4);
  await expect(edgewise.messages.nth(1)).toContainText("word499");
  expect(await list.evaluate(({ scrollTop }) => scrollTop), "who reads further up stays there").toBe(place);
  await expect(waiting).toHaveCount(0);
});

test("what waits is taken back, and survives a reload", async ({ page }) => {
  const edgewise = await during(page);
  await edgewise.send("not so fast");
  await edgewise.send("second thoughts");
  await edgewise.messages.filter({ hasText: "not so fast" }).getByRole("button", { name: "Take back" }).dblclick();
  await expect(edgewise.composer, "one of them").toHaveValue("not so fast");
  await edgewise.messages.filter({ hasText: "second thoughts" }).getByRole("button", { name: "Take back" }).click();
  await expect(edgewise.composer).toBeFocused();
  await edgewise.send("second thoughts");
  await scenario("second thoughts", { chunks: 1, chunk_text: "Are best." });
  await page.reload();
  await expect(edgewise.answers.last()).toContainText("Are best.", { timeout: 45_000 });
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
  // What attaches, and what refuses: both are loaded after the page.
  await expect(page.getByRole("button", { name: "Attach text files" })).toBeVisible();
  const isWatched = () => {
    const data = new DataTransfer();
    data.setData("text/uri-list", "https://example.com/");
    const event = new DragEvent("dragover", { dataTransfer: data, bubbles: true, cancelable: true });
    return !document.body.dispatchEvent(event);
  };
  await expect.poll(() => page.evaluate(isWatched)).toBe(true);
  await edgewise.composer.evaluate((field) => {
    const data = new DataTransfer();
    data.items.add(new File([new Uint8Array([0x89, 0x50, 0])], "x.png", { type: "image/png" }));
    field.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
  });
  const notice = page.locator(".notice").filter({ hasText: "Only text can be sent" });
  await expect(notice).toBeVisible();
  await notice.getByRole("button", { name: "Dismiss" }).click();
  const isRefused = await page.evaluate(() => {
    const data = new DataTransfer();
    data.items.add(new File([new Uint8Array([0x89, 0x50, 0])], "x.png", { type: "image/png" }));
    const dropped = (name: string) =>
      !document.body.dispatchEvent(new DragEvent(name, { dataTransfer: data, bubbles: true, cancelable: true }));
    return dropped("dragover") && dropped("drop");
  });
  expect(isRefused, "the browser does not open it").toBe(true);
  await expect(notice).toBeVisible();
  const isLinkRefused = await page.evaluate(() =>
    [document.body, document.querySelector("textarea")].map((place) => {
      const data = new DataTransfer();
      data.setData("text/uri-list", "https://example.com/");
      return !place?.dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
    }),
  );
  expect(isLinkRefused, "a link goes into a field, and nowhere else").toEqual([true, false]);
});
