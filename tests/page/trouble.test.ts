/** Limits reached, and a connection that goes and comes back. */
import { expect } from "@playwright/test";
import { EdgewisePage, test } from "./page.ts";
import { scenario } from "./stack.ts";

test("at the minute's limit sending waits, with a countdown, and nothing is lost", async ({ page }) => {
  const edgewise = new EdgewisePage(page);
  await scenario("quick one", { chunks: 1, chunk_text: "Yes." });
  await page.goto("/");
  await edgewise.send("quick one");
  await edgewise.settledAnswer();
  const left = await page.evaluate(async () => {
    const headers = {
      authorization: `Bearer ${localStorage.getItem("edgewise.token") ?? ""}`,
      "content-type": "application/json",
    };
    const body = JSON.stringify({ content: "quick one", stream: false });
    for (let sent = 1; ; sent += 1) {
      const answer = await fetch("/api/v1/chat/messages", { method: "POST", headers, body });
      const remaining = Number(answer.headers.get("x-ratelimit-remaining"));
      if (remaining <= 1 || sent > 50) return remaining;
    }
  });
  expect(left).toBe(1);
  await edgewise.send("quick one again");
  await edgewise.settledAnswer();
  await expect(page.locator("#composer-note").getByText(/You can send again in \d+ s/)).toBeVisible();
  await edgewise.send("kept for later");
  await expect(page.getByRole("button", { name: "Send" })).toBeDisabled();
  await expect(edgewise.composer).toHaveValue("kept for later");
  await expect(edgewise.messages).toHaveCount(4);
});

test("without a network the page says so, keeps the text, and goes on when it is back", async ({ page, context }) => {
  const edgewise = new EdgewisePage(page);
  await scenario("after the tunnel", { chunks: 1, chunk_text: "Light." });
  const outbox = page.waitForResponse(/\/assets\/room-/);
  await page.goto("/");
  await (await outbox).finished();
  await edgewise.composer.fill("after the tunnel");
  await context.setOffline(true);
  await expect(page.getByText("Offline", { exact: true })).toBeVisible();
  await expect(page.getByText("Your text is kept until the connection is back.")).toBeVisible();
  // A file that is here has not been run yet.
  await expect(page.getByRole("button", { name: "Send", exact: true })).toBeEnabled();
  await edgewise.composer.press("Enter");
  await expect(edgewise.composer).toHaveValue("");
  await expect(edgewise.messages.last()).toContainText("Not sent yet");
  await context.setOffline(false);
  await expect(page.getByText("Offline", { exact: true })).toHaveCount(0);
  await expect(await edgewise.settledAnswer()).toContainText("Light.");
});
