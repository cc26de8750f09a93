/** The list of sessions, and going from one to another. */
import { expect } from "@playwright/test";
import { EdgewisePage, test } from "./page.ts";
import { guestOf, scenario, sessionsOverDays } from "./stack.ts";

test("the list is grouped by day and goes on as one scrolls", async ({ page }) => {
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
