/** The chat on another site's page: the button, the frame, and what becomes of a visitor whose browser keeps nothing there. */
import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { type Page, expect } from "@playwright/test";
import { axe, violations } from "./axe.ts";
import { EdgewisePage, test as base } from "./page.ts";
import { startServer } from "./server.ts";
import { scenario } from "./stack.ts";

/** A site: its address, and what it shows from then on. */
interface Site {
  origin: string;
  show: (html: string) => void;
}

async function startSite(): Promise<Site & { stop: () => void }> {
  let shown = "";
  const server = createServer((_, response) => {
    response.setHeader("content-type", "text/html").end(shown);
  }).listen(0, "localhost");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const show = (html: string) => (shown = html);
  return { origin: `http://localhost:${port}`, show, stop: () => server.close() };
}

/** Two sites, of which the server knows the first; a browser that keeps nothing for a frame of another site. */
const test = base.extend<{ site: Site; stranger: Site; forgetful: Page }>({
  site: async ({}, use) => {
    const site = await startSite();
    await use(site);
    site.stop();
  },
  stranger: async ({}, use) => {
    const site = await startSite();
    await use(site);
    site.stop();
  },
  baseURL: async ({ site }, use) => {
    const { address, stop } = await startServer({ EMBED_ORIGINS: site.origin });
    await use(address);
    await stop();
  },
  forgetful: async ({ playwright, launchOptions }, use, testInfo) => {
    const folder = testInfo.outputPath("browser");
    await mkdir(join(folder, "Default"), { recursive: true });
    const blocked = { profile: { block_third_party_cookies: true, cookie_controls_mode: 1 } };
    await writeFile(join(folder, "Default/Preferences"), JSON.stringify(blocked));
    // The shell that the other tests run in reads no profile.
    const whole = { ...launchOptions, executablePath: process.env.WHOLE_CHROMIUM ?? "/usr/bin/chromium" };
    const context = await playwright.chromium.launchPersistentContext(folder, whole);
    await use(context.pages()[0] ?? (await context.newPage()));
    await context.close();
  },
});

/** A site's page with the one line that it needs, and a link before it. */
const html = (server: string, attributes: string) =>
  `<!doctype html><html lang="en"><title>A shop</title><body><main><h1>A shop</h1><a href="#top">Top</a></main>
  <script src="${server}/embed.js" ${attributes} async></script></body></html>`;

