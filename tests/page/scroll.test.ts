/** Reading while words come in: the smallest move up lets go, and only the reader brings the view back. */
import { type Page, devices, expect } from "@playwright/test";
import { EVERYTHING } from "./everything.ts";
import { EdgewisePage, restingTop, test } from "./page.ts";
import { guestOf, longSession, scenario, streamed } from "./stack.ts";

/** An answer that lasts half a minute, a word every 5 ms or so, on a screen that it soon fills. */
async function streaming(page: Page): Promise<EdgewisePage> {
  await page.setViewportSize({ width: 800, height: 480 });
  const edgewise = new EdgewisePage(page);
  await scenario("go on and on", { chunks: 20_000, pace_ms: 5, chunk_text: "word{i} " });
  await page.goto("/");
  await edgewise.send("go on and on");
  await expect(edgewise.answers.last()).toContainText("word400");
  return edgewise;
}

const list = (page: Page) => page.getByRole("region", { name: "Messages" });
const distance = (page: Page) => list(page).evaluate((e) => e.scrollHeight - e.clientHeight - e.scrollTop);
const top = (page: Page) => list(page).evaluate((e) => e.scrollTop);

async function expectFree(page: Page): Promise<void> {
  await expect(page.getByRole("button", { name: "To the newest message" })).toBeVisible();
  const before = await restingTop(list(page));
  await expect.poll(() => distance(page)).toBeGreaterThan(100);
  expect(await top(page)).toBe(before);
}

test.describe("with a wheel", () => {
  test("a move of three pixels at a time lets go while words stream in", async ({ page }) => {
    await streaming(page);
    await list(page).hover();
    for (let turned = 0; turned < 40; turned += 1) {
      await page.mouse.wheel(0, -3);
      await page.waitForTimeout(16);
    }
    await expectFree(page);

    await test.step("at the end again it follows again", async () => {
      // Words that come in during the move are below where it ends.
      await expect(async () => {
        await page.mouse.wheel(0, 1_000_000);
        await expect(page.getByRole("button", { name: "To the newest message" })).toHaveCount(0, { timeout: 1_000 });
      }).toPass();
    });
  });

  test("one single pixel is enough, and so is each key that goes up", async ({ page }) => {
    await streaming(page);
    const back = page.getByRole("button", { name: "To the newest message" });
    await list(page).hover();
    await page.mouse.wheel(0, -1);
    await expectFree(page);
    for (const key of ["ArrowUp", "PageUp", "Shift+Space"]) {
      await back.click();
      await expect(back).toHaveCount(0);
      await list(page).focus();
      await page.keyboard.press(key);
      await expectFree(page);
    }
  });
});

test.describe("with a finger", () => {
  const { viewport, userAgent, deviceScaleFactor, isMobile, hasTouch } = devices["Pixel 7"];
  test.use({ viewport, userAgent, deviceScaleFactor, isMobile, hasTouch });

  test("a slow drag lets go", async ({ page, context }) => {
    const edgewise = new EdgewisePage(page);
    await scenario("go on and on", { chunks: 20_000, pace_ms: 5, chunk_text: "word{i} " });
    await page.goto("/");
    await edgewise.composer.fill("go on and on");
    await page.getByRole("button", { name: "Send" }).tap();
    await expect(edgewise.answers.last()).toContainText("word700");
    const client = await context.newCDPSession(page);
    const touch = (type: "touchStart" | "touchMove" | "touchEnd", y: number) =>
      client.send("Input.dispatchTouchEvent", { type, touchPoints: type === "touchEnd" ? [] : [{ x: 200, y }] });
    await touch("touchStart", 200);
    for (let y = 203; y < 380; y += 3) {
      await touch("touchMove", y);
      await page.waitForTimeout(20);
    }
    await touch("touchEnd", 380);
    await expectFree(page);
  });
});

test("coming back to a chat, one finds what one was reading", async ({ page }) => {
  const edgewise = new EdgewisePage(page);
  await scenario("Who am I", { chunks: 1, chunk_text: "You." });
  await page.goto("/");
  await edgewise.send("Who am I");
  await edgewise.settledAnswer();
  await page.goto(`/c/${await longSession(await guestOf(page), 40)}`);
  await expect(edgewise.messages.last()).toContainText("Answer 40");
  const read = edgewise.messages.filter({ hasText: "Question 21" });
  await list(page).hover();
  await expect(async () => {
    await page.mouse.wheel(0, -200);
    await expect(read).toBeInViewport({ timeout: 100 });
  }).toPass();
  await restingTop(list(page));
  const before = (await read.boundingBox())?.y ?? NaN;
  await edgewise.sessions.getByRole("link", { name: "New chat" }).click();
  await expect(edgewise.messages).toHaveCount(0);
  await page.goBack();
  await expect(read).toBeInViewport();
  expect(Math.abs(((await read.boundingBox())?.y ?? NaN) - before)).toBeLessThan(3);
});

