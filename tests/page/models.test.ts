/** The picker beside the field, and what stands below answers, where visitors may choose among models and where they may not. */
import { expect } from "@playwright/test";
import { axe, violations } from "./axe.ts";
import { test } from "./configured.ts";
import { EdgewisePage } from "./page.ts";
import { shapes } from "./shapes.ts";
import { scenario } from "./stack.ts";

/** Models that no other test asks: that one is gone is remembered for all. */
const GONE = "test-picked-gone";
const MODELS = `test-picked-first=The First@1/2,test-picked-second=The Second@1/2,${GONE}=The Gone@1/2`;

test.use({ variables: { CHAT_MODEL_CHOICE: "true", SAMBANOVA_MODELS: MODELS, SAMBANOVA_MODEL: "" }, bypassCSP: true });
test.beforeEach(({ page }) => page.addInitScript({ path: axe }));

test("a model is chosen by keyboard, answers this chat and the next new one, and another answers for one that is gone", async ({
  page,
}) => {
  const edgewise = new EdgewisePage(page);
  await scenario("whom do I ask", { chunks: 1, chunk_text: "Me." });
  await scenario("ask who is gone", { chunks: 1, chunk_text: "It went.", retired: [GONE] });
  await page.goto("/");
  const picker = page.getByRole("combobox", { name: "Model" });
  await expect(picker).toHaveValue("test-picked-first");
  await picker.focus();
  await page.keyboard.press("ArrowDown");
  await expect(picker).toHaveValue("test-picked-second");
  await edgewise.send("whom do I ask");
  const answer = await edgewise.settledAnswer();
  await expect(answer.getByText(/Answered by .?The Second/)).toBeAttached();
  await expect(answer.getByText("is not available")).toHaveCount(0);

  // It is the session's, and the next new chat's, also in a page that was opened anew.
  await page.reload();
  await expect(picker).toHaveValue("test-picked-second");
  await expect((await edgewise.settledAnswer()).getByText(/Answered by .?The Second/)).toBeAttached();
  await page.goto("/");
  await expect(picker).toHaveValue("test-picked-second");

  await picker.selectOption(GONE);
  await edgewise.send("ask who is gone");
  const instead = (await edgewise.settledAnswer()).getByText("The Gone");
  await expect(instead).toHaveText(/^\u2068?The Gone\u2069? is not available; \u2068?The First\u2069? answered\.$/);
  await expect(instead).toBeVisible();
  await shapes(page, "models");

  // The field keeps its room on a phone, and the picker its place in a page that runs from right to left.
  await page.setViewportSize({ width: 320, height: 640 });
  const [field, choice] = [page.locator("#composer"), page.locator(".model")];
  expect((await field.boundingBox())?.width).toBeGreaterThan(90);
  expect((await choice.boundingBox())?.width).toBeLessThan(50);
  await page.evaluate(() => (document.documentElement.dir = "rtl"));
  const [fieldAt, choiceAt] = [await field.boundingBox(), await choice.boundingBox()];
  expect(choiceAt?.x ?? 0).toBeLessThan(fieldAt?.x ?? 0);

  // A temporary chat asks the same one, and its tab keeps who has answered.
  await page.setViewportSize({ width: 1280, height: 720 });
  await page.goto("/");
  await page.getByRole("switch", { name: "Temporary chat" }).click();
  await expect(picker).toHaveValue(GONE);
  await edgewise.send("ask who is gone");
  await expect((await edgewise.settledAnswer()).getByText("The Gone")).toBeVisible();
  await page.reload();
  await expect((await edgewise.settledAnswer()).getByText("The Gone")).toBeVisible();
});

test.describe("without a choice", () => {
  /** That it is gone is remembered for all, so each run has one of its own. */
  const usual = `test-usual-${Date.now()}`;
  const models = `${usual}=The Usual@1/2,test-picked-second=The Second@1/2`;
  test.use({ variables: { SAMBANOVA_MODELS: models, SAMBANOVA_MODEL: "" } });

  test("another model says that it has answered for the first, and the line of the next chat names it", async ({
    page,
  }) => {
    const edgewise = new EdgewisePage(page);
    await scenario("are you as usual", { chunks: 1, chunk_text: "I am." });
    await scenario("are you instead", { chunks: 1, chunk_text: "It went.", retired: [usual] });
    await page.goto("/");
    const line = page.locator(".ai-line");
    await expect(line).toContainText("The Usual");
    await edgewise.send("are you as usual");
    await edgewise.settledAnswer();
    await edgewise.send("are you instead");
    await expect(edgewise.answers).toHaveCount(2);
    await edgewise.settledAnswer();
    const instead = page.getByText(/^\u2068?The Usual\u2069? is not available; \u2068?The Second\u2069? answered\.$/);
    await expect(instead).toBeVisible();
    await expect(edgewise.answers.getByText("Answered by"), "what is as usual is not said").toHaveCount(1);
    await expect.poll(() => violations(page)).toEqual([]);

    // Read again it is not known why.
    await page.reload();
    const other = page.getByText(/^\u2068?The Second\u2069? answered, not \u2068?The Usual\u2069?\.$/);
    await expect(other).toBeVisible();
    await expect(edgewise.answers.getByText("Answered by")).toHaveCount(1);
    await page.setViewportSize({ width: 320, height: 640 });
    await expect.poll(() => violations(page), { message: "on a phone" }).toEqual([]);

    await page.setViewportSize({ width: 1280, height: 720 });
    await page.goto("/");
    await expect(line).toContainText("The Second");
    await page.getByRole("switch", { name: "Temporary chat" }).click();
    await edgewise.send("are you instead");
    await edgewise.settledAnswer();
    await expect(instead).toBeVisible();
    await page.reload();
    await expect(instead, "its tab keeps the head").toBeVisible();
  });
});
