/** Stop means stop, also before the first word, and how an answer ended is said as it was. */
import { type Page, expect } from "@playwright/test";
import { EdgewisePage, test } from "./page.ts";
import { scenario } from "./stack.ts";

/** What the page has asked of the API since now: method and path. */
function calls(page: Page): string[] {
  const all: string[] = [];
  page.on("request", (request) => {
    const { pathname } = new URL(request.url());
    if (pathname.startsWith("/api/")) all.push(`${request.method()} ${pathname}`);
  });
  return all;
}

test("Stop before the first word: nothing is sent again, no answer comes, and nobody goes on asking", async ({
  page,
}) => {
  const edgewise = new EdgewisePage(page);
  const asked = calls(page);
  await scenario("thinks for long", { first_byte_delay_ms: 3000, chunks: 20, pace_ms: 50, chunk_text: "word{i} " });
  await page.goto("/");
  const sent = page.waitForRequest(/\/messages$/);
  await edgewise.send("thinks for long");
  await sent;
  // While the model is silent.
  await page.getByRole("button", { name: "Stop answering" }).click();
  const answer = await edgewise.settledAnswer();
  await expect(answer).toContainText("Stopped.");
  await expect(answer).not.toContainText("word");
  await expect(edgewise.composer).toHaveValue("");
  expect(asked.filter((call) => /^POST .*\/messages$/.test(call))).toHaveLength(1);
  expect(asked.filter((call) => /^POST .*\/stop$/.test(call))).toHaveLength(1);

  const before = asked.length;
  await page.waitForTimeout(2500);
  const lookups = asked.slice(before).filter((call) => /messages|stream|stop/.test(call));
  expect(lookups, "nothing is looked up any more").toEqual([]);
  await page.reload();
  await expect(await edgewise.settledAnswer()).toContainText("Stopped.");
  await expect(edgewise.messages).toHaveCount(2);
});

test("an answer that ended because the page was left says so, and one click goes on", async ({ page }) => {
  const edgewise = new EdgewisePage(page);
  await scenario("left alone", { chunks: 200, pace_ms: 50, chunk_text: "word{i} " });
  await page.goto("/");
  await edgewise.send("left alone");
  await expect(edgewise.answers.last()).toContainText("word9");
  await page.reload();
  const answer = await edgewise.settledAnswer();
  await expect(answer).toContainText("ended when the page was left");
  await expect(answer).not.toContainText("Stopped.");
  await expect(answer.getByRole("button", { name: "Continue" })).toBeVisible();
});

test("under half an answer stands that it broke off, not that there is none", async ({ page }) => {
  const edgewise = new EdgewisePage(page);
  await scenario("half of it", { chunks: 40, pace_ms: 20, chunk_text: "word{i} ", close_at: 10 });
  await page.goto("/");
  await edgewise.send("half of it");
  const answer = await edgewise.settledAnswer();
  await expect(answer).toContainText("word9");
  await expect(answer).toContainText("broke off here");
  await expect(answer).not.toContainText("could not answer");
});

test("an answer as long as the model may write says so and goes on; one that was filtered says so and does not", async ({
  page,
}) => {
  const edgewise = new EdgewisePage(page);
  await scenario("very long", { chunks: 5, chunk_text: "word{i} ", finish: "length" });
  await page.goto("/");
  await edgewise.send("very long");
  let answer = await edgewise.settledAnswer();
  await expect(answer).toContainText("reached its length limit");
  await expect(answer.getByRole("button", { name: "Continue" })).toBeVisible();
  await scenario("very bad", { chunks: 5, chunk_text: "word{i} ", finish: "content_filter" });
  await edgewise.send("very bad");
  await expect(edgewise.messages).toHaveCount(4);
  answer = await edgewise.settledAnswer();
  await expect(answer).toContainText("held back the rest");
  await expect(answer.getByRole("button", { name: "Continue" })).toHaveCount(0);
});

test("an answer without a word says so, and can be asked for again", async ({ page }) => {
  const edgewise = new EdgewisePage(page);
  await scenario("say nothing", { chunks: 0 });
  await page.goto("/");
  await edgewise.send("say nothing");
  const answer = await edgewise.settledAnswer();
  await expect(answer).toContainText("The model answered without a word.");
  await expect(answer.getByRole("button", { name: "Continue" })).toHaveCount(0);
  await page.reload();
  await expect(await edgewise.settledAnswer()).toContainText("The model answered without a word.");
  await expect(edgewise.answers.last().getByRole("button", { name: "Ask again" })).toBeEnabled();
});
