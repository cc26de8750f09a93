/** Writes docs/screenshots/{desktop,phone}-{light,dark}.png for the README. */
import { statSync } from "node:fs";
import { join } from "node:path";
import { expect } from "@playwright/test";
import { EdgewisePage, test } from "./page.ts";

/** Pictures go into the repository: small ones. */
const LARGEST = 150_000;
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
  }
}
