/** What the page makes of a server that is configured otherwise than the one under test. */
import { expect } from "@playwright/test";
import { test } from "./configured.ts";
import { EdgewisePage, test as base } from "./page.ts";
import { type Server, startServer } from "./server.ts";
import { closeBreaker, failFrom, moveClock, scenario } from "./stack.ts";
import { Wire } from "./wire.ts";

test.describe("where answers go on without their reader", () => {
  test.use({ variables: { CHAT_ON_DISCONNECT: "finish" } });

  test("a reader who reloads reads along, and finds it whole", async ({ page }) => {
    const edgewise = new EdgewisePage(page);
    await scenario("go on without me", { chunks: 150, pace_ms: 80, chunk_text: "word{i} " });
    await page.goto("/");
    await edgewise.send("go on without me");
    await expect(edgewise.answers.last()).toContainText("word9");
    await page.reload();
    const answer = edgewise.answers.last();
    await expect(answer).toContainText("word30");
    await expect(answer, "it still runs").toHaveAttribute("aria-busy", "true");
    await expectWhole(edgewise);
    await page.reload();
    await expectWhole(edgewise);
  });

  test("a reader who closes the page and comes back finds what was said meanwhile", async ({ page, context }) => {
    const edgewise = new EdgewisePage(page);
    await scenario("while I am away", { chunks: 150, pace_ms: 20, chunk_text: "word{i} " });
    await page.goto("/");
    await edgewise.send("while I am away");
    await expect(edgewise.answers.last()).toContainText("word9");
    const address = page.url();
    await page.close();
    const back = new EdgewisePage(await context.newPage());
    await back.page.goto(address);
    await expectWhole(back);
  });
});

/** The last answer has each of its 150 words, once and in order. */
async function expectWhole(edgewise: EdgewisePage): Promise<void> {
  const answer = await edgewise.settledAnswer();
  await expect(answer).not.toContainText("Stopped.");
  const words = Array.from({ length: 150 }, (_, word) => `word${word}`);
  expect((await answer.locator(".prose").innerText()).trim().split(/\s+/)).toEqual(words);
}

/** A server behind a wire, which can die and be followed by another at the same address. */
const mortal = base.extend<{ wire: Wire; server: Server }>({
  server: async ({}, use) => {
    const server = await startServer({});
    await use(server);
    await server.kill();
  },
  wire: async ({ server }, use) => {
    const wire = new Wire(new URL(server.address));
    await wire.mend();
    await use(wire);
    await wire.cut();
  },
  baseURL: ({ wire }, use) => use(wire.address),
});

mortal(
  "a server that dies in mid-answer and comes back takes no words that were read",
  async ({ page, server, wire }) => {
    const edgewise = new EdgewisePage(page);
    await scenario("die on me", { chunks: 2000, pace_ms: 30, chunk_text: "word{i} " });
    await page.goto("/");
    await edgewise.send("die on me");
    const answer = edgewise.answers.last();
    await expect(answer).toContainText("word9");
    await server.kill();
    await expect(answer).toContainText("Picking up the rest");
    const next = await startServer({});
    const read = page.waitForResponse((response) => /\/sessions\/[\w-]+\?/.test(response.url()));
    let rest = page.waitForResponse(/\/stream\?/);
    wire.lead(new URL(next.address));
    // Nobody writes the rest. The server would find out in its time; the page gives up after as many tries as it makes.
    while (!(await Promise.race([read.then(() => true), rest.then(() => false)]))) {
      rest = page.waitForResponse(/\/stream\?/);
      await wire.cut();
      await wire.mend();
    }
    // The row is still being written to, as far as the server knows, and has fewer words or none.
    const { messages } = (await (await read).json()) as { messages: { status: string; content: string }[] };
    expect(messages.at(-1)?.status).toBe("streaming");
    expect(messages.at(-1)?.content).not.toContain("word9");
    await expect(answer).toContainText("Still answering");
    await expect(answer).toContainText("word0 word1 word2 word3 word4 word5 word6 word7 word8 word9");
    await next.stop();
  },
);

test.describe("where the model has failed too often in a row", () => {
  test.use({ variables: { CHAT_BREAKER_FAILURES: "2" } });
  test.beforeEach(closeBreaker);
  test.afterEach(async () => {
    await moveClock(0);
    await closeBreaker();
  });

  test("the page counts down what the server says, and then the model is asked again", async ({ page, baseURL }) => {
    // The page's own clock, and with it the seconds to wait, can be put forward.
    await page.clock.install();
    const edgewise = new EdgewisePage(page);
    // A failure that is not tried again: it asks for more patience than a visitor has.
    await scenario("are you well", { error: { status: 503, code: "maintenance", retry_after: 60 } });
    await page.goto("/");
    await edgewise.send("are you well, once");
    await expect(edgewise.messages.last()).toContainText("could not answer");
    // One address does not open it alone.
    await failFrom(page, baseURL ?? "", "127.0.0.9", "are you well, twice");
    await scenario("are you well", { chunks: 1, chunk_text: "Better." });

    const refused = page.waitForResponse((response) => response.status() === 503);
    await edgewise.send("are you well now");
    const { error } = (await (await refused).json()) as { error: { code: string; retry_after: number } };
    expect(error.code).toBe("provider_unavailable");
    expect(error.retry_after).toBeGreaterThan(20);
    const alert = page.getByRole("alert").last();
    await expect(alert).toContainText(/The model is unavailable at the moment. You can try again in \d+ s/);
    const shown = Number(/in (\d+) s/.exec(await alert.innerText())?.[1]);
    expect(shown, "the server's seconds").toBeGreaterThan(error.retry_after - 5);
    expect(shown).toBeLessThanOrEqual(error.retry_after + 1);
    const again = alert.getByRole("button", { name: "Send again" });
    await expect(again).toBeDisabled();
    await expect(edgewise.composer).toHaveValue("are you well now");

    await moveClock(error.retry_after + 1);
    await page.clock.fastForward((error.retry_after + 1) * 1000);
    await expect(alert).toContainText("You can try again now");
    await again.click();
    await expect(await edgewise.settledAnswer()).toContainText("Better.");
    await expect(edgewise.composer).toHaveValue("");
  });
});

test.describe("where few messages are left", () => {
  test.use({ variables: { CHAT_DAILY_MESSAGE_QUOTA: "3" } });

  test("list, title and quota follow what another tab does", async ({ page, context }) => {
    await page.goto("/");
    const one = new EdgewisePage(page);
    await scenario("seen in both", { chunks: 1, chunk_text: "Yes." });
    await one.send("seen in both");
    await one.settledAnswer();
    const other = new EdgewisePage(await context.newPage());
    await other.page.goto(page.url());
    await expect(other.messages).toHaveCount(2);

    await other.choose("seen in both", "Rename");
    await other.page.getByRole("textbox", { name: "New title" }).fill("called otherwise");
    await other.page.getByRole("textbox", { name: "New title" }).press("Enter");
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("called otherwise");
    await expect(page).toHaveTitle(/called otherwise/);

    await scenario("once more there", { chunks: 1, chunk_text: "Yes." });
    await expect(page.locator(".quota")).toHaveText("");
    await other.send("once more there");
    await other.settledAnswer();
    await expect(page.locator(".quota")).toContainText("1 of 3 messages left today");

    await other.remove("called otherwise");
    await expect(one.sessions.getByRole("link", { name: "called otherwise" })).toHaveCount(0);
    await expect(page.getByRole("region", { name: "Messages" })).toContainText("was deleted");
  });
});
