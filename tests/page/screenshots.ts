/**
 * Writes docs/screenshots/{desktop,phone}-{light,dark}.png for the README, and the same with `-states`: a version chosen, an answer stopped, a message
 * edited. Then what few see: forced colours, 320 px, 400 % zoom, a phone on its side with its keyboard, the drawer, what waits. Last the operator's
 * page, `admin-*`: for that the server has accounts, and the stack's database is told, too (`STACK_DATABASE_URL`).
 */
import { statSync } from "node:fs";
import { join } from "node:path";
import { expect } from "@playwright/test";
import { Account, freshEmail } from "./account.ts";
import { EdgewisePage, test } from "./page.ts";
import { guestOf, makeAdmin, scenario } from "./stack.ts";

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
        // Another question than that of the guide's pictures, which are made beside these.
        await scenario("sky so dark", { chunks: 1, chunk_text: text });
        if (turn === 0) await edgewise.send("Why is the sky so dark at night?");
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

const TABLE = `A table, and what is wider than the screen:

| # | What it does, in a few words | Time | Waits for |
|---|---|---:|---|
| 1 | it reads who asks, and what for, and says so in a sentence | 1 ms | nothing |
| 2 | it asks the model | 40 ms | one round trip |

\`\`\`js
const answer = await fetch("/api/v1/chat/messages", { method: "POST", body: JSON.stringify({ content }) });
\`\`\`
`;

const UNUSUAL = {
  "forced-colours": { viewport: SHAPES.desktop, forcedColors: "active" },
  "forced-colours-dark": { viewport: SHAPES.desktop, forcedColors: "active", colorScheme: "dark" },
  "320-px": { viewport: { width: 320, height: 640 } },
  zoom: { viewport: { width: 320, height: 256 } },
  sideways: { viewport: { width: 863, height: 200 }, hasTouch: true, isMobile: true },
} as const;

for (const [name, shape] of Object.entries(UNUSUAL))
  test.describe(name, () => {
    test.use({ ...shape, reducedMotion: "reduce" } as object);

    test("an answer, the list and what waits", async ({ page }) => {
      const edgewise = new EdgewisePage(page);
      const shoot = async (what: string) => {
        const path = join(__dirname, `../../docs/screenshots/${name}-${what}.png`);
        await page.screenshot({ path });
        expect(statSync(path).size).toBeLessThan(LARGEST);
      };
      const send = async (text: string) => {
        await edgewise.composer.fill(text);
        await edgewise.composer.press("Control+Enter");
      };
      await scenario("Plan a weekend", { chunks: 1, chunk_text: "With pleasure." });
      await scenario("Show me a table", { chunks: 1, chunk_text: TABLE });
      await page.goto("/");
      await send("Plan a weekend");
      await edgewise.settledAnswer();
      await page.goto("/");
      await send("Show me a table");
      await edgewise.settledAnswer();
      await expect(page.locator(".code > .head > button")).toBeAttached();
      await edgewise.answers.last().locator(".table").scrollIntoViewIfNeeded();
      await shoot("answer");

      await scenario("Take your time", { chunks: 1, first_byte_delay_ms: 8000 });
      await send("Take your time");
      await send("And then this");
      await expect(page.getByRole("button", { name: "Take back" })).toBeVisible();
      await shoot("waiting");

      if (name.startsWith("forced")) {
        await edgewise.sessions.getByRole("button", { name: "More for “Plan a weekend”" }).click();
      } else {
        await page.getByRole("region", { name: "Messages" }).evaluate((list) => (list.scrollTop -= 60));
        await page.getByRole("button", { name: "Open the list of chats" }).click();
        await expect(page.getByRole("dialog", { name: "Chats" })).toBeVisible();
      }
      await shoot("list");
    });
  });

test("the operator's page", async ({ page }) => {
  const [account, edgewise, email] = [new Account(page), new EdgewisePage(page), freshEmail()];
  await page.goto("/");
  await account.signUp(email);
  for (const question of QUESTIONS) {
    await page.goto("/");
    await edgewise.send(question);
    await edgewise.settledAnswer();
  }
  const user = await guestOf(page);
  await makeAdmin(user);
  await account.open("Account");
  await account.button("Sign out").last().click();
  await account.signIn(email);
  await expect(account.dialog).toHaveCount(0);
  await page.goto("/admin");
  await expect(page.getByRole("img", { name: /^Messages an hour/ })).toBeVisible();
  const shoot = async (name: string) => {
    const path = join(__dirname, `../../docs/screenshots/admin-${name}.png`);
    await page.screenshot({ path });
    expect(statSync(path).size).toBeLessThan(LARGEST);
  };
  for (const [shape, viewport] of Object.entries(SHAPES))
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      await page.setViewportSize(viewport);
      await shoot(`${shape}-${colorScheme}`);
    }
  await page.setViewportSize(SHAPES.desktop);
  await page.getByLabel("Another user’s id").fill(user);
  await page.getByLabel("Another user’s id").press("Enter");
  await expect(page.getByRole("dialog").getByRole("row", { name: /^Today/ })).toBeVisible();
  await shoot("user");
});
