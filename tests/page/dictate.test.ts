/** A message that is spoken. The browser's recognition is stood in for: it is a service of the browser's vendor. */
import { type Page, expect } from "@playwright/test";
import { axe, violations } from "./axe.ts";
import { EdgewisePage, test } from "./page.ts";
import { scenario } from "./stack.ts";

interface Hearing {
  count: number;
  isOn: boolean;
  hear: (...said: string[]) => void;
  fail: (error: string) => void;
}

/** A browser that hears what it is told to. */
function withHearing(): void {
  const hearing: Hearing = { count: 0, isOn: false, hear: () => undefined, fail: () => undefined };
  class Recognition extends EventTarget {
    onresult: ((event: object) => void) | null = null;
    onerror: ((event: object) => void) | null = null;
    onend: (() => void) | null = null;
    start() {
      hearing.count += 1;
      hearing.isOn = true;
      hearing.hear = (...said) => this.onresult?.({ results: said.map((transcript) => [{ transcript }]) });
      hearing.fail = (error) => {
        this.onerror?.({ error });
        this.stop();
      };
    }
    stop() {
      hearing.isOn = false;
      this.onend?.();
    }
    abort() {
      this.stop();
    }
  }
  Object.defineProperties(window, { SpeechRecognition: { value: Recognition }, hearing: { value: hearing } });
}

const hear = (page: Page, ...said: string[]) =>
  page.evaluate((all) => (window as unknown as { hearing: Hearing }).hearing.hear(...all), said);
const isOn = (page: Page) => page.evaluate(() => (window as unknown as { hearing: Hearing }).hearing.isOn);

test("what is said stands at the cursor, can be edited, and is never sent by itself", async ({ browser, baseURL }) => {
  // What says that it listens would move without an end.
  const still = { reducedMotion: "reduce" } as const;
  const context = await browser.newContext({ bypassCSP: true, ...still, ...(baseURL ? { baseURL } : {}) });
  const page = await context.newPage();
  await page.addInitScript({ path: axe });
  await page.addInitScript(withHearing);
  const edgewise = new EdgewisePage(page);
  const requests: string[] = [];
  page.on("request", (request) => request.method() === "POST" && requests.push(request.url()));
  await page.goto("/");
  const dictate = page.getByRole("button", { name: "Dictate", exact: true });
  const stop = page.getByRole("button", { name: "Stop dictating" });

  // The first time it is said where the voice goes, before anything is heard.
  await edgewise.composer.fill("one three");
  await edgewise.composer.evaluate((field: HTMLTextAreaElement) => field.setSelectionRange(3, 3));
  await dictate.focus();
  await page.keyboard.press("Enter");
  await expect(edgewise.notice("send your voice to their vendor")).toBeVisible();
  expect(await isOn(page)).toBe(false);
  await expect(page.getByRole("button", { name: "Start dictating" })).toBeFocused();
  await expect.poll(() => violations(page)).toEqual([]);
  await page.keyboard.press("Enter");
  await expect(stop).toBeFocused();
  await hear(page, "too");
  await expect(edgewise.composer).toHaveValue("one too three");
  await hear(page, "two");
  await expect(edgewise.composer).toHaveValue("one two three");
  await expect.poll(() => violations(page)).toEqual([]);
  for (const width of [320, 1280]) {
    await page.setViewportSize({ width, height: 640 });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
    if (process.env.PAGE_PICTURES) await page.screenshot({ path: `${process.env.PAGE_PICTURES}/dictate-${width}.png` });
  }

  // An edit stays; what is said next goes on at the cursor.
  await edgewise.composer.press("End");
  await edgewise.composer.press("!");
  await hear(page, "two", " four");
  await expect(edgewise.composer).toHaveValue("one two three! four");
  await stop.click();
  await expect(dictate).toBeVisible();
  expect(await isOn(page)).toBe(false);
  expect(requests.filter((url) => url.includes("messages"))).toEqual([]);

  // Told once; what is sent meanwhile is not written again.
  await scenario("five", { chunks: 1, chunk_text: "Six." });
  await dictate.click();
  expect(await isOn(page)).toBe(true);
  await hear(page, "five");
  await edgewise.composer.press("Enter");
  expect(await isOn(page), "the microphone is off as soon as it is sent").toBe(false);
  await expect(dictate).toBeVisible();
  await hear(page, "five and more");
  await expect(edgewise.answers).toHaveCount(1);
  await expect(edgewise.composer).toHaveValue("");

  // A block of code in the words stays there.
  const block = 'See\n\n```js title="a"\n1\n```';
  await expect(page.getByRole("button", { name: "Attach text files" })).toBeVisible();
  await edgewise.composer.fill(block);
  await edgewise.composer.evaluate((field: HTMLTextAreaElement) => field.setSelectionRange(0, 0));
  await dictate.click();
  await hear(page, "Look.");
  await expect(edgewise.composer).toHaveValue(`Look. ${block}`);
  await stop.click();
  await edgewise.composer.fill("");

  await dictate.click();
  await page.evaluate(() => (window as unknown as { hearing: Hearing }).hearing.fail("not-allowed"));
  await expect(edgewise.notice("does not let Edgewise use the microphone")).toBeVisible();
  await dictate.click();
  expect(await isOn(page)).toBe(true);
  await edgewise.sessions.getByRole("link", { name: "New chat" }).click();
  await expect.poll(() => isOn(page), "who leaves is not heard").toBe(false);
  await context.close();
});

test("the page may ask for the microphone, and nothing else may", async ({ page }) => {
  const response = await page.goto("/");
  expect(response?.headers()["permissions-policy"]).toContain("microphone=(self)");
});
