/** Refusals: who said it, until when it holds, what is left, and by whose clock. */
import { type Page, type Route, expect } from "@playwright/test";
import { EdgewisePage, test } from "./page.ts";
import { zeroBits } from "./proof.ts";
import { scenario } from "./stack.ts";

async function said(page: Page, text: string): Promise<EdgewisePage> {
  const edgewise = new EdgewisePage(page);
  await scenario(text, { chunks: 1, chunk_text: "Yes." });
  await page.goto("/");
  await edgewise.send(text);
  await edgewise.settledAnswer();
  return edgewise;
}

function token(page: Page): Promise<string | null> {
  return page.evaluate(() => localStorage.getItem("edgewise.token"));
}

test("the sign-in page of a network does not cost a guest their chats", async ({ page }) => {
  const edgewise = await said(page, "through the hotel");
  const before = await token(page);
  const portal = (route: Route) =>
    route.fulfill({ status: 401, contentType: "text/html", body: "<h1>Sign in to our network</h1>" });
  await page.route("**/api/v1/**", portal);
  await page.reload();
  await expect(page.getByText("Something else answered in Edgewise’s place").first()).toBeVisible();
  expect(await token(page)).toBe(before);
  await page.unroute("**/api/v1/**", portal);
  await page.reload();
  await expect(edgewise.messages).toHaveCount(2);
  expect(await token(page)).toBe(before);
});

test("a token that our API refuses is kept beside the one that takes its place", async ({ page }) => {
  await said(page, "under an old name");
  await page.evaluate(() => localStorage.setItem("edgewise.token", "of.another.secret"));
  await page.reload();
  await expect.poll(() => token(page)).not.toBe("of.another.secret");
  expect(await page.evaluate(() => localStorage.getItem("edgewise.tokens.replaced"))).toContain("of.another.secret");
});

const quota = (left: number) => ({
  "X-RateLimit-Limit": "20",
  "X-RateLimit-Remaining": "19",
  "X-RateLimit-Reset": String(Math.ceil(Date.now() / 1000) + 60),
  "X-Daily-Quota-Limit": "5",
  "X-Daily-Quota-Remaining": String(left),
  "X-Daily-Quota-Reset": String(Math.ceil(Date.now() / 1000) + 7200),
});

function refuse(page: Page, status: number, code: string, headers: Record<string, string>, retryAfter?: number) {
  const error = { code, message: "m", request_id: "r", ...(retryAfter && { retry_after: retryAfter }) };
  return page.route("**/messages", (route) => route.fulfill({ status, headers, json: { error } }), { times: 1 });
}

test("a limit reached from elsewhere is the limit that is shown", async ({ page }) => {
  const edgewise = await said(page, "four of five");
  await refuse(page, 429, "quota_exceeded", { ...quota(0), "Retry-After": "7200", "X-Should-Retry": "false" }, 7200);
  await edgewise.send("one too many");
  await expect(page.getByRole("alert")).toContainText(/You can try again in (2 h|1 h 5\d min)/);
  await expect(page.locator(".quota")).toContainText("0 of 5 messages left today");
  await expect(page.getByRole("button", { name: "Send", exact: true })).toBeDisabled();
  await expect(edgewise.composer).toHaveValue("one too many");
  await expect(page.locator("p[aria-live]"), "the alert says it").not.toContainText("used all");
});

test("a refusal holds for an edit and in another chat, too", async ({ page }) => {
  const edgewise = await said(page, "refused everywhere");
  await refuse(page, 503, "provider_unavailable", { "Retry-After": "60" }, 60);
  await edgewise.send("not now");
  await expect(page.getByRole("alert")).toContainText(/You can try again in \d+ (s|min)/);
  await edgewise.messages.first().hover();
  await edgewise.messages.first().getByRole("button", { name: "Edit message" }).click();
  await expect(page.locator(".edit").getByRole("button", { name: "Send" })).toBeDisabled();
  await expect(page.locator(".edit"), "and why").toContainText("You can try again in");
  await edgewise.sessions.getByRole("link", { name: "New chat" }).click();
  for (const draft of ["nor here", "nor this ".repeat(400)]) {
    await edgewise.composer.fill(draft);
    await expect(page.getByRole("button", { name: "Send", exact: true })).toBeDisabled();
    await expect(page.locator("#composer-note")).toContainText("You can try again in");
  }
  await expect(page.locator("#composer-note")).toContainText("3,600 of");
});