test("a page elsewhere opens the chat by one line, and only where it may", async ({
  forgetful: page,
  site,
  stranger,
  baseURL,
}) => {
  const server = baseURL ?? "";
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(String(error)));
  const button = page.getByRole("button", { name: "Ask us" });
  const frame = page.frameLocator('iframe[title="Ask us"]');
  const composer = frame.getByRole("textbox", { name: "Write a message" });
  const answer = frame.getByRole("article").filter({ has: frame.getByRole("heading", { name: "Edgewise" }) });
  // A frame of another process in a profile of its own does not say that it has the focus, though keys go there, as the steps below show.
  const focused = () => page.frames()[1]?.evaluate(() => document.activeElement?.id);
  site.show(html(server, 'data-position="left" data-label="Ask us"'));
  await page.goto(site.origin);

  await test.step("nothing of it is loaded before it is opened, by the keyboard alone", async () => {
    await expect(button).toHaveAttribute("aria-expanded", "false");
    expect(page.frames()).toHaveLength(1);
    expect(await button.evaluate((element) => element.getBoundingClientRect().left)).toBeLessThan(40);
    await page.keyboard.press("Tab");
    await page.keyboard.press("Tab");
    await expect(button).toBeFocused();
    await page.keyboard.press("Enter");
    await expect.poll(focused).toBe("composer");
    await expect(button).toHaveAttribute("aria-expanded", "true");
  });

  await test.step("an answer is streamed to a visitor who is kept in memory, and is told so", async () => {
    const keeps = await page.frames()[1]?.evaluate(() => {
      try {
        return localStorage.length;
      } catch (thrown) {
        return (thrown as Error).name;
      }
    });
    expect(keeps, "the browser under test blocks storage there").toBe("SecurityError");
    await expect(frame.getByText("does not let Edgewise keep anything").first()).toBeVisible();
    await scenario("do you ship", { chunks: 120, pace_ms: 50, chunk_text: "word{i} " });
    await page.keyboard.type("do you ship");
    await page.keyboard.press("Enter");
    await expect(answer).toContainText("word9");
    await expect(answer, "more is to come").toHaveAttribute("aria-busy", "true");
    await expect(answer).toHaveAttribute("aria-busy", "false");
    await expect(answer).toContainText("word119");
    await page.keyboard.type("and abroad");
    await page.keyboard.press("Enter");
    await expect(answer, "the same guest goes on").toHaveCount(2);
    await expect(answer.last()).toHaveAttribute("aria-busy", "false");
    expect(page.frames()[1]?.url(), "no other address may be framed").toMatch(/\/embed\/c\/[\w-]+$/);
    expect(await page.evaluate(() => history.length), "Back belongs to the site").toBe(2);
  });

  await test.step("Escape closes what is open in it, then the frame, and the focus is back", async () => {
    await frame.getByRole("button", { name: "Open the list of chats" }).press("Enter");
    await expect(frame.getByRole("dialog")).toBeVisible();
    await page.keyboard.press("Escape");
    await expect(frame.getByRole("dialog")).toHaveCount(0);
    await expect(button).toHaveAttribute("aria-expanded", "true");
    await composer.focus();
    await page.keyboard.press("Escape");
    await expect(button).toBeFocused();
    await expect(page.locator("iframe")).toBeHidden();
    await page.keyboard.press("Space");
    await expect.poll(focused).toBe("composer");
    await expect(answer, "what was said is still there").toHaveCount(2);
  });

  await test.step("nothing bars the way", async () => {
    await page.addScriptTag({ path: axe });
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      await expect.poll(() => violations(page), { message: colorScheme }).toEqual([]);
    }
  });

  await test.step("words of others are not heard", async () => {
    // A frame of another origin on the same site, and the site itself.
    await page.evaluate(() => postMessage({ edgewise: "close" }, "*"));
    await page.frames()[1]?.evaluate(() => postMessage({ edgewise: "open" }, "*"));
    await page.evaluate(async () => {
      const other = document.createElement("iframe");
      other.srcdoc = "<script>parent.postMessage({ edgewise: 'close' }, '*')</script>";
      const heard = new Promise((resolve) => {
        addEventListener("message", ({ source }) => source === other.contentWindow && resolve(null));
      });
      document.body.append(other);
      await heard;
    });
    await expect(button).toHaveAttribute("aria-expanded", "true");
    await expect(composer).toBeVisible();
  });
  expect(errors).toEqual([]);

  await test.step("a site that is not listed is refused", async () => {
    stranger.show(html(server, 'data-label="Ask us"'));
    await page.goto(stranger.origin);
    const refused = page.waitForEvent("console", (message) => message.text().includes("frame-ancestors"));
    await button.click();
    expect((await refused).type()).toBe("error");
    await expect(composer).toHaveCount(0);
  });
});

test.describe("in a frame's size", () => {
  test.use({ viewport: { width: 400, height: 560 }, bypassCSP: true, reducedMotion: "reduce" });

  test("the page reads and is used as on a phone, and a reload finds the chat", async ({ page }) => {
    await page.addInitScript({ path: axe });
    await page.goto("/embed");
    const edgewise = new EdgewisePage(page);
    await expect.poll(() => violations(page), { message: "the empty page" }).toEqual([]);
    await edgewise.send("shall I come again");
    await edgewise.settledAnswer();
    await expect.poll(() => violations(page), { message: "an answer" }).toEqual([]);
    await page.reload();
    await expect(edgewise.messages).toHaveCount(2);
    await page.getByRole("button", { name: "Open the list of chats" }).click();
    await expect(edgewise.sessions.getByRole("link", { name: "shall I come again" })).toHaveAttribute(
      "href",
      /^\/embed\/c\//,
    );
    await page.getByRole("link", { name: "New chat" }).click();
    await expect(page).toHaveURL(/\/embed$/);
  });
});
