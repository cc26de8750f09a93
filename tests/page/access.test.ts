/** axe-core finds nothing in the page's main states, in both themes, wide and narrow. */
import { join } from "node:path";
import { type Page, expect } from "@playwright/test";
import { EVERYTHING } from "./everything.ts";
import { EdgewisePage, test } from "./page.ts";
import { scenario, streamed } from "./stack.ts";

const axe = join(__dirname, "../../static/node_modules/axe-core/axe.min.js");

/** Rules of WCAG 2.2 A and AA that the page breaks as it is. */
async function violations(page: Page): Promise<string[]> {
  // A fading colour has no contrast worth measuring; the end of one fading may begin another.
  await page.evaluate(async () => {
    const running = () => document.getAnimations().filter(({ playState }) => playState === "running");
    for (let frames = 0; frames < 5; frames = running().length === 0 ? frames + 1 : 0) {
      await Promise.all(running().map((animation) => animation.finished.catch(() => null)));
      await new Promise(requestAnimationFrame);
    }
  });
  return page.evaluate(async () => {
    interface Axe {
      run: (options: object) => Promise<{
        violations: {
          id: string;
          nodes: { html: string; failureSummary: string }[];
        }[];
      }>;
    }
    const result = await (window as unknown as { axe: Axe }).axe.run({
      runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
    });
    return result.violations.flatMap(({ id, nodes }) =>
      nodes.map((node) => `${id}: ${node.html} ${node.failureSummary}`),
    );
  });
}

for (const colorScheme of ["light", "dark"] as const) {
  for (const [shape, viewport] of Object.entries({
    wide: { width: 1280, height: 800 },
    narrow: { width: 320, height: 640 },
  })) {
    test(`nothing bars the way: ${colorScheme}, ${shape}`, async ({ browser, baseURL, browserName }) => {
      // The page's own policy would refuse the checker's evaluation.
      const context = await browser.newContext({
        colorScheme,
        viewport,
        bypassCSP: true,
        reducedMotion: "reduce",
        ...(baseURL ? { baseURL } : {}),
      });
      // Firefox cannot be told what the system prefers (`firefox.ts`): the visitor chooses.
      if (browserName === "firefox")
        await context.addInitScript((theme) => localStorage.setItem("edgewise.theme", theme), colorScheme);
      const page = await context.newPage();
      await page.addInitScript({ path: axe });
      const edgewise = new EdgewisePage(page);

      await page.goto("/");
      await expect(edgewise.composer).toBeVisible();
      expect(await violations(page), "the empty page").toEqual([]);

      await streamed("Show me everything", EVERYTHING, 100, 4);
      await edgewise.send("Show me everything");
      await edgewise.settledAnswer();
      expect(await violations(page), "an answer").toEqual([]);
      expect(
        await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth),
        "nothing is wider than the screen",
      ).toBe(true);

      await edgewise.answers.last().getByRole("button", { name: "Ask again" }).click();
      await expect(edgewise.answers.last().getByRole("group", { name: "Version 2 of 2" })).toBeVisible();
      await edgewise.settledAnswer();
      await edgewise.composer.press("ArrowUp");
      await expect(page.getByRole("textbox", { name: "Edit message" })).toBeFocused();
      expect(await violations(page), "a second version, and an edit").toEqual([]);
      await page.keyboard.press("Escape");

      if (shape === "narrow") await page.getByRole("button", { name: "Open the list of chats" }).click();
      await edgewise.sessions.getByRole("button", { name: "More for “Show me everything”" }).click();
      await expect(page.getByRole("menu")).toBeVisible();
      expect(await violations(page), "the menu of a chat").toEqual([]);
      await page.getByRole("menuitem", { name: "Delete" }).click();
      expect(await violations(page), "the list with its question").toEqual([]);
      await edgewise.sessions.getByRole("button", { name: "Keep" }).click();
      if (shape === "narrow") await page.keyboard.press("Escape");

      await page.keyboard.press("Control+/");
      await expect(page.getByRole("dialog")).toBeVisible();
      expect(await violations(page), "the shortcuts").toEqual([]);
      await page.keyboard.press("Escape");

      await scenario("come to a halt", { chunks: 20, error_at: 5, chunk_text: "word{i} " });
      await edgewise.send("come to a halt");
      await edgewise.settledAnswer();
      expect(await violations(page), "an answer that broke off").toEqual([]);

      await scenario("nobody there", { error: { status: 400, code: "invalid_request_error" } });
      await edgewise.send("nobody there");
      await expect(edgewise.messages.last()).toContainText("could not answer");
      expect(await violations(page), "a question without an answer").toEqual([]);

      await context.setOffline(true);
      await expect(page.getByText("Offline", { exact: true })).toBeVisible();
      expect(await violations(page), "no network").toEqual([]);
      await context.setOffline(false);

      await page.route("**/messages", (route) => route.abort());
      await edgewise.send("This one fails");
      await expect(page.getByRole("alert").filter({ hasText: "cannot be reached" })).toBeVisible();
      expect(await violations(page), "a message that was not taken").toEqual([]);
      await context.close();
    });
  }
}
