/** No answer lost, none paid twice: stop, continue, versions, resume, and what becomes of an asking that fails. */
import { type Page, expect } from "@playwright/test";
import { EdgewisePage, test } from "./page.ts";
import { afterwards, fault, scenario } from "./stack.ts";

/** The text of the last answer as it is shown. */
function shownText(edgewise: EdgewisePage): Promise<string> {
  return edgewise.answers.last().locator(".prose").innerText();
}

async function ask(page: Page, text: string, answer: string): Promise<EdgewisePage> {
  const edgewise = new EdgewisePage(page);
  await scenario(text, { chunks: 1, chunk_text: answer });
  await page.goto("/");
  await edgewise.send(text);
  await expect(await edgewise.settledAnswer()).toContainText(answer);
  return edgewise;
}

test("Stop keeps what was seen, to the letter, and Continue goes on from there", async ({ page }) => {
  const edgewise = new EdgewisePage(page);
  await scenario("stop here", { chunks: 400, pace_ms: 20, chunk_text: "word{i} " });
  await page.goto("/");
  await edgewise.send("stop here");
  await expect(edgewise.answers.last()).toContainText("word9");
  await page.getByRole("button", { name: "Stop answering" }).click();
  await expect(await edgewise.settledAnswer()).toContainText("Stopped.");
  const seen = await shownText(edgewise);

  await page.reload();
  await edgewise.settledAnswer();
  expect(await shownText(edgewise)).toBe(seen);

  await afterwards("stop here", { chunks: 5, chunk_text: "more{i} " });
  await edgewise.answers.last().getByRole("button", { name: "Continue" }).click();
  await expect(edgewise.answers.last()).toContainText("more4");
  const answer = await edgewise.settledAnswer();
  await expect(answer).not.toContainText("Stopped.");
  const whole = await shownText(edgewise);
  expect(whole.startsWith(seen.trimEnd())).toBe(true);
  await expect(edgewise.messages).toHaveCount(2);
  await page.reload();
  await edgewise.settledAnswer();
  expect(await shownText(edgewise)).toBe(whole);
});

test("a second answer stands beside the first, and one goes on from either", async ({ page }) => {
  const edgewise = await ask(page, "tell me one of two", "The first.");
  await scenario("tell me one of two", { chunks: 1, chunk_text: "The second." });
  await edgewise.answers.last().getByRole("button", { name: "Ask again" }).click();
  await expect(await edgewise.settledAnswer()).toContainText("The second.");
  await expect(edgewise.messages).toHaveCount(2);

  await test.step("by keyboard, without the focus getting lost", async () => {
    const before = edgewise.answers.last().getByRole("button", { name: "Previous version" });
    await before.focus();
    await page.keyboard.press("Enter");
    await expect(edgewise.answers.last()).toContainText("The first.");
    await expect(page.getByText("Version 1 of 2")).toBeAttached();
    await expect(before).toBeFocused();
    await page.keyboard.press("Enter");
    await expect(edgewise.answers.last()).toContainText("The first.");
  });

  await test.step("what is said now follows what is on screen", async () => {
    await scenario("and then", { chunks: 1, chunk_text: "Then this." });
    await edgewise.send("and then");
    await expect(await edgewise.settledAnswer()).toContainText("Then this.");
    await expect(edgewise.messages).toHaveCount(4);
    await page.reload();
    await expect(edgewise.messages).toHaveCount(4);
    await expect(edgewise.answers.first()).toContainText("The first.");
    await edgewise.answers.first().getByRole("button", { name: "Next version" }).click();
    await expect(edgewise.messages).toHaveCount(2);
    await expect(edgewise.answers.last()).toContainText("The second.");
  });
});

