/** Writes docs/screenshots/{desktop,phone}-{light,dark}.png for the README, and the same with `-states`: a version chosen, an answer stopped, a message edited. */
import { statSync } from "node:fs";
import { join } from "node:path";
import { expect } from "@playwright/test";
import { EdgewisePage, test } from "./page.ts";
import { scenario } from "./stack.ts";

/** Pictures go into the repository: small ones. */
const LARGEST = 150_000;
const SHORT_ANSWERS = [
  "It is dark because the universe is **not old enough** to be bright: light from most stars has not reached us yet.",
  "Because the universe has a beginning. If it were endless and ageless, *every* line of sight would end on a star.",
];
const LONG_ANSWER =
  "The paradox is older than Olbers:\n\n1. Digges wondered about it in 1576.\n2. Kepler used it against an infinite universe.\n3. ";
const QUESTIONS = ["Plan a weekend in Lisbon", "Why is the sky dark at night?", "What does an edge function do?"];
const SHAPES = {
  desktop: { width: 1200, height: 780 },
  phone: { width: 390, height: 780 },
};

for (const [shape, viewport] of Object.entries(SHAPES)) {
  for (const colorScheme of ["light", "dark"] as const) {
    test(`${shape}, ${colorScheme}`, async ({ page }) => {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      await page.setViewportSize(viewport);
      const edgewise = new EdgewisePage(page);
      for (const question of QUESTIONS) {
        await page.goto("/");
        await edgewise.send(question);
        await edgewise.settledAnswer();
      }
      await page.getByRole("region", { name: "Messages" }).evaluate((region) => (region.scrollTop = 0));
      const path = join(__dirname, `../../docs/screenshots/${shape}-${colorScheme}.png`);
      await page.screenshot({ path });
      expect(statSync(path).size).toBeLessThan(LARGEST);
    });

    test(`${shape}, ${colorScheme}, states`, async ({ page }) => {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      await page.setViewportSize(viewport);
      const edgewise = new EdgewisePage(page);
      await page.goto("/");
      for (const [turn, text] of SHORT_ANSWERS.entries()) {
        await scenario("dark at night", { chunks: 1, chunk_text: text });
        if (turn === 0) await edgewise.send("Why is the sky dark at night?");
        else await edgewise.answers.last().getByRole("button", { name: "Ask again" }).click();
        await expect(edgewise.answers.last()).toContainText(text.slice(0, 10));
        await edgewise.settledAnswer();
      }
      await scenario("thought of it first", { chunks: 2, chunk_text: LONG_ANSWER, hang_at: 1 });
      await edgewise.send("Who thought of it first?");
      await expect(edgewise.answers.last()).toContainText("Kepler");
      await page.getByRole("button", { name: "Stop answering" }).click();
      await edgewise.settledAnswer();
      await edgewise.composer.press("ArrowUp");
      await page
        .getByRole("textbox", { name: "Edit message" })
        .fill("Who thought of it first, and who gave it its name?");
      await page.getByRole("region", { name: "Messages" }).evaluate((region) => (region.scrollTop = 0));
      const path = join(__dirname, `../../docs/screenshots/${shape}-${colorScheme}-states.png`);
      await page.screenshot({ path });
      expect(statSync(path).size).toBeLessThan(LARGEST);
    });
  }
}
