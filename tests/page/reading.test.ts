/** What an answer looks like to its reader: on paper, aloud, by keyboard, while it is written. */
import { expect } from "@playwright/test";
import { EdgewisePage, test } from "./page.ts";
import { guestOf, longSession, scenario, streamed } from "./stack.ts";

async function answered(edgewise: EdgewisePage, words: string, text: string, pieces = 1, paceMs = 5): Promise<void> {
  await streamed(words, text, pieces, paceMs);
  await edgewise.page.goto("/");
  await edgewise.send(words);
  await edgewise.settledAnswer();
}

test("tables and code are stops for the keyboard only where they scroll, and have names then", async ({ page }) => {
  const edgewise = new EdgewisePage(page);
  const wide = "x".repeat(300);
  await answered(
    edgewise,
    "wide and narrow",
    `\`\`\`\nshort\n\`\`\`\n\n\`\`\`\n${wide}\n\`\`\`\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\nend`,
  );
  const answer = edgewise.answers.last();
  await expect(answer.getByRole("region", { name: "Code" })).toHaveCount(1);
  await expect(answer.getByRole("region", { name: "Code" })).toContainText(wide);
  await expect(answer.locator("[tabindex]")).toHaveCount(1);
  await page.setViewportSize({ width: 320, height: 640 });
  await page.setViewportSize({ width: 9_000, height: 640 });
});

test("each block has its direction, its language and its place among the headings", async ({ page }) => {
  const edgewise = new EdgewisePage(page);
  await answered(
    edgewise,
    "in many tongues",
    "### English\n\nمرحبا بالعالم.\n\nこれは重要です。\n\n## Next\n\n#### Below\n\nend",
  );
  const prose = edgewise.answers.last().locator(".prose");
  const arabic = prose.getByText("مرحبا");
  expect(await arabic.evaluate((one) => getComputedStyle(one).direction)).toBe("rtl");
  await expect(arabic).toHaveAttribute("lang", "ar");
  await expect(prose.getByText("これは")).toHaveAttribute("lang", "ja");
  expect(await prose.getByText("English").evaluate((one) => getComputedStyle(one).direction)).toBe("ltr");
  expect(await prose.locator("h3, h4, h5, h6").evaluateAll((all) => all.map((one) => one.localName))).toEqual([
    "h3",
    "h3",
    "h4",
  ]);
});

