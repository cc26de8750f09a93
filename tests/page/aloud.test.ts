/** An answer that is read out. The browser's voice is stood in for: a machine without a screen has none. */
import { type Page, expect } from "@playwright/test";
import { axe, violations } from "./axe.ts";
import { EdgewisePage, test } from "./page.ts";
import { streamed } from "./stack.ts";

/** A browser whose voices say what they were given, and end when they are told to. */
function withVoices(): void {
  class Utterance extends EventTarget {
    lang = "";
    voice: unknown = null;
    onstart: (() => void) | null = null;
    onend: (() => void) | null = null;
    onerror: (() => void) | null = null;
    constructor(readonly text: string) {
      super();
    }
  }
  let current: Utterance | null = null;
  const voices = [
    { lang: "en-US", localService: true, default: true },
    { lang: "ar-EG", localService: false, default: false },
  ];
  const voice = {
    said: [] as string[],
    end: () => current?.onend?.(),
    fail: () => current?.onerror?.(),
    isSpeaking: () => current !== null,
  };
  const speechSynthesis = {
    getVoices: () => voices,
    speak(next: Utterance) {
      current = next;
      voice.said.push(`${next.lang}: ${next.text}`);
      next.onstart?.();
    },
    cancel: () => (current = null),
  };
  Object.defineProperties(window, {
    speechSynthesis: { value: speechSynthesis },
    SpeechSynthesisUtterance: { value: Utterance },
    voice: { value: voice },
  });
}

interface Voice {
  said: string[];
  end: () => void;
  fail: () => void;
  isSpeaking: () => boolean;
}
const voice = <T>(page: Page, ask: "said" | "end" | "fail" | "isSpeaking") =>
  page.evaluate((what) => {
    const { [what]: one } = (window as unknown as { voice: Voice }).voice;
    return typeof one === "function" ? one() : one;
  }, ask) as Promise<T>;

/** What reads aloud is a file of its own; the addresses of it that `page` asks for from now on. */
function askedForVoice(page: Page): string[] {
  const asked: string[] = [];
  page.on("request", (request) => {
    if (/\/ReadAloud-[^/]*\.js/.test(request.url())) asked.push(request.url());
  });
  return asked;
}

test("an answer is read out piece by piece, paused, and falls silent when it is left", async ({ browser, baseURL }) => {
  const context = await browser.newContext({ bypassCSP: true, ...(baseURL ? { baseURL } : {}) });
  const page = await context.newPage();
  await page.addInitScript({ path: axe });
  await page.addInitScript(withVoices);
  const edgewise = new EdgewisePage(page);
  const asked = askedForVoice(page);
  await page.goto("/");
  await streamed("read me", "It is the **first** of all.\n\n```js\nlet a;\n```\n\nمرحبا بالعالم", 1, 5);
  await edgewise.send("read me");
  await edgewise.settledAnswer();
  const [first, second] = [edgewise.answers.nth(0), edgewise.answers.nth(1)];
  await streamed("and me", "It is the other.", 1, 5);
  await edgewise.send("and me");
  await expect(second).toContainText("It is the other.");
  await edgewise.settledAnswer();
  const button = (name: string) => first.getByRole("button", { name });

  await button("Read aloud").focus();
  await page.keyboard.press("Enter");
  await expect(button("Pause reading")).toBeFocused();
  expect(asked).not.toEqual([]);
  await expect(edgewise.notice("which get the text then")).toBeVisible();
  expect(await voice(page, "said")).toEqual(["en-US: It is the first of all."]);
  await expect.poll(() => violations(page)).toEqual([]);
  await voice(page, "end");
  await voice(page, "end");
  expect((await voice<string[]>(page, "said")).slice(1)).toEqual([
    "en: Code, which is not read out.",
    "ar: مرحبا بالعالم",
  ]);

  // A pause ends the sentence; going on begins it again.
  await page.keyboard.press("Enter");
  await expect(button("Go on reading")).toBeFocused();
  expect(await voice(page, "isSpeaking")).toBe(false);
  await page.keyboard.press("Enter");
  await expect(button("Pause reading")).toBeFocused();
  expect((await voice<string[]>(page, "said")).at(-1)).toBe("ar: مرحبا بالعالم");

  // One at a time; what is on this device says so.
  await second.getByRole("button", { name: "Read aloud" }).click();
  await expect(button("Read aloud")).toBeAttached();
  await expect(edgewise.notice("nothing is sent for it")).toBeVisible();
  expect((await voice<string[]>(page, "said")).at(-1)).toContain("It is the other.");
  await voice(page, "end");
  await expect(second.getByRole("button", { name: "Read aloud" })).toBeVisible();

  await second.getByRole("button", { name: "Read aloud" }).click();
  await second.getByRole("button", { name: "Stop reading" }).click();
  await expect(second.getByRole("button", { name: "Read aloud" })).toBeFocused();
  expect(await voice(page, "isSpeaking")).toBe(false);

  await page.keyboard.press("Enter");
  await voice(page, "fail");
  await expect(edgewise.notice("voice broke off")).toBeVisible();
  await page.setViewportSize({ width: 320, height: 640 });
  await second.getByRole("button", { name: "Read aloud" }).click();
  if (process.env.PAGE_PICTURES) await page.screenshot({ path: `${process.env.PAGE_PICTURES}/aloud-320.png` });
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);
  await page.setViewportSize({ width: 1280, height: 800 });
  if (process.env.PAGE_PICTURES) await page.screenshot({ path: `${process.env.PAGE_PICTURES}/aloud-1280.png` });
  expect(await voice(page, "isSpeaking")).toBe(true);
  await edgewise.sessions.getByRole("link", { name: "New chat" }).click();
  await expect.poll(() => voice(page, "isSpeaking")).toBe(false);
  await context.close();
});

test("a browser without a voice offers none", async ({ page }) => {
  await page.addInitScript(() => {
    for (const place of [window, Window.prototype]) Reflect.deleteProperty(place, "speechSynthesis");
  });
  const edgewise = new EdgewisePage(page);
  const asked = askedForVoice(page);
  await page.goto("/");
  await streamed("silence", "Nothing.", 1, 5);
  await edgewise.send("silence");
  const answer = await edgewise.settledAnswer();
  // With the menu of a chat comes what asks for it.
  await edgewise.sessions.getByRole("button", { name: "More for “silence”" }).click();
  await expect(page.getByRole("menuitem", { name: "Export…" })).toBeVisible();
  await expect(answer.getByRole("button", { name: "Copy message" })).toBeVisible();
  // An answer that is drawn anew by now would have asked.
  await page.reload();
  await expect(answer.getByRole("button", { name: "Copy message" })).toBeVisible();
  await edgewise.sessions.getByRole("button", { name: "More for “silence”" }).click();
  await expect(page.getByRole("menuitem", { name: "Export…" })).toBeVisible();
  expect(asked).toEqual([]);
  await expect(answer.getByRole("button", { name: "Read aloud" })).toHaveCount(0);
});