test("all of a chat can be searched, what was not read yet, too", async ({ page }) => {
  const edgewise = new EdgewisePage(page);
  await scenario("Who am I", { chunks: 1, chunk_text: "You." });
  await page.goto("/");
  await edgewise.send("Who am I");
  await edgewise.settledAnswer();
  await page.goto(`/c/${await longSession(await guestOf(page), 150)}`);
  await expect(edgewise.messages.last()).toContainText("Answer 150");
  // Nothing tells the page that the browser's menu searches.
  await expect(edgewise.messages).toHaveCount(150);
  type Find = (text: string, matchCase: boolean, backwards: boolean, wraps: boolean) => boolean;
  const find = (text: string) =>
    page.evaluate((text) => (window as unknown as { find: Find }).find(text, true, false, true), text);
  expect(await find("Question 7")).toBe(true);

  // Also what another device adds while one reads far above.
  await list(page).evaluate((element) => (element.scrollTop = 0));
  await expect(edgewise.messages.first()).toBeInViewport();
  await scenario("from afar", { chunks: 1, chunk_text: "Found from afar." });
  await page.evaluate(async () => {
    const authorization = `Bearer ${localStorage.getItem("edgewise.token") ?? ""}`;
    const [, , id = ""] = location.pathname.split("/");
    await fetch(`/api/v1/chat/sessions/${id}/messages`, {
      method: "POST",
      headers: { authorization, "content-type": "application/json" },
      body: JSON.stringify({ content: "from afar", stream: false }),
    });
    document.dispatchEvent(new Event("visibilitychange"));
  });
  await expect(edgewise.messages).toHaveCount(152);
  await expect(edgewise.messages.first(), "and nothing moves").toBeInViewport();
  expect(await find("Found from afar")).toBe(true);
});

declare global {
  interface Window {
    /** What waits for an idle moment. */
    idle: Map<number, IdleRequestCallback>;
    scrolledAt: number;
    shifted: number;
  }
}

test("messages that come in above do not take back a move of the reader's that no event has told yet", async ({
  page,
}) => {
  const edgewise = new EdgewisePage(page);
  await scenario("Who am I", { chunks: 1, chunk_text: "You." });
  await page.goto("/");
  await edgewise.send("Who am I");
  await edgewise.settledAnswer();
  const id = await longSession(await guestOf(page), 40);
  // Idle moments come when the test says.
  await page.addInitScript(() => {
    let last = 0;
    window.idle = new Map();
    window.requestIdleCallback = (work) => (window.idle.set(++last, work), last);
    window.cancelIdleCallback = (handle) => void window.idle.delete(handle);
    window.scrolledAt = performance.now();
    addEventListener("scroll", () => (window.scrolledAt = performance.now()), { capture: true });
  });
  await page.goto(`/c/${id}`);
  await expect((await edgewise.settledAnswer()).getByText("Answer 40")).toBeInViewport();
  // What lets them in is loaded in an idle moment itself.
  await page.waitForFunction(() => window.idle.size > 0);
  await page.evaluate(() => {
    const waiting = [...window.idle.values()];
    window.idle.clear();
    for (const work of waiting) work({ didTimeout: false, timeRemaining: () => 0 });
  });
  // The page lets nothing in within 300 ms of a scroll, its own to the end of the chat among them.
  await page.waitForFunction(() => window.idle.size > 0 && performance.now() - window.scrolledAt > 400);
  const more = await list(page).evaluate(async (element) => {
    const count = () => element.querySelectorAll("article").length;
    const before = count();
    element.scrollTop -= 300;
    for (const work of [...window.idle.values()]) work({ didTimeout: false, timeRemaining: () => 0 });
    for (let frames = 0; frames < 3; frames += 1) await new Promise((resolve) => requestAnimationFrame(resolve));
    return count() - before;
  });
  expect(more).toBeGreaterThan(0);
  expect(Math.abs((await distance(page)) - 300)).toBeLessThan(2);
});

test("a reader who goes up before another answer begins stays there", async ({ page }) => {
  await page.setViewportSize({ width: 800, height: 480 });
  const edgewise = new EdgewisePage(page);
  // What is read stands in an answer before: the one that is asked again leaves its place to an empty one, as tall as a line.
  await scenario("say it at length", { chunks: 600, chunk_text: "word{i} " });
  await scenario("and shortly", { chunks: 1, chunk_text: "Short." });
  await page.goto("/");
  await edgewise.send("say it at length");
  await edgewise.settledAnswer();
  await edgewise.send("and shortly");
  await edgewise.settledAnswer();
  await scenario("and shortly", { chunks: 600, chunk_text: "word{i} " });
  let begin = (): void => undefined;
  const begun = new Promise<void>((resolve) => (begin = resolve));
  await page.route("**/regenerate", async (route) => {
    await begun;
    await route.continue();
  });
  await edgewise.answers.last().getByRole("button", { name: "Ask again" }).click();
  await expect(page.getByRole("button", { name: "Stop answering" })).toBeVisible();
  await list(page).hover();
  await page.mouse.wheel(0, -400);
  await expect(page.getByRole("button", { name: /^To the newest message/ })).toBeVisible();
  const before = await restingTop(list(page));
  begin();
  await edgewise.settledAnswer();
  await expect(page.getByRole("group", { name: "Version 2 of 2" })).toBeAttached();
  expect(await restingTop(list(page))).toBe(before);
});

test("nothing moves where an answer ends", async ({ page }) => {
  const edgewise = new EdgewisePage(page);
  // What moves within half a second of a key is not counted by the browser.
  await streamed("all that there is", EVERYTHING, 60, 5, 600);
  await page.addInitScript(() => {
    window.shifted = 0;
    new PerformanceObserver((list) => {
      for (const shift of list.getEntries() as (PerformanceEntry & { value: number; hadRecentInput: boolean })[])
        if (!shift.hadRecentInput) window.shifted += shift.value;
    }).observe({ type: "layout-shift" });
  });
  await page.goto("/");
  await edgewise.send("all that there is");
  await edgewise.settledAnswer();
  const moved = await page.evaluate(async () => {
    for (let frames = 0; frames < 10; frames += 1) await new Promise((resolve) => requestAnimationFrame(resolve));
    return window.shifted;
  });
  expect(moved).toBeLessThan(0.05);
});
