/** What can be done with messages, and a session too long to be shown at once. */
import { type Locator, type Page, expect } from "@playwright/test";
import { EdgewisePage, test } from "./page.ts";
import { guestOf, longSession, scenario } from "./stack.ts";

test("a message is copied as it was written", async ({ page, context, browserName }) => {
  // Firefox is not asked: where it is driven, it lets everybody.
  if (browserName === "chromium") await context.grantPermissions(["clipboard-read", "clipboard-write"]);
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
  await expect(broken).toContainText("broke off");
  await scenario("break off", { chunks: 20, chunk_text: "word{i} " });
  await edgewise.composer.fill("what I was just writing");
  await broken.getByRole("button", { name: "Ask again" }).click();
  await expect(edgewise.answers.last()).toContainText("word19");
  await expect(edgewise.messages).toHaveCount(2);
  await expect((await edgewise.settledAnswer()).getByRole("group", { name: "Version 2 of 2" })).toBeVisible();
  await expect(edgewise.composer).toHaveValue("what I was just writing");
});

/** As many are in the document at once, for the browser's own search. */
const MOST_MESSAGES = 200;

interface Scrolled {
  frames: number;
  /** How far, at most, what was on screen was from where the scrolling should have brought it, in pixels. */
  moved: number;
  /** How much of the view, at most, had no message in it though there are more, in pixels. */
  blank: number;
}

/** The frames in which every scroll of these tests comes to its goal: frames, because a busy machine takes its time for each. */
const MOST_FRAMES = 2_000;

/** Scrolls by `step` pixels a frame until the message that says `goal` is in view. */
function scrollUntil(list: Locator, goal: string, step: number): Promise<Scrolled> {
  return list.evaluate(
    async (scroller, { goal, step, most }) => {
      const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
      const messages = () => [...scroller.querySelectorAll("article")];
      const says = (one: Element) =>
        one.querySelector(".bubble")?.textContent === goal || one.querySelector(".prose")?.textContent.startsWith(goal);
      const isThere = () =>
        messages().some((one) => {
          const { top, bottom } = one.getBoundingClientRect();
          return says(one) && top < view.bottom && bottom > view.top;
        });
      const view = scroller.getBoundingClientRect();
      const scrolled = { frames: 0, moved: 0, blank: 0 };
      while (!isThere() && scrolled.frames < most) {
        const seen = messages().find((message) => message.getBoundingClientRect().bottom > view.top);
        const before = seen?.getBoundingClientRect().top ?? 0;
        const from = scroller.scrollTop;
        scroller.scrollTop += step;
        const by = scroller.scrollTop - from;
        await frame();
        await frame();
        scrolled.frames += 1;
        if (seen?.isConnected)
          scrolled.moved = Math.max(scrolled.moved, Math.abs(seen.getBoundingClientRect().top - before + by));
        const above = (messages().at(0)?.getBoundingClientRect().top ?? view.bottom) - view.top;
        const below = view.bottom - (messages().at(-1)?.getBoundingClientRect().bottom ?? view.top);
        if (!isThere()) scrolled.blank = Math.max(scrolled.blank, above, below);
      }
      return scrolled;
    },
    { goal, step, most: MOST_FRAMES },
  );
}

/** Opens a session of 300 messages, as the page's guest. */
async function openLongSession(page: Page): Promise<EdgewisePage> {
  const edgewise = new EdgewisePage(page);
  await scenario("Who am I", { chunks: 1, chunk_text: "You." });
  await page.goto("/");
  await edgewise.send("Who am I");
  await edgewise.settledAnswer();
  await page.goto(`/c/${await longSession(await guestOf(page), 300)}`);
  await expect(edgewise.messages.last()).toContainText("Answer 300");
  await expect(edgewise.messages.last()).toBeInViewport();
  return edgewise;
}

test("a session of 300 messages: opens at its end, goes back without the view moving, keeps the DOM small", async ({
  page,
}) => {
  test.slow();
  const edgewise = await openLongSession(page);
  // One wheel notch a frame.
  const { frames, moved } = await scrollUntil(page.getByRole("region", { name: "Messages" }), "Question 1", -120);
  expect(frames).toBeGreaterThan(100);
  expect(moved).toBeLessThanOrEqual(1);
  expect(await edgewise.messages.count()).toBeLessThanOrEqual(MOST_MESSAGES);
  await expect(edgewise.messages.first()).toContainText("Question 1");

  await page.getByRole("button", { name: "To the newest message" }).click();
  await expect(edgewise.messages.last()).toContainText("Answer 300");
  await expect(edgewise.messages.last()).toBeInViewport();
});

test("on a large screen one flies through a long session, up and down, and always sees messages", async ({ page }) => {
  test.slow();
  await page.setViewportSize({ width: 2560, height: 1600 });
  const edgewise = await openLongSession(page);
  const list = page.getByRole("region", { name: "Messages" });
  for (const [goal, step] of [
    ["Question 1", -900],
    ["Answer 300", 900],
    // Further at once than is there: one comes to the edge, and no further.
    ["Question 1", -4000],
    ["Answer 300", 4000],
  ] as const) {
    const { frames, moved, blank } = await scrollUntil(list, goal, step);
    expect(frames).toBeGreaterThan(5);
    expect(moved).toBeLessThanOrEqual(1);
    // There is an edge between the messages that are shown and the others, of about a line.
    expect(blank).toBeLessThan(100);
    expect(await edgewise.messages.count()).toBeLessThanOrEqual(MOST_MESSAGES);
  }
  await list.focus();
  await page.keyboard.press("Home");
  await expect(edgewise.messages.filter({ hasText: "Answer 300" })).not.toBeInViewport();
  await page.keyboard.press("End");
  await expect(edgewise.messages.last()).toContainText("Answer 300");
  await expect(edgewise.messages.last()).toBeInViewport();
});

test("words that are being put otherwise wait while one reads far away", async ({ page }) => {
  const edgewise = await openLongSession(page);
  await edgewise.composer.press("ArrowUp");
  const field = page.getByRole("textbox", { name: "Edit message" });
  await field.fill("quite otherwise");
  await scrollUntil(page.getByRole("region", { name: "Messages" }), "Question 201", -600);
  await expect(field).toHaveValue("quite otherwise");
  await expect(field).toBeFocused();
});

test("in the middle of a long session another answer takes the place of all that followed, and gives it back", async ({
  page,
}) => {
  const edgewise = await openLongSession(page);
  const list = page.getByRole("region", { name: "Messages" });
  await expect(async () => {
    await list.evaluate((scroller) => (scroller.scrollTop = 0));
    await expect(edgewise.messages.filter({ hasText: "Answer 40one" })).toBeAttached({ timeout: 300 });
  }).toPass({ intervals: [50] });
  await scenario("Question 39", { chunks: 1, chunk_text: "Quite another." });
  await edgewise.messages.filter({ hasText: "Answer 40one" }).getByRole("button", { name: "Ask again" }).click();
  await expect(edgewise.messages.last()).toContainText("Quite another.");
  await expect(edgewise.messages.last()).toBeInViewport();
  await edgewise.messages.last().getByRole("button", { name: "Previous version" }).click();
  await expect(edgewise.messages.filter({ hasText: "Answer 40one" })).toBeInViewport();
  await expect(edgewise.messages.filter({ hasText: "Question 41" })).toBeAttached();
});

test("a reader further up is not pulled down, and is told that there is more", async ({ page }) => {
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
