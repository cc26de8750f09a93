/** What can be done with messages, and a session too long to be shown at once. */
import { expect } from "@playwright/test";
import { EdgewisePage, test } from "./page.ts";
import { guestOf, longSession, scenario } from "./stack.ts";

test("a message is copied as it was written", async ({ page, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const edgewise = new EdgewisePage(page);
  await scenario("copy me", { chunks: 1, chunk_text: "Some **bold** words" });
  await page.goto("/");
  await edgewise.send("copy me");
  const answer = await edgewise.settledAnswer();
  await answer.getByRole("button", { name: "Copy message" }).click();
  await expect(page.getByText("Copied.")).toBeAttached();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe("Some **bold** words");
  await expect(answer.getByText("just now")).toBeVisible();
});

test("an answer that broke off is asked for again", async ({ page }) => {
  const edgewise = new EdgewisePage(page);
  await scenario("break off", { chunks: 20, error_at: 5, chunk_text: "word{i} " });
  await page.goto("/");
  await edgewise.send("break off");
  const broken = await edgewise.settledAnswer();
  await expect(broken).toContainText("word4");
  await expect(broken).toContainText("could not answer");
  await scenario("break off", { chunks: 20, chunk_text: "word{i} " });
  await edgewise.composer.fill("what I was just writing");
  await broken.getByRole("button", { name: "Ask again" }).click();
  await expect(edgewise.answers.last()).toContainText("word19");
  await expect(edgewise.messages).toHaveCount(2);
  await expect((await edgewise.settledAnswer()).getByRole("group", { name: "Version 2 of 2" })).toBeVisible();
  await expect(edgewise.composer).toHaveValue("what I was just writing");
});

test("a session of 300 messages: opens at its end, goes back without the view moving, keeps the DOM small", async ({
  page,
}) => {
  const edgewise = new EdgewisePage(page);
  await page.goto("/");
  await edgewise.send("Who am I");
  await edgewise.settledAnswer();
  const id = await longSession(await guestOf(page), 300);
  await page.goto(`/c/${id}`);
  await expect(edgewise.messages.last()).toContainText("Answer 300");
  await expect(edgewise.messages.last()).toBeInViewport();

  const list = page.getByRole("region", { name: "Messages" });
  const jumps = await list.evaluate(async (scroller) => {
    const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
    const first = () => scroller.querySelector("article")?.querySelector(".bubble, .prose")?.textContent ?? "";
    const jumps: number[] = [];
    const deadline = performance.now() + 40_000;
    while (first() !== "Question 1" && performance.now() < deadline) {
      // One wheel notch a frame; what is on screen must move by exactly that much.
      const edge = scroller.getBoundingClientRect().top;
      const seen = [...scroller.querySelectorAll("article")].find(
        (message) => message.getBoundingClientRect().bottom > edge,
      );
      const before = seen?.getBoundingClientRect().top ?? 0;
      const room = Math.min(120, scroller.scrollTop);
      scroller.scrollTop -= 120;
      await frame();
      await frame();
      if (seen?.isConnected) jumps.push(Math.abs(seen.getBoundingClientRect().top - before - room));
    }
    return jumps;
  });
  expect(jumps.length).toBeGreaterThan(100);
  expect(Math.max(...jumps)).toBeLessThanOrEqual(1);
  expect(await edgewise.messages.count()).toBeLessThanOrEqual(160);
  expect(await page.evaluate(() => document.querySelectorAll("*").length)).toBeLessThan(15_000);
  await expect(edgewise.messages.first()).toContainText("Question 1");

  await page.getByRole("button", { name: "To the newest message" }).click();
  await expect(edgewise.messages.last()).toContainText("Answer 300");
  await expect(edgewise.messages.last()).toBeInViewport();
});

test("in the middle of a long session another answer takes the place of all that followed, and gives it back", async ({
  page,
}) => {
  const edgewise = new EdgewisePage(page);
  await page.goto("/");
  await edgewise.send("Who am I now");
  await edgewise.settledAnswer();
  const id = await longSession(await guestOf(page), 300);
  await page.goto(`/c/${id}`);
  await expect(edgewise.messages.last()).toContainText("Answer 300");
  const list = page.getByRole("region", { name: "Messages" });
  await expect(async () => {
    await list.evaluate((scroller) => (scroller.scrollTop = 0));
    await expect(edgewise.messages.filter({ hasText: "Answer 40one" })).toBeAttached({ timeout: 300 });
  }).toPass();
  await scenario("Question 39", { chunks: 1, chunk_text: "Quite another." });
  await edgewise.messages.filter({ hasText: "Answer 40one" }).getByRole("button", { name: "Ask again" }).click();
  await expect(edgewise.messages.last()).toContainText("Quite another.");
  await expect(edgewise.messages.last()).toBeInViewport();
  await edgewise.messages.last().getByRole("button", { name: "Version before" }).click();
  await expect(edgewise.messages.filter({ hasText: "Answer 40one" })).toBeInViewport();
  await expect(edgewise.messages.filter({ hasText: "Question 41" })).toBeAttached();
});

test("whoever reads further up is not pulled down, and is told that there is more", async ({ page }) => {
  await page.setViewportSize({ width: 1000, height: 500 });
  const edgewise = new EdgewisePage(page);
  await scenario("a long answer", { chunks: 300, pace_ms: 10, chunk_text: "Line {i}\n\n" });
  await page.goto("/");
  await edgewise.send("a long answer");
  await expect(edgewise.answers.last()).toContainText("Line 60");
  const list = page.getByRole("region", { name: "Messages" });
  const top = await list.evaluate((scroller) => (scroller.scrollTop -= 400));
  await expect(page.getByRole("button", { name: "there is more" })).toBeVisible();
  await expect(edgewise.answers.last()).toContainText("Line 200");
  expect(await list.evaluate((scroller) => scroller.scrollTop)).toBe(top);
  await page.getByRole("button", { name: "there is more" }).click();
  await edgewise.settledAnswer();
  await expect(edgewise.answers.last().getByText("Line 299")).toBeInViewport();
});
