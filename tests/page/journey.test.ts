/** The main journey: open, send, see the text grow, reload, see it again, delete the session, and take that back. */
import { createHmac } from "node:crypto";
import { expect } from "@playwright/test";
import { EVERYTHING } from "./everything.ts";
import { EdgewisePage, test } from "./page.ts";
import { scenario, streamed } from "./stack.ts";

test("a stranger opens the page, asks, sees the answer grow, and finds it again after a reload", async ({ page }) => {
  const edgewise = new EdgewisePage(page);
  await streamed("Tell me about the edge", EVERYTHING, 100, 40);
  await page.goto("/");
  await edgewise.send("Tell me about the edge");

  await test.step("the text grows, and leaves the composer once it was taken", async () => {
    const answer = edgewise.answers.last().locator(".prose");
    await expect(answer).toContainText(/\w/);
    const first = (await answer.innerText()).length;
    await expect.poll(async () => (await answer.innerText()).length).toBeGreaterThan(first);
    await expect(edgewise.composer).toHaveValue("");
  });

  await edgewise.settledAnswer();
  await expect(page).toHaveURL(/\/c\/[\w-]+$/);
  // Blocks with their texts: colours and copy buttons come when there is time, in either case.
  const blocks = () =>
    edgewise.messages
      .locator(".prose, .bubble")
      .evaluateAll((all) =>
        all.map((one) => [
          one.childElementCount,
          ...[...one.querySelectorAll("p, li, h3, h4, h5, h6, td, th, code")].map(
            (part) => `${part.localName} ${part.textContent}`,
          ),
        ]),
      );
  const shown = await blocks();
  expect(shown).toHaveLength(2);
  await test.step("what was streamed is what is stored", async () => {
    await page.reload();
    await expect(edgewise.messages).toHaveCount(2);
    await edgewise.settledAnswer();
    await expect.poll(blocks).toEqual(shown);
  });

  await test.step("delete, undo, delete for good", async () => {
    const row = edgewise.sessions.getByRole("link", {
      name: "Tell me about the edge",
    });
    await expect(row).toHaveAttribute("aria-current", "page");
    const remove = async () => {
      await edgewise.choose("Tell me about the edge", "Delete");
      await edgewise.sessions.getByRole("button", { name: "Delete", exact: true }).click();
      await expect(row).toHaveCount(0);
      await expect(page).toHaveURL(/\/$/);
    };
    await remove();
    await page.getByRole("button", { name: "Undo" }).click();
    await expect(row).toBeVisible();
    await expect(edgewise.messages).toHaveCount(2);
    await remove();
    await expect(edgewise.notice("was deleted")).toBeVisible();
    await page.reload();
    await expect(row).toHaveCount(0);
  });
});

/** What the model says where only the asking is of interest. */
const SHORT = { chunks: 3, chunk_text: "word{i} " };

test("stopping keeps what had arrived, and the next message goes on in the same session", async ({ page }) => {
  const edgewise = new EdgewisePage(page);
  await scenario("Stop me", { chunks: 400, pace_ms: 20, chunk_text: "word{i} " });
  await page.goto("/");
  await edgewise.send("Stop me");
  await expect(edgewise.answers.last().locator(".prose")).toContainText(/\w/);
  await page.getByRole("button", { name: "Stop answering" }).click();
  const answer = await edgewise.settledAnswer();
  await expect(answer).toContainText("Stopped.");
  const address = page.url();
  await scenario("Once more", SHORT);
  await edgewise.send("Once more");
  await expect(edgewise.messages).toHaveCount(4);
  await edgewise.settledAnswer();
  expect(page.url()).toBe(address);
});

test("rename, back and forward", async ({ page }) => {
  const edgewise = new EdgewisePage(page);
  await page.goto("/");
  await scenario("To be renamed", SHORT);
  await edgewise.send("To be renamed");
  await edgewise.settledAnswer();
  const address = page.url();

  await edgewise.choose("To be renamed", "Rename");
  await page.getByRole("textbox", { name: "New title" }).fill("A better name");
  await page.getByRole("textbox", { name: "New title" }).press("Enter");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("A better name");

  await edgewise.sessions.getByRole("link", { name: "New chat" }).click();
  await expect(edgewise.messages).toHaveCount(0);
  await page.goBack();
  expect(page.url()).toBe(address);
  await expect(edgewise.messages).toHaveCount(2);
  await page.goForward();
  await expect(edgewise.messages).toHaveCount(0);
});

