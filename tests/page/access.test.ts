/** axe-core finds nothing in the page's main states, in both themes, wide and narrow. */
import { expect } from "@playwright/test";
import { axe, violations } from "./axe.ts";
import { EVERYTHING } from "./everything.ts";
import { EdgewisePage, test } from "./page.ts";
import { scenario, streamed } from "./stack.ts";

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
      await expect.poll(() => violations(page), { message: "the empty page" }).toEqual([]);

      await streamed("Show me everything", EVERYTHING, 100, 4);
      await edgewise.send("Show me everything");
      await edgewise.settledAnswer();
      await expect.poll(() => violations(page), { message: "an answer" }).toEqual([]);
      expect(
        await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth),
        "nothing is wider than the screen",
      ).toBe(true);

      await edgewise.answers.last().getByRole("button", { name: "Ask again" }).click();
      await expect(edgewise.answers.last().getByRole("group", { name: "Version 2 of 2" })).toBeVisible();
      await edgewise.settledAnswer();
      await edgewise.composer.press("ArrowUp");
      await expect(page.getByRole("textbox", { name: "Edit message" })).toBeFocused();
      await expect.poll(() => violations(page), { message: "a second version, and an edit" }).toEqual([]);
      await page.keyboard.press("Escape");

      if (shape === "narrow") await page.getByRole("button", { name: "Open the list of chats" }).click();
      await edgewise.sessions.getByRole("button", { name: "More for “Show me everything”" }).click();
      await expect(page.getByRole("menu")).toBeVisible();
      await expect.poll(() => violations(page), { message: "the menu of a chat" }).toEqual([]);
      await page.getByRole("menuitem", { name: "Delete" }).click();
      await expect.poll(() => violations(page), { message: "the list with its question" }).toEqual([]);
      await edgewise.sessions.getByRole("button", { name: "Keep" }).click();
      if (shape === "narrow") await page.keyboard.press("Escape");

      await page.keyboard.press("Control+/");
      await expect(page.getByRole("dialog")).toBeVisible();
      await expect.poll(() => violations(page), { message: "the shortcuts" }).toEqual([]);
      await page.keyboard.press("Escape");

      await scenario("come to a halt", { chunks: 20, error_at: 5, chunk_text: "word{i} " });
      await edgewise.send("come to a halt");
      await edgewise.settledAnswer();
      await expect.poll(() => violations(page), { message: "an answer that broke off" }).toEqual([]);

      await scenario("nobody there", { error: { status: 400, code: "invalid_request_error" } });
      await edgewise.send("nobody there");
      await expect(edgewise.messages.last()).toContainText("could not answer");
      await expect.poll(() => violations(page), { message: "a question without an answer" }).toEqual([]);

      await context.setOffline(true);
      await expect(page.getByText("Offline", { exact: true })).toBeVisible();
      await expect.poll(() => violations(page), { message: "no network" }).toEqual([]);
      await context.setOffline(false);
      await expect(page.getByText("Offline", { exact: true })).toHaveCount(0);

      await page.route("**/messages", (route) => route.abort());
      await edgewise.send("This one fails");
      await expect(page.getByRole("alert").filter({ hasText: "cannot be reached" })).toBeVisible();
      await expect.poll(() => violations(page), { message: "a message that was not taken" }).toEqual([]);
      await context.close();
    });
  }
}

/** Where less is seen, or otherwise. */
const SPECIAL = {
  "forced colours": { viewport: { width: 1280, height: 800 }, forcedColors: "active" },
  "400 % zoom": { viewport: { width: 320, height: 256 } },
  "a phone on its side, with its keyboard": { viewport: { width: 863, height: 200 }, hasTouch: true },
} as const;

for (const [name, shape] of Object.entries(SPECIAL))
  test(`nothing bars the way: ${name}`, async ({ browser, baseURL, browserName }) => {
    test.skip(
      browserName !== "chromium",
      "the rules read the document, and only Chromium can be told to force colours",
    );
    const context = await browser.newContext({
      ...shape,
      bypassCSP: true,
      reducedMotion: "reduce",
      ...(baseURL ? { baseURL } : {}),
    });
    const page = await context.newPage();
    await page.addInitScript({ path: axe });
    const edgewise = new EdgewisePage(page);
    const isNarrow = name !== "forced colours";
    const check = async (what: string) => {
      await expect.poll(() => violations(page), { message: what }).toEqual([]);
      const isCut = () =>
        document.documentElement.scrollWidth > innerWidth || document.documentElement.scrollHeight > innerHeight;
      expect(await page.evaluate(isCut), `${what}: nothing is larger than the screen`).toBe(false);
    };
    await page.goto("/");
    await expect(edgewise.composer).toBeVisible();
    await check("the empty page");

    // Where fingers point, Enter breaks a line.
    const send = async (text: string) => {
      await edgewise.composer.fill(text);
      await edgewise.composer.press("Control+Enter");
    };
    await scenario("Wait with me", { first_byte_delay_ms: 9000, chunks: 1 });
    await send("Wait with me");
    await send("And this one waits");
    await expect(page.getByRole("img", { name: "Waiting for the first words" })).toBeAttached();
    await expect(page.getByRole("button", { name: "Take back" })).toBeAttached();
    await check("what waits, and what is waited for");
    await page.getByRole("button", { name: "Take back" }).click();
    await edgewise.composer.fill("");
    await edgewise.settledAnswer();

    await scenario("In few words", { chunks: 1, chunk_text: "| a | b |\n|---|---|\n| 1 | `two` |\n\nSo it is." });
    await send("In few words");
    await expect(edgewise.answers.last()).toContainText("So it is.");
    await edgewise.settledAnswer();
    await check("an answer");
    await edgewise.composer.press("ArrowUp");
    await expect(page.getByRole("textbox", { name: "Edit message" })).toBeFocused();
    await check("an edit");
    await page.keyboard.press("Escape");

    if (isNarrow) {
      // The bar comes back with the first move up.
      await page.getByRole("region", { name: "Messages" }).evaluate((list) => (list.scrollTop = 0));
      await page.getByRole("button", { name: "Open the list of chats" }).click();
      await expect(page.getByRole("dialog", { name: "Chats" })).toBeVisible();
      await check("the drawer");
    }
    await edgewise.sessions.getByRole("button", { name: "More for “Wait with me”" }).click();
    await expect(page.getByRole("menu")).toBeVisible();
    await check("the menu of a chat");
    for (const item of await page.getByRole("menuitem").all()) await expect(item).toBeInViewport({ ratio: 1 });
    await page.getByRole("menuitem", { name: "Delete" }).click();
    await check("the question");
    await edgewise.sessions.getByRole("button", { name: "Delete", exact: true }).click();
    await expect(page.getByRole("button", { name: "Undo" })).toBeInViewport({ ratio: 1 });
    await check("the way back");
    await context.close();
  });
