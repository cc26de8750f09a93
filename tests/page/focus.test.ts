/** What axe cannot see: where the focus is after an action, what is announced, and how much of the way is spared by keyboard. */
import { type Page, expect } from "@playwright/test";
import { quoted } from "../../static/src/text/isolated.ts";
import { EdgewisePage, test } from "./page.ts";
import { afterwards, guestOf, scenario, sessionsOverDays } from "./stack.ts";

/** What has the focus; `body` when it was lost. */
const focused = (page: Page) => page.evaluate(() => document.activeElement?.localName ?? "nothing");

/** Presses Enter on a button, and expects the focus to be on something afterwards. */
async function pressed(page: Page, name: string): Promise<void> {
  await page.getByRole("button", { name }).last().focus();
  await page.keyboard.press("Enter");
}

test("the focus never falls to the body: Stop, Continue, Ask again", async ({ page }) => {
  const edgewise = new EdgewisePage(page);
  await scenario("keep my place", { chunks: 600, pace_ms: 30, chunk_text: "word{i} " });
  await page.goto("/");
  await edgewise.send("keep my place");
  await expect(edgewise.answers.last()).toContainText("word3");
  await pressed(page, "Stop answering");
  await edgewise.settledAnswer();
  await expect(edgewise.composer).toBeFocused();

  await afterwards("keep my place", { chunks: 3, chunk_text: "more{i} " });
  await pressed(page, "Continue");
  await expect(edgewise.answers.last()).toContainText("more2");
  await edgewise.settledAnswer();
  await expect(edgewise.answers.last()).toBeFocused();

  await scenario("keep my place", { chunks: 3, chunk_text: "again{i} " });
  await pressed(page, "Ask again");
  await expect(edgewise.answers.last()).toContainText("again2");
  await edgewise.settledAnswer();
  expect(await focused(page)).not.toBe("body");
});

test("Undo is where the focus is, waits while it has it, and gives it on", async ({ page }) => {
  const edgewise = new EdgewisePage(page);
  await scenario("Begin the list", { chunks: 1, chunk_text: "Begun." });
  await page.goto("/");
  await edgewise.send("Begin the list");
  await edgewise.settledAnswer();
  await sessionsOverDays(await guestOf(page), 24);
  await page.clock.install();
  await page.reload();
  const row = edgewise.sessions.getByRole("link", { name: "Chat 3", exact: true });
  await expect(row).toBeVisible();
  await edgewise.sessions.getByRole("button", { name: "More for “Chat 3”" }).focus();
  await page.keyboard.press("Enter");
  // The menu may still have to be loaded.
  await expect(page.getByRole("menuitem").first()).toBeFocused();
  for (const key of ["End", "Enter", "Shift+Tab", "Enter"]) await page.keyboard.press(key);
  const undo = page.getByRole("button", { name: "Undo" });
  await expect(undo).toBeFocused();
  await expect(row).toHaveCount(0);
  await page.locator(".notice").hover();
  await page.mouse.move(0, 0);
  await page.clock.fastForward(60_000);
  await expect(undo).toBeVisible();
  await page.keyboard.press("Enter");
  await expect(row).toBeVisible();
  expect(await focused(page)).not.toBe("body");
  await expect(page.locator("[aria-live]").getByText("“Chat 3” was deleted.")).toHaveCount(1);
});

test("one Tab and Enter lead past the list to the field", async ({ page }) => {
  const edgewise = new EdgewisePage(page);
  await page.goto("/");
  await expect(edgewise.composer).toBeFocused();
  await page.locator("a.skip").focus();
  await expect(page.getByRole("link", { name: "Skip to the message field" })).toBeInViewport();
  await page.keyboard.press("Enter");
  await expect(edgewise.composer).toBeFocused();
});

test("a window that becomes small, and hides what has the focus, moves it", async ({ page }) => {
  await page.goto("/");
  await page.getByRole("link", { name: "New chat" }).focus();
  await page.setViewportSize({ width: 600, height: 800 });
  await expect(page.getByRole("button", { name: "Open the list of chats" })).toBeVisible();
  await expect.poll(() => focused(page)).toBe("textarea");
  // The button is there in both, and keeps it.
  await page.getByRole("button", { name: "Open the list of chats" }).focus();
  await page.setViewportSize({ width: 1280, height: 800 });
  await expect(page.getByRole("button", { name: "Close the list of chats" })).toBeFocused();
});

