/** The list of sessions, and going from one to another. */
import { expect } from "@playwright/test";
import { quoted } from "../../static/src/text/isolated.ts";
import { axe, violations } from "./axe.ts";
import { EdgewisePage, test } from "./page.ts";
import { guestOf, pinned, scenario, sessionsOverDays } from "./stack.ts";

// The page's own policy would refuse the checker's evaluation.
test.use({ bypassCSP: true });
test.beforeEach(({ page }) => page.addInitScript({ path: axe }));

test("the list is grouped by day and goes on as one scrolls, below what is pinned", async ({ page, context }) => {
  const edgewise = new EdgewisePage(page);
  await page.goto("/");
  await edgewise.send("Begin the list");
  await edgewise.settledAnswer();
  await sessionsOverDays(await guestOf(page), 70);
  await page.reload();

  const headings = edgewise.sessions.getByRole("heading", { level: 2 });
  await expect(headings.nth(2)).toHaveText("Previous 7 days");
  expect((await headings.allTextContents()).slice(0, 3)).toEqual(["Today", "Yesterday", "Previous 7 days"]);
  const rows = edgewise.sessions.locator("li");
  await expect(async () => {
    await rows.last().scrollIntoViewIfNeeded();
    await expect(rows).toHaveCount(71, { timeout: 500 });
  }).toPass();
  await expect(edgewise.sessions.getByText("Loading…")).toHaveCount(0);
  await expect(edgewise.sessions.getByRole("region", { name: "Today" }).locator("li")).toHaveCount(2);

  const more = (title: string) => edgewise.sessions.getByRole("button", { name: `More for ${quoted(title)}` });
  const top = edgewise.sessions.getByRole("region", { name: "Pinned" });
  const inTop = top.getByRole("link");
  const other = await context.newPage();
  await other.goto("/");
  const inOther = new EdgewisePage(other).sessions.getByRole("region", { name: "Pinned" }).getByRole("link");
  await expect(new EdgewisePage(other).sessions.getByRole("link", { name: "Chat 9", exact: true })).toBeVisible();

  await test.step("by keyboard, from far down: the focus goes along, and the other tab hears of it", async () => {
    await page.bringToFront();
    await more("Chat 65").focus();
    await page.keyboard.press("Enter");
    // The menu is loaded, and keys before it is there are not its own.
    await expect(page.getByRole("menuitem").first()).toBeFocused();
    await page.keyboard.press("ArrowDown");
    await expect(page.getByRole("menuitem", { name: "Pin", exact: true })).toBeFocused();
    await expect.poll(() => violations(page)).toEqual([]);
    await page.keyboard.press("Enter");
    await expect(inTop).toHaveText(["Chat 65"]);
    await expect(more("Chat 65")).toBeFocused();
    await expect(more("Chat 65")).toBeInViewport();
    await expect(page.locator("p[aria-live]")).toContainText("“Chat 65” is pinned.");
    await expect(inOther).toHaveText(["Chat 65"]);
    await expect.poll(() => violations(page)).toEqual([]);
  });

  await test.step("by a click: whoever points stays where the list is", async () => {
    await more("Chat 60").scrollIntoViewIfNeeded();
    await edgewise.choose("Chat 60", "Pin");
    await expect(inTop).toHaveText(["Chat 60", "Chat 65"]);
    await expect(inTop.first()).not.toBeInViewport();
    await expect(rows).toHaveCount(71);
  });

  await test.step("a reload shows them above the others, and the list still comes to its end", async () => {
    await page.reload();
    await expect(headings.nth(1)).toHaveText("Today");
    await expect(inTop).toHaveText(["Chat 60", "Chat 65"]);
    await expect(async () => {
      await rows.last().scrollIntoViewIfNeeded();
      await expect(rows).toHaveCount(71, { timeout: 500 });
    }).toPass();
    await expect(edgewise.sessions.getByText("Loading…")).toHaveCount(0);
  });

  await test.step("let go, it stands under its day again", async () => {
    await edgewise.choose("Chat 60", "Unpin");
    await expect(inTop).toHaveText(["Chat 65"]);
    await expect(inOther).toHaveText(["Chat 65"]);
    await expect(rows).toHaveCount(71);
  });

  await test.step("beyond as many as may be it goes back where it was, with the focus, and says why", async () => {
    await pinned(await guestOf(page), 20);
    await more("Chat 40").focus();
    await page.keyboard.press("Enter");
    await expect(page.getByRole("menuitem").first()).toBeFocused();
    for (const key of ["ArrowDown", "Enter"]) await page.keyboard.press(key);
    await expect(edgewise.notice("“Chat 40” was not pinned. You have pinned as many chats as can be.")).toBeVisible();
    await expect(inTop).toHaveText(["Chat 65"]);
    await expect(more("Chat 40")).toBeFocused();
  });
});

test("an answer goes on while another chat is looked at", async ({ page }) => {
  const edgewise = new EdgewisePage(page);
  await scenario("slowly please", { chunks: 60, pace_ms: 50, chunk_text: "word{i} " });
  await page.goto("/");
  await edgewise.send("slowly please");
  await expect(edgewise.answers.last()).toContainText("word0");
  await edgewise.sessions.getByRole("link", { name: "New chat" }).click();
  await expect(edgewise.messages).toHaveCount(0);
  await edgewise.sessions.getByRole("link", { name: "slowly please" }).click();
  const answer = await edgewise.settledAnswer();
  await expect(answer).toContainText("word59");
  await expect(answer).not.toContainText("Stopped.");
});

test("a reload in the middle of an answer shows what had arrived, and that it ended there", async ({ page }) => {
  const edgewise = new EdgewisePage(page);
  await scenario("cut short", { chunks: 200, pace_ms: 50, chunk_text: "word{i} " });
  await page.goto("/");
  await edgewise.send("cut short");
  await expect(edgewise.answers.last()).toContainText("word9");
  await page.reload();
  const answer = await edgewise.settledAnswer();
  await expect(answer).toContainText("word9");
  await expect(answer).toContainText("ended when the page was left");
});