for (const code of ["rate_limited", "provider_rate_limited", "provider_unavailable"])
  test(`${code} says when, and sending waits until then`, async ({ page }) => {
    const edgewise = await said(page, `before ${code}`);
    await refuse(page, code === "rate_limited" ? 429 : 503, code, { "Retry-After": "8" }, 8);
    await edgewise.send("and now");
    await expect(page.getByRole("alert")).toContainText(/You can try again in \d s/);
    await expect(page.getByRole("button", { name: "Send", exact: true })).toBeDisabled();
    await expect(page.getByRole("button", { name: "Send", exact: true })).toBeEnabled();
    await scenario("and now", { chunks: 1, chunk_text: "Now." });
    await edgewise.composer.press("Enter");
    await expect(edgewise.messages).toHaveCount(4);
  });

test("a device whose clock is 50 minutes slow waits as long as the server says", async ({ page }) => {
  const edgewise = await said(page, "what is the time");
  await page.addInitScript(() => {
    const { now } = Date;
    Date.now = () => now() - 50 * 60_000;
  });
  await page.reload();
  await expect(edgewise.messages).toHaveCount(2);
  await expect(edgewise.answers.last().locator("time")).toHaveText("just now");
  const reset = Math.ceil(Date.now() / 1000) + 90;
  await refuse(page, 429, "rate_limited", {
    ...quota(4),
    "X-RateLimit-Remaining": "0",
    "X-RateLimit-Reset": String(reset),
  });
  await edgewise.send("too quick");
  await expect(page.locator("#composer-note").getByText(/You can send again in 2 min/)).toBeVisible();
});

test("a budget that is used up says so, and until when, and takes nothing away", async ({ page }) => {
  const edgewise = await said(page, "while there was money");
  await refuse(page, 503, "budget_exhausted", { "Retry-After": "5", "X-Should-Retry": "false" }, 5);
  await edgewise.send("one too dear");
  await expect(page.getByRole("alert")).toContainText(
    /budget for answers is used up for now. You can try again in \d s/,
  );
  await expect(page.locator("#composer-note")).toContainText(/It is filled again in \d s/);
  await expect(page.getByRole("button", { name: "Send", exact: true })).toBeDisabled();
  await expect(edgewise.composer).toHaveValue("one too dear");
  await expect(edgewise.messages).toHaveCount(2);
  await scenario("one too dear", { chunks: 1, chunk_text: "Filled again." });
  await page.getByRole("alert").getByRole("button", { name: "Send again" }).click();
  await expect(await edgewise.settledAnswer()).toContainText("Filled again.");
});

test("where there is no room right now the message goes out by itself a moment later", async ({ page }) => {
  const edgewise = await said(page, "before the crowd");
  await scenario("into the crowd", { chunks: 1, chunk_text: "Room." });
  await refuse(page, 503, "overloaded", { "Retry-After": "3" }, 3);
  const keys: (string | undefined)[] = [];
  page.on("request", (request) => {
    if (request.url().endsWith("/messages")) keys.push(request.headers()["idempotency-key"]);
  });
  await edgewise.send("into the crowd");
  await expect(
    page.getByText(/Many people are writing right now. Your message is sent again in \d s/).first(),
  ).toBeVisible();
  await expect(await edgewise.settledAnswer()).toContainText("Room.");
  expect(keys).toHaveLength(2);
  expect(new Set(keys).size).toBe(1);
});

test("a full space says what makes room", async ({ page }) => {
  const edgewise = await said(page, "the last that fits");
  await refuse(page, 403, "storage_full", { "X-Should-Retry": "false" });
  await edgewise.send("one more");
  await expect(page.getByRole("alert")).toContainText("Delete chats to make room");
  await expect(edgewise.composer).toHaveValue("one more");
  await expect(edgewise.messages).toHaveCount(2);
});

