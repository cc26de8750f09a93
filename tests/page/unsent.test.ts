/** What is sent without a connection waits in the browser, and goes out once, in order, whatever becomes of the page meanwhile. */
import { type BrowserContext, type Page, type Request, expect } from "@playwright/test";
import { axe, violations } from "./axe.ts";
import { EdgewisePage, test } from "./page.ts";
import { scenario } from "./stack.ts";

const WAITS = "Not sent yet";
const OLD = "This was said more than a day ago.";

/** The page once it can be opened, and can keep what is sent, without a network. */
async function ready(page: Page): Promise<EdgewisePage> {
  await page.goto("/");
  await expect
    .poll(() =>
      page.evaluate(async () => {
        const names = await caches.keys();
        const lists = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()));
        return lists.flat().some(({ url }) => url.includes("/assets/room-"));
      }),
    )
    .toBe(true);
  return new EdgewisePage(page);
}

async function another(context: BrowserContext, address = "/"): Promise<EdgewisePage> {
  const page = await context.newPage();
  await page.goto(address);
  return new EdgewisePage(page);
}

const waiting = ({ messages }: EdgewisePage) => messages.filter({ hasText: WAITS });

/** What the server has of this browser's guest: the messages of each chat, the oldest first, and how many of the day were counted. */
async function atServer(page: Page): Promise<{ chats: string[][]; counted: number }> {
  return page.evaluate(async () => {
    const headers = { Authorization: `Bearer ${localStorage.getItem("edgewise.token") ?? ""}` };
    const get = async (path: string) => (await fetch(`/api/v1/chat/${path}`, { headers })).json() as Promise<unknown>;
    const { sessions } = (await get("sessions")) as { sessions: { id: string }[] };
    const chats = await Promise.all(
      sessions.map(async ({ id }) => {
        const { messages } = (await get(`sessions/${id}`)) as { messages: { content: string }[] };
        return messages.map(({ content }) => content);
      }),
    );
    const { day } = (await get("quota")) as { day: { limit: number; remaining: number } };
    return { chats, counted: day.limit - day.remaining };
  });
}

const isSending = (request: Request) => request.method() === "POST" && request.url().endsWith("/messages");

/** As long ago as this were the words said that wait. */
async function age(page: Page, hours: number): Promise<void> {
  await page.evaluate((hours) => {
    const all = JSON.parse(localStorage.getItem("edgewise.unsent") ?? "[]") as { at: number }[];
    const aged = all.map((one) => ({ ...one, at: one.at - hours * 3_600_000 }));
    localStorage.setItem("edgewise.unsent", JSON.stringify(aged));
  }, hours);
}

