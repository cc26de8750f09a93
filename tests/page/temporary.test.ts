/** Temporary chats: the offer of one where chats cannot be kept, the way out, and that the browser keeps nothing of them. */
import { readFile } from "node:fs/promises";
import { expect } from "@playwright/test";
import { axe } from "./axe.ts";
import { chatOf } from "../../static/src/later/export/json.ts";
import { test as configured } from "./configured.ts";
import { EdgewisePage, test } from "./page.ts";
import { shapes } from "./shapes.ts";
import { fault, guestOf, scenario } from "./stack.ts";

// The page's own policy would refuse the checker's evaluation.
test.use({ bypassCSP: true });
test.beforeEach(({ page }) => page.addInitScript({ path: axe }));

test("what cannot be kept is answered all the same, and what is left for a new chat can be gone back to", async ({
  page,
}) => {
  const edgewise = new EdgewisePage(page);
  const kept = () => page.evaluate(() => JSON.stringify(localStorage));
  await scenario("nowhere to keep", { chunks: 3, chunk_text: "word{i} " });
  const lift = await fault("sql", "nowhere to keep", { status: 500 });
  await page.goto("/");
  await edgewise.send("nowhere to keep");
  const offer = page.getByRole("button", { name: "Ask there" });
  await expect(offer).toBeVisible();
  await shapes(page, "temporary offer");
  await offer.click();
  await expect(await edgewise.settledAnswer()).toContainText("word2");
  await expect(page.getByText("This chat is not kept.")).toBeVisible();
  await expect(edgewise.messages).toHaveCount(2);
  expect(await kept()).not.toContain("nowhere");
  await lift();

  await edgewise.composer.fill("half a thought");
  expect(await kept()).not.toContain("half a thought");
  await shapes(page, "temporary");
  await edgewise.sessions.getByRole("link", { name: "New chat" }).click();
  await expect(edgewise.messages).toHaveCount(0);
  await expect(page.getByRole("switch", { name: "Temporary chat" })).toHaveAttribute("aria-checked", "false");
  const back = page.getByRole("button", { name: "Back to it" });
  // It stays as long as the focus is in it.
  await back.focus();
  await shapes(page, "temporary way back");
  await back.click();
  await expect(edgewise.messages).toHaveCount(2);
  await expect(edgewise.composer).toHaveValue("half a thought");

  // What was said goes along with what is said next.
  await scenario("what else", { chunks: 1, chunk_text: "Then." });
  await edgewise.send("what else");
  await expect(edgewise.answers.last()).toContainText("Then.");
  await edgewise.settledAnswer();
  await page.getByRole("button", { name: "Export…" }).click();
  const dialog = page.getByRole("dialog", { name: "Export “nowhere to keep”" });
  const saving = page.waitForEvent("download");
  await dialog.getByRole("button", { name: "Download JSON" }).click();
  const { messages, leaf } = chatOf(await readFile(await (await saving).path(), "utf8"));
  expect(messages.map(({ role, status }) => [role, status])).toEqual(
    ["user", "assistant", "user", "assistant"].map((role) => [role, "complete"]),
  );
  expect(messages.find(({ id }) => id === leaf)?.content).toBe("Then.");
  await page.keyboard.press("Escape");
  await expect(dialog).toHaveCount(0);
  await page.reload();
  await expect(edgewise.messages).toHaveCount(4);
  await edgewise.sessions.getByRole("link", { name: "New chat" }).click();
  await page.reload();
  await expect(page.getByRole("switch", { name: "Temporary chat" })).toHaveAttribute("aria-checked", "false");
  await expect(edgewise.messages).toHaveCount(0);
});

/** Each word, once and in order. */
const WHOLE = Array.from({ length: 400 }, (_, word) => `word${word}`).join(" ");

configured.describe("where answers go on without their reader", () => {
  configured.use({ variables: { CHAT_ON_DISCONNECT: "finish" } });

  configured(
    "a temporary chat is read on after a reload, also without a database, and is in no list",
    async ({ page }) => {
      const edgewise = new EdgewisePage(page);
      await scenario("whisper and go on", { chunks: 400, pace_ms: 30, chunk_text: "word{i} " });
      await page.goto("/");
      const choice = page.getByRole("switch", { name: "Temporary chat" });
      await choice.press("Space");
      await expect(choice).toHaveAttribute("aria-checked", "true");
      await expect(page.getByText("This chat is not kept.")).toBeVisible();
      await edgewise.send("whisper and go on");
      await expect(edgewise.answers.last()).toContainText("word9");
      // For this guest Postgres is away while the page opens anew.
      const lift = await fault("sql", await guestOf(page), { status: 500 });
      await page.reload();
      const answer = edgewise.answers.last();
      await expect(answer).toContainText("word30");
      await expect(answer, "it still runs").toHaveAttribute("aria-busy", "true");
      await expect(await edgewise.settledAnswer()).toContainText(WHOLE);
      await expect(page.getByText("This chat is not kept.")).toBeVisible();
      await expect(edgewise.sessions).toContainText("Your chats could not be read.");
      await lift();
      await page.reload();
      await expect(await edgewise.settledAnswer()).toContainText(WHOLE);
      expect(new URL(page.url()).pathname).toBe("/");
      await expect(edgewise.sessions.getByText("Your chats will be listed here.")).toBeVisible();
    },
  );
});