/** Has the next message answered by a challenge. */
async function challenge(page: Page, bits: number): Promise<void> {
  const error = { code: "challenge_required", message: "m", request_id: "r", challenge: "a-challenge", bits };
  const headers = { "WWW-Authenticate": "EdgewiseWork" };
  await page.route("**/messages", (route) => route.fulfill({ status: 401, headers, json: { error } }), { times: 1 });
}

test("a message that wants work is worked for, and sent again with the proof", async ({ page }) => {
  const edgewise = await said(page, "before the work");
  await scenario("after the work", { chunks: 1, chunk_text: "Done." });
  await challenge(page, 16);
  const proofs: (string | undefined)[] = [];
  page.on("request", (request) => {
    if (request.url().endsWith("/messages")) proofs.push(request.headers()["x-proof-of-work"]);
  });
  await edgewise.send("after the work");
  await expect(await edgewise.settledAnswer()).toContainText("Done.");
  expect(proofs[0]).toBeUndefined();
  expect(zeroBits(proofs[1], "a-challenge")).toBeGreaterThanOrEqual(16);
});

test("long work is said, and Stop ends it and gives the words back", async ({ page }) => {
  const edgewise = await said(page, "before the long work");
  await challenge(page, 24);
  let sent = 0;
  page.on("request", (request) => (sent += Number(request.url().endsWith("/messages"))));
  await edgewise.send("too long to wait for");
  await expect(page.locator(".sending-line")).toContainText("Checking that you are a person");
  await expect.poll(() => page.workers().length).toBe(1);
  await page.getByRole("button", { name: "Stop answering" }).click();
  await expect(edgewise.composer).toHaveValue("too long to wait for");
  await expect(page.locator(".sending-line")).toHaveCount(0);
  await expect.poll(() => page.workers().length).toBe(0);
  await expect(page.getByRole("alert")).toHaveCount(0);
  expect(sent).toBe(1);
});

test("a chat too long for the model offers a new one, with the words", async ({ page }) => {
  const edgewise = await said(page, "a long story");
  await refuse(page, 413, "context_too_long", {});
  await edgewise.send("and the end of it");
  const alert = page.getByRole("alert");
  await expect(alert).toContainText("too long for the model");
  await expect(alert).not.toContainText("Try again");
  await expect(alert.getByRole("button", { name: "Send again" })).toHaveCount(0);
  await alert.getByRole("button", { name: "New chat" }).click();
  await expect(page).toHaveURL(/\/$/);
  await expect(edgewise.composer).toHaveValue("and the end of it");
});

test("a message whose chat was deleted goes out under a new key, in a new chat", async ({ page }) => {
  const edgewise = await said(page, "soon to be gone");
  await refuse(page, 410, "gone", {});
  const first = page.waitForRequest(/\/messages$/);
  await edgewise.send("into the void");
  const key = (await first).headers()["idempotency-key"];
  await page.getByRole("alert").getByRole("button", { name: "New chat" }).click();
  await scenario("into the void", { chunks: 1, chunk_text: "Here." });
  const second = page.waitForRequest(/\/messages$/);
  await edgewise.composer.press("Enter");
  expect((await second).headers()["idempotency-key"]).not.toBe(key);
  await expect(await edgewise.settledAnswer()).toContainText("Here.");
});

test("an API that is switched off is noticed before one writes", async ({ page }) => {
  const off = { error: { code: "not_found", message: "There is nothing here.", request_id: "r" } };
  await said(page, "before it was switched off");
  await page.route("**/api/v1/**", (route) => route.fulfill({ status: 404, json: off }));
  await page.goto("/");
  await expect(page.getByText("Edgewise is switched off at the moment")).toBeVisible();
  await expect(page.getByRole("button", { name: "Send", exact: true })).toBeDisabled();
});