test("said three times, a reload, and a connection in two tabs at once: three answers in order, each counted once", async ({
  page,
  context,
}) => {
  const words = ["One of the tunnel", "Two of the tunnel", "Three of the tunnel"];
  for (const [at, each] of words.entries()) await scenario(each, { chunks: 4, chunk_text: `${at}`, pace_ms: 50 });
  const edgewise = await ready(page);
  await context.setOffline(true);
  await expect(page.getByText("Offline", { exact: true })).toBeVisible();
  for (const each of words) {
    await edgewise.send(each);
    await expect(edgewise.composer).toHaveValue("");
  }
  await expect(waiting(edgewise)).toHaveCount(3);
  await page.reload();
  await expect(waiting(edgewise)).toHaveText(words.map((each) => new RegExp(each)));
  const other = await another(context);
  await expect(waiting(other)).toHaveCount(3);

  await context.setOffline(false);
  for (const one of [edgewise, other]) {
    await expect(one.answers).toHaveCount(3);
    await expect(waiting(one)).toHaveCount(0);
    await expect(await one.settledAnswer()).toContainText("2222");
    await expect(one.messages).toHaveCount(6);
    await expect(one.page).toHaveURL(/\/c\//);
  }
  const answers = ["0000", "1111", "2222"];
  await expect
    .poll(() => atServer(page))
    .toEqual({
      chats: [words.flatMap((each, at) => [each, answers[at] ?? ""])],
      counted: 3,
    });
});

test("two tabs that both send it, for want of a lock, get the same answers, counted once", async ({
  page,
  context,
}) => {
  await context.addInitScript(() => Reflect.deleteProperty(Navigator.prototype, "locks"));
  const words = ["There is a door", "Without a lock", "Nor a key to it"];
  for (const each of words) await scenario(each, { chunks: 2, chunk_text: "so" });
  const edgewise = await ready(page);
  await edgewise.send("There is a door");
  await edgewise.settledAnswer();
  const other = await another(context, new URL(page.url()).pathname);
  await expect(other.answers).toHaveCount(1);
  await context.setOffline(true);
  await expect(page.getByText("Offline", { exact: true })).toBeVisible();
  for (const each of words.slice(1)) await edgewise.send(each);
  await expect(waiting(other)).toHaveCount(2);
  await context.setOffline(false);
  for (const one of [edgewise, other]) {
    await expect(one.answers).toHaveCount(3);
    await one.settledAnswer();
  }
  await expect.poll(() => atServer(page)).toEqual({ chats: [words.flatMap((each) => [each, "soso"])], counted: 3 });
});

test("where there are no locks, only the tab that is looked at sends", async ({ page, context }) => {
  await context.addInitScript(() => Reflect.deleteProperty(Navigator.prototype, "locks"));
  await scenario("Seen by one", { chunks: 1, chunk_text: "Yes." });
  const edgewise = await ready(page);
  const away = await context.newPage();
  await away.addInitScript(() => Object.defineProperty(document, "hidden", { get: () => true }));
  const sent: Request[] = [];
  away.on("request", (request) => {
    if (isSending(request)) sent.push(request);
  });
  await away.goto("/");
  await expect(new EdgewisePage(away).composer).toBeVisible();
  await context.setOffline(true);
  await expect(page.getByText("Offline", { exact: true })).toBeVisible();
  await edgewise.send("Seen by one");
  await expect(waiting(new EdgewisePage(away))).toHaveCount(1);
  await context.setOffline(false);
  await edgewise.settledAnswer();
  await expect(waiting(new EdgewisePage(away))).toHaveCount(0);
  expect(sent).toEqual([]);
});

test("it goes out where it was said, from a window that was closed since, and what is taken back does not", async ({
  page,
  context,
}) => {
  await page.addInitScript({ path: axe });
  const words = ["Said on the way", "Said in the lift", "Better not said"];
  for (const each of words) await scenario(each, { chunks: 1, chunk_text: "Heard." });
  const edgewise = await ready(page);
  await edgewise.send("Said on the way");
  await edgewise.settledAnswer();
  const address = new URL(page.url()).pathname;
  await context.setOffline(true);
  await expect(page.getByText("Offline", { exact: true })).toBeVisible();
  await edgewise.send("Said in the lift");
  await edgewise.send("Better not said");
  await expect(waiting(edgewise)).toHaveCount(2);
  await expect(page.locator("p[aria-live]").last()).toContainText(WAITS);
  await waiting(edgewise).last().getByRole("button", { name: "Take back" }).press("Enter");
  await expect(edgewise.composer).toBeFocused();
  await expect(edgewise.composer).toHaveValue("Better not said");
  await expect(waiting(edgewise)).toHaveCount(1);
  await page.close();
  const next = await another(context, address);
  await expect(waiting(next)).toHaveCount(1);
  await expect(next.composer).toHaveValue("Better not said");
  await context.setOffline(false);
  await expect(next.answers).toHaveCount(2);
  await next.settledAnswer();
  await expect
    .poll(() => atServer(next.page))
    .toEqual({
      chats: [["Said on the way", "Heard.", "Said in the lift", "Heard."]],
      counted: 2,
    });
});

test.describe("for a day or longer", () => {
  // The page's own policy would refuse the checker's evaluation.
  test.use({ bypassCSP: true });

  test("what has waited goes out only when it is confirmed, and another chat says where it is", async ({
    page,
    context,
  }) => {
    await page.addInitScript({ path: axe });
    for (const each of ["Good morning then", "And good night"])
      await scenario(each, { chunks: 1, chunk_text: "The same to you." });
    const edgewise = await ready(page);
    await edgewise.send("Good morning then");
    await edgewise.settledAnswer();
    await context.setOffline(true);
    await expect(page.getByText("Offline", { exact: true })).toBeVisible();
    for (const each of ["And good night", "Never mind"]) await edgewise.send(each);
    await expect(waiting(edgewise)).toHaveCount(2);
    await age(page, 25);
    const sent: Request[] = [];
    page.on("request", (request) => {
      if (isSending(request)) sent.push(request);
    });
    await context.setOffline(false);
    await page.goto("/");
    await page.locator(".notice").getByRole("button", { name: "Show" }).click();
    const old = edgewise.messages.filter({ hasText: OLD });
    await expect(old).toHaveCount(2);
    await expect(edgewise.answers).toHaveCount(1);
    await expect.poll(() => violations(page)).toEqual([]);
    expect(sent, "unasked").toEqual([]);
    const { PAGE_PICTURES } = process.env;
    if (PAGE_PICTURES) await page.screenshot({ path: `${PAGE_PICTURES}/unsent old.png` });
    await old.last().getByRole("button", { name: "Take back" }).click();
    await expect(edgewise.composer).toHaveValue("Never mind");
    await old.getByRole("button", { name: "Send" }).press("Enter");
    await expect(edgewise.answers).toHaveCount(2);
    await edgewise.settledAnswer();
    await expect(old).toHaveCount(0);
    expect((await atServer(page)).counted).toBe(2);
  });
});

test("what the server refuses stands in the field again, in order, and a limit is only waited for", async ({
  page,
  context,
}) => {
  const words = ["Refused at first", "And with it this"];
  for (const each of words) await scenario(each, { chunks: 1, chunk_text: "Now." });
  const edgewise = await ready(page);
  await context.setOffline(true);
  await expect(page.getByText("Offline", { exact: true })).toBeVisible();
  for (const each of words) await edgewise.send(each);
  const error = { message: "m", request_id: "r" };
  let tries = 0;
  await page.route("**/chat/messages", (route) => {
    tries += 1;
    const limit = {
      status: 429,
      headers: { "Retry-After": "2" },
      json: { error: { ...error, code: "rate_limited", retry_after: 2 } },
    };
    const refusal = { status: 413, json: { error: { ...error, code: "message_too_long" } } };
    return route.fulfill(tries === 1 ? limit : refusal);
  });
  await context.setOffline(false);
  await expect.poll(() => tries, "the limit was waited for").toBe(2);
  await expect(edgewise.composer).toHaveValue(words.join("\n\n"));
  await expect(waiting(edgewise)).toHaveCount(0);
  await expect(page.getByRole("alert").filter({ hasText: "too long" })).toBeVisible();
});

test("a server that restarts is waited for, and what was said stays as many messages as it was", async ({
  page,
  context,
}) => {
  const words = ["Said before a restart", "Said after that"];
  for (const each of words) await scenario(each, { chunks: 1, chunk_text: "Back." });
  const edgewise = await ready(page);
  await context.setOffline(true);
  await expect(page.getByText("Offline", { exact: true })).toBeVisible();
  for (const each of words) await edgewise.send(each);
  await expect(waiting(edgewise)).toHaveCount(2);
  await page.route("**/chat/messages", (route) => route.fulfill({ status: 502, body: "Bad gateway" }), { times: 1 });
  await context.setOffline(false);
  await expect(edgewise.answers).toHaveCount(2);
  await edgewise.settledAnswer();
  await expect(edgewise.composer).toHaveValue("");
  await expect.poll(() => atServer(page)).toEqual({ chats: [words.flatMap((each) => [each, "Back."])], counted: 2 });
});

const SHAPES = {
  "320 px": { viewport: { width: 320, height: 640 } },
  "forced colours": { viewport: { width: 1280, height: 800 }, forcedColors: "active" },
  dark: { viewport: { width: 1280, height: 800 }, colorScheme: "dark" },
} as const;

for (const [name, shape] of Object.entries(SHAPES))
  test(`nothing bars the way while something waits: ${name}`, async ({ browser, baseURL }) => {
    const context = await browser.newContext({ ...shape, bypassCSP: true, ...(baseURL ? { baseURL } : {}) });
    const page = await context.newPage();
    await page.addInitScript({ path: axe });
    const edgewise = await ready(page);
    await context.setOffline(true);
    await expect(page.getByText("Offline", { exact: true })).toBeVisible();
    await edgewise.send("Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen without a network");
    await expect(waiting(edgewise)).toHaveCount(1);
    await expect.poll(() => violations(page)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
    const { PAGE_PICTURES } = process.env;
    if (PAGE_PICTURES) await page.screenshot({ path: `${PAGE_PICTURES}/unsent ${name}.png` });
    await context.close();
  });
