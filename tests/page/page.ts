/** What every test of the page starts from: a page that fails the test if anything leaves its origin or breaks its policy. */
import { type Browser, type Locator, type Page, type Request, expect, test as base } from "@playwright/test";
import { quoted } from "../../static/src/text/isolated.ts";
import { makeDrivable } from "./firefox.ts";

/** What must be empty at the end of each test. */
interface Watched {
  foreign: string[];
  refused: string[];
  errors: string[];
}

/** `quiet` is used by every test, asked for or not; `elsewhere`: origins that a test goes to on purpose. */
export const test = base.extend<{ quiet: Watched; elsewhere: string[] }, { browser: Browser }>({
  elsewhere: [[], { option: true }],
  browser: [
    async ({ browser, browserName }, use) => {
      if (browserName === "firefox") makeDrivable(browser);
      await use(browser);
    },
    { scope: "worker" },
  ],
  quiet: [
    async ({ page, baseURL, elsewhere }, use) => {
      const watched: Watched = { foreign: [], refused: [], errors: [] };
      const known = [new URL(baseURL ?? "").origin, ...elsewhere];
      page.on("request", (request: Request) => {
        const url = new URL(request.url());
        if (!known.includes(url.origin) && url.protocol !== "data:" && url.protocol !== "blob:")
          watched.foreign.push(request.url());
      });
      // A refused connection, an error status, and a load that a reload has cut off are logged by the browser itself, and are a case of some
      // tests. Firefox names the file that its worker was asked for.
      page.on("console", (message) => {
        if (message.type() === "error" && !/^Failed to load (resource|‘)/.test(message.text()))
          watched.errors.push(message.text());
      });
      page.on("pageerror", (error) => watched.errors.push(String(error)));
      await page.exposeFunction("tellViolation", (violation: string) => watched.refused.push(violation));
      await page.addInitScript(() => {
        document.addEventListener("securitypolicyviolation", (event) => {
          const tell = (window as unknown as { tellViolation: (text: string) => void }).tellViolation;
          tell(`${event.effectiveDirective} ${event.blockedURI} ${event.sample}`);
        });
      });
      await use(watched);
      expect(watched).toEqual({ foreign: [], refused: [], errors: [] });
    },
    { auto: true },
  ],
});

/** Where `list` is once a smooth scroll has ended: at one place for ten frames. */
export const restingTop = (list: Locator) =>
  list.evaluate(
    (element) =>
      new Promise<number>((resolve) => {
        let top = element.scrollTop;
        let frames = 0;
        const look = () => {
          frames = element.scrollTop === top ? frames + 1 : 0;
          top = element.scrollTop;
          if (frames === 10) resolve(top);
          else requestAnimationFrame(look);
        };
        look();
      }),
  );

/** The page's parts, by what a visitor or a screen reader calls them. */
export class EdgewisePage {
  readonly composer: Locator;
  readonly messages: Locator;
  readonly sessions: Locator;
  readonly answers: Locator;

  constructor(readonly page: Page) {
    this.composer = page.getByRole("textbox", { name: "Write a message" });
    this.messages = page.getByRole("region", { name: "Messages" }).getByRole("article");
    this.sessions = page.getByRole("navigation", { name: "Chats" });
    this.answers = this.messages.filter({
      has: page.getByRole("heading", { name: "Edgewise" }),
    });
  }

  async send(text: string): Promise<void> {
    await this.composer.fill(text);
    await this.composer.press("Enter");
  }

  /** Chooses from the menu of a chat in the list. */
  async choose(title: string, what: "Rename" | "Pin" | "Unpin" | "Delete" | "Select…"): Promise<void> {
    await this.sessions
      .getByRole("button", { name: `More for ${quoted(title)}` })
      .first()
      .click();
    await this.page.getByRole("menuitem", { name: what }).click();
  }

  /** Deletes the first chat of this title in the list. */
  async remove(title: string): Promise<void> {
    await this.choose(title, "Delete");
    await this.sessions.getByRole("button", { name: "Delete", exact: true }).click();
  }

  /** What a notice says. */
  notice(words: string | RegExp): Locator {
    return this.page.locator(".notice").getByText(words);
  }

  /** The last answer, once nothing more will come. */
  async settledAnswer(): Promise<Locator> {
    const answer = this.answers.last();
    await expect(answer).toBeVisible();
    await expect(answer).toHaveAttribute("aria-busy", "false", {
      timeout: 60_000,
    });
    await expect(answer.locator(".prose"), "the renderer was loaded").not.toHaveClass(/plain/);
    return answer;
  }
}
