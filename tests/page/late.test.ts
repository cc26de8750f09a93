/** One reply of the server comes late: it never takes back what the visitor has done since. */
import { type Page, type Route, expect } from "@playwright/test";
import { EdgewisePage, test } from "./page.ts";
import { afterwards, guestOf, scenario, sessionsOverDays } from "./stack.ts";

const LIST = /\/chat\/sessions\?/;
const READ = /\/chat\/sessions\/[\w-]+\?/;

/** Holds back the next reply to what `url` names: the server has answered, and the page hears of it when the result is called. */
async function holdBack(page: Page, url: RegExp): Promise<{ held: Promise<void>; letGo: () => Promise<void> }> {
  let letGo = (): void => undefined;
  const isLetGo = new Promise<void>((resolve) => (letGo = resolve));
  let hold = (): void => undefined;
  const held = new Promise<void>((resolve) => (hold = resolve));
  let arrive = (): void => undefined;
  const arrived = new Promise<void>((resolve) => (arrive = resolve));
  const late = async (route: Route) => {
    const response = await route.fetch();
    hold();
    await isLetGo;
    await route.fulfill({ response });
    arrive();
  };
  await page.route(url, late, { times: 1 });
  return {
    held,
    letGo: async () => {
      letGo();
      await arrived;
      // The page has read what came, too.
      await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 100)));
    },
  };
}

async function said(page: Page, text: string): Promise<EdgewisePage> {
  const edgewise = new EdgewisePage(page);
  await scenario(text, { chunks: 1, chunk_text: "Yes." });
  await page.goto("/");
  await edgewise.send(text);
  await edgewise.settledAnswer();
  await expect(edgewise.sessions.getByRole("link", { name: text })).toBeVisible();
  return edgewise;
}

test("a chat that was deleted while the list and the chat itself were being read does not come back", async ({
  page,
}) => {
  const edgewise = await said(page, "to be deleted");
  const row = edgewise.sessions.getByRole("link", { name: "to be deleted" });
  for (const late of [LIST, READ]) {
    // The one is late, the other shows what is deleted.
    const reply = await holdBack(page, late);
    await page.reload();
    await reply.held;
    await expect(row).toBeVisible();
    await edgewise.remove("to be deleted");
    const undo = page.getByRole("button", { name: "Undo" });
    await expect(undo).toBeVisible();
    await reply.letGo();
    await expect(row).toHaveCount(0);
    await undo.click();
    await expect(row).toBeVisible();
    await expect(edgewise.messages).toHaveCount(2);
  }
});

test("a new title stays where an older list comes in", async ({ page }) => {
  const edgewise = await said(page, "an old name");
  const list = await holdBack(page, LIST);
  await page.context().setOffline(true);
  await page.context().setOffline(false);
  await list.held;
  await edgewise.choose("an old name", "Rename");
  const renamed = page.waitForResponse((response) => response.request().method() === "PATCH");
  await page.getByRole("textbox", { name: "New title" }).fill("a new name");
  await page.getByRole("textbox", { name: "New title" }).press("Enter");
  await renamed;
  await list.letGo();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("a new name");
});

test("what an answer says is left stays where an older count comes in", async ({ page }) => {
  const edgewise = await said(page, "count along");
  const count = await holdBack(page, /\/chat\/quota$/);
  await page.reload();
  await count.held;
  await page.route("**/messages", async (route) => {
    const response = await route.fetch();
    const headers = { ...response.headers(), "x-daily-quota-limit": "100", "x-daily-quota-remaining": "19" };
    await route.fulfill({ response, headers });
  });
  await edgewise.send("count along");
  await expect(page.locator(".quota")).toContainText("19 of 100 messages left today");
  await count.letGo();
  await expect(page.locator(".quota")).toContainText("19 of 100 messages left today");
});

test("Stop, back to the tab, Continue: an older read takes nothing of what followed", async ({ page }) => {
  const edgewise = new EdgewisePage(page);
  await scenario("stop and go on", { chunks: 400, pace_ms: 20, chunk_text: "word{i} " });
  await page.goto("/");
  await edgewise.send("stop and go on");
  await expect(edgewise.answers.last()).toContainText("word9");
  await page.getByRole("button", { name: "Stop answering" }).click();
  await expect(await edgewise.settledAnswer()).toContainText("Stopped.");
  const read = await holdBack(page, READ);
  await page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
  await read.held;
  await afterwards("stop and go on", { chunks: 3, chunk_text: "more{i} " });
  await edgewise.answers.last().getByRole("button", { name: "Continue" }).click();
  await expect(edgewise.answers.last()).toContainText("more2");
  await edgewise.settledAnswer();
  await read.letGo();
  await expect(edgewise.answers.last()).toContainText("more2");
  await expect(edgewise.answers.last()).not.toContainText("Stopped.");
});

test("of two chats of the same title each has its own way back, and a double click dismisses one notice", async ({
  page,
}) => {
  const edgewise = await said(page, "twins");
  await edgewise.sessions.getByRole("link", { name: "New chat" }).click();
  await edgewise.send("twins");
  await edgewise.settledAnswer();
  await expect(edgewise.sessions.getByRole("link", { name: "twins" })).toHaveCount(2);
  await edgewise.remove("twins");
  await expect(page.getByRole("button", { name: "Undo" })).toHaveCount(1);
  await edgewise.remove("twins");
  await expect(page.getByRole("button", { name: "Undo" })).toHaveCount(2);
  await page.locator(".notice").last().getByRole("button", { name: "Dismiss" }).dblclick();
  await expect(page.locator(".notice")).toHaveCount(1);
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(edgewise.sessions.getByRole("link", { name: "twins" })).toHaveCount(1);
});

test("after deletions at the top the list still comes to its end", async ({ page }) => {
  const edgewise = await said(page, "the newest of all");
  await sessionsOverDays(await guestOf(page), 60);
  await page.reload();
  await expect(edgewise.sessions.getByRole("link", { name: "Chat 20", exact: true })).toBeAttached();
  for (const title of ["Chat 1", "Chat 2", "Chat 3"]) await edgewise.remove(title);
  const rows = edgewise.sessions.locator("li");
  await expect(async () => {
    await rows.last().scrollIntoViewIfNeeded();
    await expect(edgewise.sessions.getByRole("link", { name: "Chat 60", exact: true })).toBeAttached({ timeout: 500 });
  }).toPass();
  await expect(edgewise.sessions.getByText("Loading…")).toHaveCount(0);
  await expect(rows).toHaveCount(58);
});

test("the row of an old chat is in view, also where the list comes after the chat", async ({ page }) => {
  const edgewise = await said(page, "the first of many");
  await sessionsOverDays(await guestOf(page), 28);
  await page.reload();
  await edgewise.sessions.getByRole("link", { name: "Chat 27", exact: true }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Chat 27");
  const list = await holdBack(page, LIST);
  await page.reload();
  await list.held;
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Chat 27");
  await list.letGo();
  await expect(edgewise.sessions.getByRole("link", { name: "Chat 2", exact: true })).toBeAttached();
  await expect(edgewise.sessions.getByRole("link", { name: "Chat 27", exact: true })).toBeInViewport();
});

test("Back after a deletion says that the chat was deleted, and can bring it back", async ({ page }) => {
  const edgewise = await said(page, "deleted and missed");
  await edgewise.remove("deleted and missed");
  await expect(page).toHaveURL(/\/$/);
  await page.goBack();
  const messages = page.getByRole("region", { name: "Messages" });
  await expect(messages).toContainText("was deleted");
  await messages.getByRole("button", { name: "Undo" }).click();
  await expect(edgewise.messages).toHaveCount(2);
});