test("a message is said in other words; what was there before stays", async ({ page }) => {
  const edgewise = await ask(page, "a question with a tpyo", "Sorry?");
  await scenario("without a typo", { chunks: 1, chunk_text: "Yes!" });
  await edgewise.composer.press("ArrowUp");
  const field = page.getByRole("textbox", { name: "Edit message" });
  await expect(field).toBeFocused();
  await expect(field).toHaveValue("a question with a tpyo");
  await page.keyboard.press("Escape");
  await expect(field).toHaveCount(0);
  await expect(edgewise.composer).toBeFocused();

  await edgewise.messages.first().hover();
  await edgewise.messages.first().getByRole("button", { name: "Edit message" }).click();
  await field.fill("a question without a typo");
  await field.press("Enter");
  await expect(await edgewise.settledAnswer()).toContainText("Yes!");
  await expect(edgewise.messages).toHaveCount(2);
  await expect(edgewise.messages.first().getByRole("group", { name: "Version 2 of 2" })).toBeVisible();
  await expect(edgewise.composer).toBeFocused();

  await edgewise.messages.first().getByRole("button", { name: "Previous version" }).click();
  await expect(edgewise.messages.first()).toContainText("tpyo");
  await expect(edgewise.answers.last()).toContainText("Sorry?");
  await page.reload();
  await expect(edgewise.messages.first()).toContainText("without a typo");
});

test("an edit that cannot be sent keeps its words", async ({ page }) => {
  const edgewise = await ask(page, "say it well", "Well.");
  await edgewise.composer.press("ArrowUp");
  const field = page.getByRole("textbox", { name: "Edit message" });
  await field.fill("say it better");
  await page.route("**/messages/*", (route) => route.abort("connectionreset"));
  await field.press("Enter");
  await expect(page.getByRole("alert")).toContainText("cannot be reached");
  await expect(field).toHaveValue("say it better");
  await page.unroute("**/messages/*");
  await scenario("say it better", { chunks: 1, chunk_text: "Better." });
  await field.press("Enter");
  await expect(await edgewise.settledAnswer()).toContainText("Better.");
});

test("an answer is read along in a second tab, from its first word to its last", async ({ page, context }) => {
  const edgewise = new EdgewisePage(page);
  await scenario("for two readers", { chunks: 400, pace_ms: 30, chunk_text: "word{i} " });
  await page.goto("/");
  await edgewise.send("for two readers");
  await expect(edgewise.answers.last()).toContainText("word5");
  const other = new EdgewisePage(await context.newPage());
  await other.page.goto(page.url());
  await expect(other.answers.last()).toContainText("word30");
  await expect(other.page.getByRole("button", { name: "Stop answering" })).toBeVisible();
  await edgewise.settledAnswer();
  await other.settledAnswer();
  expect(await shownText(edgewise)).toContain("word399");
  expect(await shownText(other)).toBe(await shownText(edgewise));
  await expect(other.answers.last()).not.toContainText("Stopped.");
});

test("Stop in a second tab stops the answer in the first", async ({ page, context }) => {
  const edgewise = new EdgewisePage(page);
  await scenario("stopped from elsewhere", { chunks: 600, pace_ms: 20, chunk_text: "word{i} " });
  await page.goto("/");
  await edgewise.send("stopped from elsewhere");
  await expect(edgewise.answers.last()).toContainText("word5");
  const other = new EdgewisePage(await context.newPage());
  await other.page.goto(page.url());
  await expect(other.answers.last()).toContainText("word20");
  await other.page.getByRole("button", { name: "Stop answering" }).click();
  await expect(await other.settledAnswer()).toContainText("Stopped.");
  await expect(await edgewise.settledAnswer()).toContainText("Stopped.");
});