test("nothing half-written is seen while an answer comes in", async ({ page }) => {
  const edgewise = new EdgewisePage(page);
  await page.addInitScript(() => {
    const seen: string[] = [];
    (window as unknown as { seen: string[] }).seen = seen;
    new MutationObserver(() => {
      const prose = document.querySelector(".prose:not(.plain)");
      if (prose) seen.push((prose as HTMLElement).innerText);
    }).observe(document, { subtree: true, childList: true, characterData: true });
  });
  const text =
    "It is **very bold**, `code`, [a link](https://example.com/path) and \\(\\frac{1}{2}\\), done.\n\n- **one** two\n- three";
  await answered(edgewise, "piece by piece", text, text.length, 25);
  const seen = await page.evaluate(() => (window as unknown as { seen: string[] }).seen);
  expect(seen.length).toBeGreaterThan(20);
  for (const words of seen) expect(words).not.toMatch(/\*|\[|\]\(|https|`|\\/);
});

for (const begin of ["<think>\n", ""])
  test(`thoughts are folded away, and can be read${begin ? "" : ", also where only their end is told"}`, async ({
    page,
  }) => {
    const edgewise = new EdgewisePage(page);
    await answered(edgewise, "think first", `${begin}Let me **see**.\n</think>\n\nFour.`, 9);
    const answer = edgewise.answers.last();
    await expect(answer.getByText("Four.")).toBeVisible();
    await expect(answer.getByText("Let me see.")).toBeHidden();
    await answer.getByText("Thoughts").click();
    await expect(answer.getByText("Let me see.")).toBeVisible();
    await expect(answer).not.toContainText("think>");
  });

test("tens of thousands of marks on one letter do not hold the page up", async ({ page }) => {
  const edgewise = new EdgewisePage(page);
  await page.goto("/");
  await scenario("pile of marks", { chunks: 1, chunk_text: `a${"\u0301".repeat(60_000)}b done` });
  await edgewise.send("pile of marks");
  const began = Date.now();
  await expect((await edgewise.settledAnswer()).getByText("done")).toBeVisible();
  await edgewise.composer.fill("still here");
  await expect(edgewise.composer).toHaveValue("still here");
  const length = await edgewise.answers
    .last()
    .locator(".prose")
    .evaluate((one) => one.textContent.length);
  expect(length).toBeLessThan(100);

  // Nor in a field into which they are pasted.
  for (const field of [edgewise.composer, page.getByRole("textbox", { name: "Edit message" })]) {
    if (field !== edgewise.composer) await edgewise.composer.press("ArrowUp");
    await field.fill(`b${"\u0302".repeat(60_000)}c`);
    await expect(field).toHaveValue(/^b\u0302{12}c$/);
    await field.press("d");
    await expect(field).toHaveValue(/^b\u0302{12}cd$/);
    await field.fill("");
  }
  test.info().annotations.push({ type: "until one could write", description: `${Date.now() - began} ms` });
});

test.describe("on paper", () => {
  // The worker would answer in the network's place.
  test.use({ serviceWorkers: "block" });

  test("a long conversation is printed whole, light, and without what is around it", async ({ page, browserName }) => {
    const edgewise = new EdgewisePage(page);
    await page.goto("/");
    await scenario("who prints", { chunks: 1, chunk_text: "You." });
    await edgewise.send("who prints");
    await edgewise.settledAnswer();
    const id = await longSession(await guestOf(page), 260);
    await page.addInitScript(() => localStorage.setItem("edgewise.theme", "dark"));
    // What is loaded once the browser is idle hears of the first print when that is over.
    let open = (): void => undefined;
    const opened = new Promise<void>((resolve) => (open = resolve));
    await page.route(/\/assets\/printAll-/, (route) => opened.then(() => route.continue()));
    await page.goto(`/c/${id}`);
    await edgewise.settledAnswer();
    await page.evaluate(() => {
      window.print = () => document.documentElement.setAttribute("data-printed", "");
    });

    // From the browser's menu, which waits for nothing: the paper says what it lacks, and the page offers the rest.
    const note = page.getByText("Earlier messages of this chat are not printed here.");
    await expect(note).toBeHidden();
    await page.emulateMedia({ media: "print" });
    await page.evaluate(() => window.dispatchEvent(new Event("beforeprint")));
    await expect(note).toBeVisible();
    await page.evaluate(() => window.dispatchEvent(new Event("afterprint")));
    open();
    await page.emulateMedia({ media: "screen" });
    await expect(edgewise.notice("Earlier messages of this chat were not printed.")).toBeVisible();
    await page.keyboard.press("Control+p");
    await expect(page.locator("html")).toHaveAttribute("data-printed", "");

    await page.emulateMedia({ media: "print" });
    await page.evaluate(() => window.dispatchEvent(new Event("beforeprint")));
    await expect(edgewise.messages).toHaveCount(260);
    await expect(note).toHaveCount(0);
    await expect(page.getByText("Question 1", { exact: true })).toBeVisible();
    await expect(page.getByRole("navigation", { name: "Chats" })).toBeHidden();
    await expect(edgewise.composer).toBeHidden();
    expect(await page.evaluate(() => getComputedStyle(document.body).backgroundColor)).toBe("rgb(250, 249, 246)");
    const cut = await page.locator(".scroller").evaluate((one) => one.scrollHeight - one.clientHeight);
    expect(cut).toBeLessThan(2);
    if (browserName === "chromium") {
      const pages = (await page.pdf()).toString("latin1").match(/\/Type\s*\/Page\b/g)?.length ?? 0;
      expect(pages).toBeGreaterThan(5);
    }
    await page.evaluate(() => window.dispatchEvent(new Event("afterprint")));
    await expect.poll(() => edgewise.messages.count()).toBeLessThan(260);
  });
});