/** All that a screen reader says by itself, in order: what comes into the live region, and alerts. */
async function listen(page: Page): Promise<() => Promise<string[]>> {
  await page.evaluate(() => {
    const said: string[] = [];
    Object.assign(window, { said });
    new MutationObserver((records) => {
      for (const { addedNodes, target } of records)
        for (const node of addedNodes) {
          const isSaid = target instanceof Element && target.matches("[aria-live=polite]");
          const alerts = node instanceof Element ? [node, ...node.querySelectorAll("*")] : [];
          for (const one of alerts.filter((one) => one.matches("[role=alert]")))
            said.push(`alert: ${one.querySelector("span")?.textContent ?? one.textContent}`);
          if (isSaid) said.push(node.textContent?.trim() ?? "");
        }
    }).observe(document, { subtree: true, childList: true });
  });
  // A busy machine may be silent for as long as a model that thinks.
  return () =>
    page.evaluate(() => {
      const all = (window as unknown as { said: string[] }).said.splice(0);
      return all.filter((words) => words !== "Waiting for the first words");
    });
}

test("each change of state is announced once", async ({ page, context }) => {
  const edgewise = new EdgewisePage(page);
  await page.goto("/");
  await expect(edgewise.composer).toBeVisible();
  const said = await listen(page);
  await scenario("tell me once", { chunks: 2, chunk_text: "word{i} " });
  await edgewise.send("tell me once");
  await edgewise.settledAnswer();
  expect(await said()).toEqual(["Answering.", "Answer complete."]);

  await scenario("tell me on and on", { chunks: 600, pace_ms: 30, chunk_text: "word{i} " });
  await edgewise.send("tell me on and on");
  await expect(edgewise.answers.last()).toContainText("word3");
  await edgewise.send("and this after it");
  await page.getByRole("button", { name: "Take back" }).click();
  await page.getByRole("button", { name: "Stop answering" }).click();
  await edgewise.settledAnswer();
  expect(await said()).toEqual(["Answering.", "Goes out when the answer has ended.", "Stopped."]);

  await edgewise.composer.fill("");
  await scenario("tell me on and on", { chunks: 1, chunk_text: "Another." });
  await edgewise.answers.last().getByRole("button", { name: "Ask again" }).click();
  await expect(edgewise.answers.last()).toContainText("Another.");
  await edgewise.settledAnswer();
  await edgewise.answers.last().getByRole("button", { name: "Previous version" }).click();
  expect(await said()).toEqual(["Answering.", "Answer complete.", "Version 1 of 2"]);

  await context.setOffline(true);
  await expect(page.getByText("Offline", { exact: true })).toBeVisible();
  await context.setOffline(false);
  await expect(page.getByText("Offline", { exact: true })).toHaveCount(0);
  await expect(page.locator("p[aria-live]")).toContainText("You are online again.");
  expect(await said()).toEqual(["You are offline.", "You are online again."]);

  await edgewise.choose("tell me once", "Rename");
  await page.getByRole("textbox", { name: "New title" }).fill("\u0639\u0646\u0648\u0627\u0646");
  await page.getByRole("textbox", { name: "New title" }).press("Enter");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("\u0639\u0646\u0648\u0627\u0646");
  await edgewise.remove("\u0639\u0646\u0648\u0627\u0646");
  await expect(page.locator(".notice bdi"), "a title has its own language").toHaveAttribute("lang", "ar");
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(edgewise.sessions.getByRole("link", { name: "\u0639\u0646\u0648\u0627\u0646" })).toBeVisible();
  expect(await said()).toEqual(
    ["Renamed to “T”.", "“T” was deleted.", "“T” is back."].map((words) =>
      words.replace("“T”", quoted("\u0639\u0646\u0648\u0627\u0646")),
    ),
  );

  await page.route("**/messages", (route) => route.abort());
  await edgewise.send("tell me in vain");
  await expect(page.getByRole("alert")).toContainText("cannot be reached");
  const inVain = await said();
  expect(inVain.filter((words) => words.startsWith("alert: Edgewise cannot be reached"))).toHaveLength(1);
  expect(new Set(inVain).size, inVain.join(" | ")).toBe(inVain.length);
});