test("a reload before the answer began asks again under the same key, and pays once", async ({ page }) => {
  const edgewise = new EdgewisePage(page);
  await scenario("reloaded too early", { chunks: 5, chunk_text: "word{i} ", first_byte_delay_ms: 2000 });
  await page.goto("/");
  const first = page.waitForRequest(/\/chat\/messages$/);
  await edgewise.send("reloaded too early");
  const key = (await first).headers()["idempotency-key"];
  expect(key).toMatch(/^[0-9a-f]{32}$/);
  const second = page.waitForRequest(/\/chat\/messages$/);
  await page.reload();
  expect((await second).headers()["idempotency-key"]).toBe(key);
  await edgewise.settledAnswer();
  await expect(edgewise.messages).toHaveCount(2);
  await expect(edgewise.composer).toHaveValue("");
  await page.reload();
  const token = await page.evaluate(() => localStorage.getItem("edgewise.token"));
  const counted = await page.request.get("/api/v1/chat/quota", { headers: { Authorization: `Bearer ${token ?? ""}` } });
  expect(await counted.json()).toMatchObject({ day: { remaining: 99 } });
  await expect(edgewise.sessions.getByRole("link", { name: "reloaded too early" })).toHaveCount(1);
});

test("a message that got no answer is kept, and asked again", async ({ page }) => {
  const edgewise = new EdgewisePage(page);
  await scenario("nobody answers", { error: { status: 400, code: "invalid_request_error" } });
  await page.goto("/");
  await edgewise.send("nobody answers");
  const question = edgewise.messages.first();
  await expect(question).toContainText("nobody answers");
  await expect(question).toContainText("could not answer");
  await expect(edgewise.composer).toHaveValue("");
  await page.reload();
  await expect(question).toContainText("got no answer");
  await scenario("nobody answers", { chunks: 1, chunk_text: "I do." });
  await question.getByRole("button", { name: "Ask again" }).click();
  await expect(await edgewise.settledAnswer()).toContainText("I do.");
  await expect(question).not.toContainText("got no answer");
  await expect(edgewise.messages).toHaveCount(2);
});

test("an answer that could not be saved says so, and is saved by hand", async ({ page }) => {
  const edgewise = new EdgewisePage(page);
  await scenario("hard to keep", { chunks: 5, chunk_text: "slippery{i} " });
  const lift = await fault("sql", "slippery", { status: 500 });
  await page.goto("/");
  await edgewise.send("hard to keep");
  const answer = await edgewise.settledAnswer();
  await expect(answer).toContainText("slippery4");
  await expect(answer).toContainText("not saved yet");
  await lift();
  await answer.getByRole("button", { name: "Save again" }).click();
  await expect(answer).not.toContainText("not saved yet");
  await page.reload();
  await expect(await edgewise.settledAnswer()).toContainText("slippery4");
});

test("while the model rests, the page counts down and then lets one ask", async ({ page }) => {
  const edgewise = await ask(page, "are you tired", "A little.");
  const rests = {
    error: { code: "provider_unavailable", message: "It rests.", request_id: "r", retry_after: 8 },
  };
  await page.route("**/messages", (route) => route.fulfill({ status: 503, json: rests }), { times: 1 });
  await edgewise.send("are you tired now");
  const alert = page.getByRole("alert");
  await expect(alert).toContainText(/The model is unavailable at the moment. You can try again in \d s/);
  const again = alert.getByRole("button", { name: "Send again" });
  await expect(again).toBeDisabled();
  await expect(alert).toContainText("You can try again now");
  await again.click();
  await expect(edgewise.messages).toHaveCount(4);
  await edgewise.settledAnswer();
  await expect(edgewise.composer).toHaveValue("");
});

test("what another device wrote is there when one comes back to the tab", async ({ page, context }) => {
  const edgewise = await ask(page, "from this device", "Here.");
  const other = new EdgewisePage(await context.newPage());
  await other.page.goto(page.url());
  await expect(other.messages).toHaveCount(2);
  await scenario("from the other", { chunks: 1, chunk_text: "There." });
  await other.send("from the other");
  await expect(other.answers.last()).toContainText("There.");
  await other.settledAnswer();
  await page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
  await expect(edgewise.messages).toHaveCount(4);
  await expect(edgewise.answers.last()).toContainText("There.");
});
