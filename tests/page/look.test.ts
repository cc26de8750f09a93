/** How the page looks where it is measurable: contrasts, distances, what is cut off, and what it says of itself. */
import { type Locator, type Page, expect } from "@playwright/test";
import { EdgewisePage, test } from "./page.ts";
import { scenario } from "./stack.ts";

const LONG = "A title so long that no list of chats has room for all of it, nor any bar";
const TABLE = `| # | What it does, in a few words | Time |
|---|---|---:|
| 1 | it reads who asks, and what for, and says so in a sentence | 1 ms |
| 2 | it waits | 2 ms |

| Name | Meaning |
|---|---|
| one row | and a text that wants more room than its name does |

end`;

async function answered(edgewise: EdgewisePage, words: string, text: string): Promise<Locator> {
  await scenario(words, { chunks: 1, chunk_text: text });
  await edgewise.send(words);
  await expect(edgewise.messages.filter({ hasText: words }).first()).toBeVisible();
  return edgewise.settledAnswer();
}

/** The contrast of `property` of what `selector` names against the ground that it lies on, as WCAG reckons it. */
function contrast(page: Page, selector: string, property: string, ground: string, pseudo?: string): Promise<number> {
  const asked = { selector, property, ground, pseudo };
  return page.evaluate(({ selector, property, ground, pseudo }) => {
    const luminance = (one: string, property: string, pseudo?: string) => {
      const element = document.querySelector(one);
      if (!element) throw new Error(`there is no ${one}`);
      const numbers =
        getComputedStyle(element, pseudo)
          .getPropertyValue(property)
          .match(/[\d.]+/g) ?? [];
      const [red = 0, green = 0, blue = 0] = numbers.map((number) => {
        const share = Number(number) / 255;
        return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    };
    const both = [luminance(selector, property, pseudo), luminance(ground, "background-color")];
    return (Math.max(...both) + 0.05) / (Math.min(...both) + 0.05);
  }, asked);
}

const box = async (one: Locator) => (await one.boundingBox()) ?? { x: NaN, y: NaN, width: NaN, height: NaN };

for (const theme of ["Light", "Dark"])
  test(`what is chosen, open, or one's own stands out: ${theme}`, async ({ page }) => {
    const edgewise = new EdgewisePage(page);
    await page.goto("/");
    await page.getByRole("button", { name: "Settings" }).click();
    await page.getByText(theme, { exact: true }).click();
    const bars = page.locator("meta[name=theme-color]");
    const colour = theme === "Dark" ? "#171614" : "#faf9f6";
    expect(await bars.evaluateAll((all) => all.map((one) => (one as HTMLMetaElement).content))).toEqual([
      colour,
      colour,
    ]);
    const chosen = await contrast(
      page,
      ".settings-choice input:checked + span",
      "border-top-color",
      ".settings-choice > div",
    );
    expect(chosen, "the theme").toBeGreaterThanOrEqual(3);
    await page.keyboard.press("Escape");
    expect(await contrast(page, ".new-chat", "border-top-color", ".side")).toBeGreaterThanOrEqual(3);
    await answered(edgewise, `in the ${theme}`, "So.");
    await page.mouse.move(600, 5);
    const marks = {
      open: await contrast(page, ".session:has([aria-current])", "background-color", ".session", "::before"),
      own: await contrast(page, ".bubble", "border-top-color", "body"),
      field: await contrast(page, ".composer", "border-top-color", "body"),
    };
    for (const [what, ratio] of Object.entries(marks)) expect(ratio, what).toBeGreaterThanOrEqual(3);
    await page.getByRole("button", { name: "Settings" }).click();
    await page.getByText("System", { exact: true }).click();
    expect(await bars.evaluateAll((all) => new Set(all.map((one) => (one as HTMLMetaElement).content)).size)).toBe(2);
  });

test("what is cut off can be read, nothing touches, and the arrow is there only where there is more", async ({
  page,
}) => {
  const edgewise = new EdgewisePage(page);
  const response = await page.goto("/foo");
  expect(response?.status(), "an address that is none").toBe(404);
  const greeting = page.getByRole("region", { name: "Messages" });
  for (const words of ["open only in this browser", "clearing its data loses them"])
    await expect(greeting).toContainText(words);

  await page.keyboard.press("Control+/");
  const rows = page.getByRole("dialog").locator("dt");
  await expect(rows.first()).toBeVisible();
  const heights = await rows.evaluateAll((all) => all.map((one) => one.getBoundingClientRect().height));
  expect(Math.max(...heights) - Math.min(...heights), "no key breaks into two lines").toBeLessThan(2);
  await page.keyboard.press("Escape");
  await expect(rows.first()).toBeHidden();

  await scenario(LONG, { chunks: 600, pace_ms: 30, chunk_text: "word{i} " });
  await edgewise.send(LONG);
  await expect(edgewise.answers.last()).toContainText("word3");
  await page.getByRole("button", { name: "Stop answering" }).click();
  await edgewise.settledAnswer();
  const title = (await page.getByRole("heading", { level: 1 }).textContent()) ?? "";
  expect(title.length).toBeGreaterThan(20);
  await expect(page.getByRole("heading", { level: 1 })).toHaveAttribute("title", title);
  await expect(edgewise.sessions.getByRole("link", { name: title })).toHaveAttribute("title", title);
  await answered(edgewise, "what follows", "So.");
  const row = await box(edgewise.messages.nth(1).locator(".actions"));
  const next = await box(edgewise.messages.nth(2).locator(".bubble"));
  expect(next.y - row.y - row.height).toBeGreaterThanOrEqual(8);

  await answered(edgewise, "a page of lines", Array.from({ length: 40 }, (_, line) => `Line ${line}`).join("\n\n"));
  const arrow = page.getByRole("button", { name: "To the newest message" });
  await greeting.evaluate((list) => (list.scrollTop -= 300));
  await expect(arrow).toBeVisible();
  await page.setViewportSize({ width: 1280, height: 4000 });
  await expect(arrow).toHaveCount(0);
});

test("at 320 px tables keep their words together, and show that there is more", async ({ page }) => {
  await page.setViewportSize({ width: 320, height: 640 });
  const edgewise = new EdgewisePage(page);
  await page.goto("/");
  const answer = await answered(edgewise, "a table on a phone", TABLE);
  const tables = answer.locator(".table");
  await expect(tables.first()).toHaveAttribute("role", "region");
  // The column with the most text is read in lines of some words, and no border of a column lies where the table is cut.
  for (const [at, column] of [1, 1].entries()) {
    const head = await box(tables.nth(at).locator("th").nth(column));
    expect(head.width).toBeGreaterThan(150);
    const cut = await box(tables.nth(at));
    const borders = await tables
      .nth(at)
      .locator("th")
      .evaluateAll((all) => all.map((one) => one.getBoundingClientRect().right));
    for (const border of borders) expect(Math.abs(border - cut.x - cut.width)).toBeGreaterThan(12);
  }
  expect(await tables.first().evaluate((one) => getComputedStyle(one).backgroundImage)).toContain("linear-gradient");

  await scenario("not on this phone", { error: { status: 400, code: "invalid_request_error" } });
  await edgewise.send("not on this phone");
  const own = edgewise.messages.last();
  await expect(own).toContainText("could not answer");
  const [bubble, error] = [await box(own.locator(".bubble")), await box(own.locator(".state"))];
  expect(Math.abs(bubble.x + bubble.width - error.x - error.width)).toBeLessThan(2);
  expect(await own.locator(".state").evaluate((one) => getComputedStyle(one).textAlign)).toBe("end");
  // What fades the text out above the composer is painted below its ring.
  const ring = await page.locator(".composer").evaluate((one) => getComputedStyle(one).position);
  expect(ring).toBe("relative");
});
