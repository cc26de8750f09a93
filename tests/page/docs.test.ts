/** The API's readable page: its operations are tried there. */
import { type Page, expect } from "@playwright/test";
import { axe, violations } from "./axe.ts";
import { test } from "./page.ts";
import { scenario } from "./stack.ts";

/** Opens the form of an operation, by the keyboard. */
async function form(page: Page, operation: string) {
  const way = page.getByLabel(`Try it: ${operation}`, { exact: true });
  await way.press("Enter");
  const details = page.locator("details").filter({ has: way });
  await expect(details.getByRole("button", { name: "Send" })).toBeVisible();
  return details;
}

test("a guest is made and a message answered on the API's page, as it arrives, and an error has its code", async ({
  page,
}) => {
  const asked: string[] = [];
  page.on("request", (request) => asked.push(request.url()));
  await scenario("Tried on the page", { chunks: 400, pace_ms: 20, chunk_text: "word{i} " });
  await page.goto("/api/v1/docs");
  expect(
    asked.filter((url) => url.includes("openapi.json")),
    "the contract comes with the first form",
  ).toEqual([]);
  const asking = await form(page, "POST /api/v1/chat/messages");
  const told = asking.getByRole("status");
  const body = asking.getByRole("group", { name: "Body of the answer" });
  await expect(asking.getByLabel("Body", { exact: true })).toHaveValue(/"content": "Where does the Tejo begin\?"/);

  await test.step("without a token it is said which one is missing, with the code", async () => {
    await asking.getByRole("button", { name: "Send" }).press("Enter");
    await expect(told).toContainText("401 unauthenticated");
    await expect(body).toContainText('"request_id"');
  });

  await asking.getByRole("button", { name: "Make a guest’s token" }).press("Enter");
  await expect(told).toContainText("new guest");
  const token = await asking.getByLabel("Token", { exact: true }).inputValue();
  expect(token).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/);

  await test.step("the answer is shown while it comes, and can be stopped", async () => {
    await asking.getByLabel("Body", { exact: true }).fill('{"content": "Tried on the page, isn\'t it?"}');
    await asking.getByRole("button", { name: "Send" }).press("Enter");
    await expect(body).toContainText("word3 ");
    await expect(told).toHaveText("200 …");
    await expect(asking.getByRole("group", { name: "Heads of the answer" })).toContainText("x-request-id: ");
    await expect(asking.getByRole("button", { name: "Send" }), "what is sent keeps the focus").toBeFocused();
    await asking.getByRole("button", { name: "Stop" }).press("Enter");
    await expect(told).toHaveText("Stopped.");
    await expect(body).not.toContainText("[DONE]");
  });

  await test.step("the same by curl, without the token", async () => {
    const curl = asking.getByRole("group", { name: "The same by curl" });
    await expect(curl).toContainText(`curl -N -X POST '${new URL(page.url()).origin}/api/v1/chat/messages'`);
    await expect(curl).toContainText(`--data-raw '{"content": "Tried on the page, isn'\\''t it?"}'`);
    await expect(curl).toContainText("Bearer $TOKEN");
    await expect(curl).not.toContainText(token);
  });

  await test.step("another form has the same token; what would be lost is asked for", async () => {
    const deleting = await form(page, "DELETE /api/v1/chat/sessions/{id}");
    await expect(deleting.getByLabel("Token", { exact: true })).toHaveValue(token);
    await deleting.getByLabel("id (path)").fill("00000000-0000-0000-0000-000000000000");
    page.once("dialog", (dialog) => void dialog.dismiss());
    await deleting.getByRole("button", { name: "Send" }).press("Enter");
    await expect(deleting.getByRole("status")).toHaveText("Not sent.");
    page.once("dialog", (dialog) => void dialog.accept());
    await deleting.getByRole("button", { name: "Send" }).press("Enter");
    await expect(deleting.getByRole("status")).toContainText("404 session_not_found");
  });

  expect(page.url()).toMatch(/\/api\/v1\/docs$/);
  expect(asked.filter((url) => url.includes(token))).toEqual([]);
  await expect(page.getByLabel("Try it: DELETE /api/v1/me", { exact: true }), "no account ends by a try").toHaveCount(
    0,
  );
});

test("nothing bars the way on the API's page", async ({ browser, baseURL }) => {
  // The page's own policy would refuse the checker's evaluation.
  const context = await browser.newContext({ bypassCSP: true, ...(baseURL ? { baseURL } : {}) });
  const page = await context.newPage();
  await page.addInitScript({ path: axe });
  await page.goto("/api/v1/docs");
  const health = await form(page, "GET /api/v1/health");
  await health.getByRole("button", { name: "Send" }).press("Enter");
  await expect(health.getByRole("status")).toContainText(/^200 .* ms$/);
  await form(page, "POST /api/v1/chat/messages");
  for (const colorScheme of ["light", "dark"] as const) {
    for (const width of [1280, 320]) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 800 });
      await expect.poll(() => violations(page), { message: `${colorScheme}, ${width}` }).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${width}`).toBe(true);
    }
  }
  await context.close();
});
