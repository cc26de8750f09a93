/**
 * Writes docs/screenshots/guide-*.png for docs/guide.md: what opens beside a chat. The server has accounts (`ACCOUNTS_ENABLED`); made by
 * `npm run screenshots`, as those of screenshots.ts are.
 */
import { statSync } from "node:fs";
import { join } from "node:path";
import { type Locator, type Page, expect } from "@playwright/test";
import { quoted } from "../../static/src/text/isolated.ts";
import { EdgewisePage, test } from "./page.ts";
import { scenario } from "./stack.ts";

/** A page with seven of them is read on a phone, too. */
const LARGEST = 60_000;
const TRIP = "Plan a weekend in Lisbon";
const SKY = "Why is the sky dark at night?";
const ANSWERS = {
  [TRIP]: "**Saturday**: Alfama on foot, then the tram to Belém.\n\n**Sunday**: the market, and the river at sunset.",
  [SKY]: "Because the universe is **not old enough** to be bright: light from most stars has not reached us yet.",
};

async function shoot(what: Page | Locator, name: string): Promise<void> {
  const path = join(__dirname, `../../docs/screenshots/guide-${name}.png`);
  await what.screenshot({ path });
  expect(statSync(path).size).toBeLessThan(LARGEST);
}

test("what the guide shows", async ({ page }) => {
  await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
  await page.setViewportSize({ width: 860, height: 560 });
  const edgewise = new EdgewisePage(page);
  for (const [question, answer] of Object.entries(ANSWERS)) {
    await scenario(question, { chunks: 1, chunk_text: answer });
    await page.goto("/");
    await edgewise.send(question);
    await edgewise.settledAnswer();
  }
  const menu = async () => {
    await edgewise.sessions.getByRole("button", { name: `More for ${quoted(SKY)}` }).click();
    await expect(page.getByRole("menuitem", { name: "Export…" })).toBeVisible();
  };
  const close = (dialog: Locator) => dialog.getByRole("button", { name: "Close" }).click();

  await menu();
  await shoot(page, "menu");
  await page.getByRole("menuitem", { name: "Share…" }).click();
  const share = page.getByRole("dialog", { name: /^Share/ });
  await share.getByRole("button", { name: "Make a link" }).click();
  await expect(share.getByRole("textbox", { name: "Link" })).toHaveValue(/\/s\//);
  await shoot(share, "share");
  await close(share);

  await menu();
  await page.getByRole("menuitem", { name: "Export…" }).click();
  const leaves = page.getByRole("dialog", { name: /^Export/ });
  await expect(leaves.getByRole("button", { name: "Copy as Markdown" })).toBeVisible();
  await shoot(leaves, "export");
  await close(leaves);

  await page.keyboard.press("Control+k");
  const search = page.getByRole("dialog", { name: "Search chats" });
  await search.getByRole("textbox").fill("river");
  await expect(search.getByRole("link")).toContainText("river at sunset");
  await shoot(search, "search");
  await close(search);

  await page.getByRole("button", { name: "Settings" }).click();
  const settings = page.getByRole("dialog", { name: "Settings" });
  await expect(settings.getByRole("radio", { name: "System" })).toBeVisible();
  await shoot(settings, "settings");
  await close(settings);

  await page.getByRole("button", { name: "Sign in" }).click();
  const account = page.getByRole("dialog");
  await expect(account.getByRole("button", { name: /^Sign/ }).first()).toBeVisible();
  await shoot(account, "account");
});