test("a browser that keeps nothing says so at once, and that the chat is gone after a reload", async ({ page }) => {
  await page.addInitScript(() => {
    for (const name of ["localStorage", "sessionStorage"])
      Object.defineProperty(window, name, {
        get: () => {
          throw new DOMException("denied", "SecurityError");
        },
      });
  });
  const edgewise = await said(page, "kept nowhere");
  await expect(edgewise.notice("your chats are gone when you close or reload")).toHaveCount(1);
  await page.reload();
  await expect(page.getByRole("region", { name: "Messages" })).toContainText("This chat is gone");
  await expect(edgewise.composer).toHaveCount(0);
});

test("a storage that is full later on, and does not take the guest's token, is told then", async ({ page }) => {
  await page.addInitScript(() => {
    // eslint-disable-next-line @typescript-eslint/unbound-method -- it is called with its own storage
    Storage.prototype.setItem = new Proxy(Storage.prototype.setItem, {
      apply: (set, storage, args: [string, string]) => {
        if (args[0] === "edgewise.token") throw new DOMException("full", "QuotaExceededError");
        Reflect.apply(set, storage, args);
      },
    });
  });
  const edgewise = new EdgewisePage(page);
  await page.goto("/");
  await expect(edgewise.composer).toBeVisible();
  await expect(page.locator(".notice")).toHaveCount(0);
  await scenario("not to be kept", { chunks: 1, chunk_text: "Yes." });
  await edgewise.send("not to be kept");
  await edgewise.settledAnswer();
  await expect(edgewise.notice("your chats are gone when you close or reload")).toHaveCount(1);
});

test("what was not done offline is named", async ({ page }) => {
  const edgewise = await said(page, "not to be changed");
  await page.route("**/chat/sessions/*", (route) => route.abort("connectionreset"));
  await edgewise.choose("not to be changed", "Rename");
  await page.getByRole("textbox", { name: "New title" }).fill("renamed");
  await page.getByRole("textbox", { name: "New title" }).press("Enter");
  await expect(edgewise.notice("“not to be changed” was not renamed.")).toBeVisible();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("not to be changed");
  await edgewise.remove("not to be changed");
  await expect(edgewise.notice("“not to be changed” was not deleted.")).toBeVisible();
  await expect(edgewise.sessions.getByRole("link", { name: "not to be changed" })).toBeVisible();
  await expect(edgewise.messages).toHaveCount(2);
});

test("what is refused outside of a message says from when on it may be done", async ({ page }) => {
  const edgewise = await said(page, "asked too often");
  const error = { code: "rate_limited", message: "m", request_id: "r", retry_after: 40 };
  const refusal = { status: 429, headers: { "Retry-After": "40" }, json: { error } };
  const refused = (route: Route) => route.fulfill(refusal);
  await page.route("**/chat/sessions/*", refused);
  await edgewise.choose("asked too often", "Rename");
  await page.getByRole("textbox", { name: "New title" }).fill("renamed");
  await page.getByRole("textbox", { name: "New title" }).press("Enter");
  await expect(edgewise.notice(/was not renamed\. .*You can try again in \d\d s\./)).toBeVisible();
  await page.unroute("**/chat/sessions/*", refused);
  await page.route("**/chat/sessions?*", refused);
  await page.route("**/chat/sessions", refused);
  await page.reload();
  await expect(edgewise.sessions).toContainText(/Your chats could not be read\. .*You can try again in \d\d s\./);
});

test("a list and a chat that cannot be read say what, and why, and are read by hand", async ({ page }) => {
  const edgewise = await said(page, "hard to read");
  const error = { code: "storage_unavailable", message: "m", request_id: "r" };
  await page.route("**/chat/sessions**", (route) => route.fulfill({ status: 503, json: { error } }));
  await page.reload();
  const messages = page.getByRole("region", { name: "Messages" });
  await expect(messages).toContainText("This chat could not be read.");
  await expect(edgewise.sessions).toContainText("Your chats could not be read. Your chats cannot be reached");
  await page.unroute("**/chat/sessions**");
  await messages.getByRole("button", { name: "Try again" }).click();
  await expect(edgewise.messages).toHaveCount(2);
  await edgewise.sessions.getByRole("button", { name: "Try again" }).click();
  await expect(edgewise.sessions.getByRole("link", { name: "hard to read" })).toBeVisible();
});