test("one question about a chat is open at a time, and names it", async ({ page }) => {
  const edgewise = new EdgewisePage(page);
  await scenario("first of two", { chunks: 1, chunk_text: "Yes." });
  await page.goto("/");
  await edgewise.send("first of two");
  await edgewise.settledAnswer();
  await sessionsOverDays(await guestOf(page), 3);
  await page.reload();
  const questions = edgewise.sessions.getByRole("group", { name: /^Delete/ });
  await edgewise.choose("Chat 2", "Delete");
  await expect(questions).toHaveAccessibleName("Delete “Chat 2”?");
  await edgewise.choose("Chat 3", "Delete");
  await expect(questions).toHaveCount(1);
  await expect(questions).toHaveAccessibleName("Delete “Chat 3”?");
  await edgewise.choose("Chat 2", "Rename");
  await expect(questions).toHaveCount(0);
});

test("a limit that comes near, and one that is reached, are announced once each", async ({ page }) => {
  const edgewise = new EdgewisePage(page);
  await scenario("count me", { chunks: 1, chunk_text: "Counted." });
  let left = 21;
  await page.route("**/chat/messages", async (route) => {
    const response = await route.fetch();
    const headers = { ...response.headers(), "x-daily-quota-limit": "100", "x-daily-quota-remaining": String(left) };
    await route.fulfill({ response, headers });
  });
  await page.route("**/messages", (route) => route.fallback());
  await page.goto("/");
  const said = page.locator("[aria-live]");
  await edgewise.send("count me");
  await edgewise.settledAnswer();
  await expect(page.getByText("21 of 100 messages left today")).toBeVisible();
  for (left of [20, 19]) {
    await page.goto("/");
    await edgewise.send(`count me ${left}`);
    await edgewise.settledAnswer();
  }
  await expect(said.getByText(/Only \d+ of 100 messages are left today/)).toHaveCount(1);
  left = 0;
  await page.goto("/");
  await edgewise.send("count me last");
  await expect(said.getByText("You have used all of today’s messages")).toHaveCount(1);
});

const OUTLINE =
  "### First\n\nText\n\n# Second\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n```\nshort\n```\n\n#### Third\n\n```\n" +
  "long ".repeat(80) +
  "\n```\n";

test("headings follow one another without a gap, and only what scrolls is a stop on the way", async ({ page }) => {
  const edgewise = new EdgewisePage(page);
  await scenario("an outline", { chunks: 1, chunk_text: OUTLINE });
  await page.goto("/");
  await edgewise.send("an outline");
  const answer = await edgewise.settledAnswer();
  await expect(answer.getByRole("heading", { level: 3 })).toHaveText(["First", "Second"]);
  await expect(answer.getByRole("heading", { level: 4 })).toHaveText(["Third"]);
  await expect(answer.locator(".prose [tabindex]")).toHaveCount(1);
  await expect(answer.getByRole("region", { name: "Code" })).toContainText("long");
});

test("where colours are forced, what is chosen, open, or one's own carries a mark", async ({ page, browserName }) => {
  test.skip(browserName !== "chromium", "only Chromium can be told to force colours");
  await page.emulateMedia({ forcedColors: "active" });
  const edgewise = new EdgewisePage(page);
  await scenario("in few colours", { chunks: 1, chunk_text: "Black." });
  await page.goto("/");
  await edgewise.send("in few colours");
  await edgewise.settledAnswer();
  const style = (selector: string, pseudo?: string) =>
    page
      .locator(selector)
      .first()
      .evaluate((element, pseudo) => {
        const { backgroundColor, borderTopColor, borderTopWidth, width } = getComputedStyle(element, pseudo);
        return { backgroundColor, borderTopColor, borderTopWidth, width };
      }, pseudo);
  await page.getByRole("button", { name: "Settings" }).click();
  const [chosen, other] = [
    await style(".settings-choice input:checked + span"),
    await style(".settings-choice input:not(:checked) + span"),
  ];
  await page.keyboard.press("Escape");
  expect(chosen.backgroundColor).not.toBe(other.backgroundColor);
  const open = await style(".session:has([aria-current])", "::before");
  expect(open).toMatchObject({ width: "3px", backgroundColor: chosen.backgroundColor });
  expect((await style(".bubble")).borderTopWidth).toBe("1px");
});