test("a message that was not taken stays in the composer, and says why", async ({ page }) => {
  const edgewise = new EdgewisePage(page);
  await page.goto("/");
  await page.route("**/api/v1/**", (route) => route.abort("connectionrefused"));
  await scenario("Do not lose me", SHORT);
  await edgewise.send("Do not lose me");
  await expect(page.getByRole("alert")).toContainText("cannot be reached");
  await expect(edgewise.composer).toHaveValue("Do not lose me");

  await page.reload();
  await expect(edgewise.composer).toHaveValue("Do not lose me");
  await page.unroute("**/api/v1/**");
  await edgewise.composer.press("Enter");
  await edgewise.settledAnswer();
  await expect(edgewise.composer).toHaveValue("");
});

test("a token the server no longer takes is replaced without losing the text", async ({ page }) => {
  const edgewise = new EdgewisePage(page);
  await page.goto("/");
  await page.evaluate(() => localStorage.setItem("edgewise.token", "worn.out.token"));
  await page.reload();
  await scenario("With a new token", SHORT);
  await edgewise.send("With a new token");
  await edgewise.settledAnswer();
  expect(await page.evaluate(() => localStorage.getItem("edgewise.token"))).not.toBe("worn.out.token");
});

/** `token` as it would be if it had ended an hour ago. */
function ended(token: string): string {
  const [header = "", payload = ""] = token.split(".");
  const claims = JSON.parse(Buffer.from(payload, "base64url").toString()) as Record<string, unknown>;
  claims.exp = Math.floor(Date.now() / 1000) - 3600;
  const signed = `${header}.${Buffer.from(JSON.stringify(claims)).toString("base64url")}`;
  const secret = process.env.JWT_SECRET ?? "";
  return `${signed}.${createHmac("sha256", secret).update(signed).digest("base64url")}`;
}

test("a guest whose token has ended comes back to their chats", async ({ page }) => {
  const edgewise = new EdgewisePage(page);
  await page.goto("/");
  await scenario("Remember me", SHORT);
  await edgewise.send("Remember me");
  await edgewise.settledAnswer();
  const token = await page.evaluate(() => localStorage.getItem("edgewise.token"));
  const old = ended(token ?? "");
  await page.evaluate((value) => localStorage.setItem("edgewise.token", value), old);
  await page.reload();
  await expect(edgewise.messages).toHaveCount(2);
  await expect(edgewise.sessions.getByRole("link", { name: "Remember me" })).toBeVisible();
  expect(await page.evaluate(() => localStorage.getItem("edgewise.token"))).not.toBe(old);
});

test("a renewal cut off in the middle costs nobody their chats", async ({ page }) => {
  const edgewise = new EdgewisePage(page);
  await page.goto("/");
  await scenario("Remember me all the same", SHORT);
  await edgewise.send("Remember me all the same");
  await edgewise.settledAnswer();
  const token = await page.evaluate(() => localStorage.getItem("edgewise.token"));
  await page.evaluate((value) => localStorage.setItem("edgewise.token", value), ended(token ?? ""));
  await page.route("**/api/v1/auth/guest", (route) => route.abort("connectionreset"));
  const asked = page.waitForRequest("**/api/v1/auth/guest");
  await page.reload();
  await asked;
  await page.unroute("**/api/v1/auth/guest");
  await page.reload();
  await expect(edgewise.messages).toHaveCount(2);
  await expect(edgewise.sessions.getByRole("link", { name: "Remember me all the same" })).toBeVisible();
});

test("Shift+Enter breaks a line, and an Enter that ends a composition sends nothing", async ({ page }) => {
  const edgewise = new EdgewisePage(page);
  await page.goto("/");
  await edgewise.composer.fill("one");
  await edgewise.composer.press("Shift+Enter");
  await edgewise.composer.pressSequentially("two");
  await edgewise.composer.evaluate((field) => {
    for (const init of [{ isComposing: true }, { keyCode: 229 }]) {
      field.dispatchEvent(
        new KeyboardEvent("keydown", {
          key: "Enter",
          bubbles: true,
          cancelable: true,
          ...init,
        }),
      );
    }
  });
  await expect(edgewise.composer).toHaveValue("one\ntwo");
  await expect(edgewise.messages).toHaveCount(0);
});
