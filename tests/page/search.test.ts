/** Finding a chat, and what was said in one: whichever way it was written, on whichever branch, however long ago. */
import { type Locator, type Page, expect } from "@playwright/test";
import { axe, violations } from "./axe.ts";
import { EdgewisePage, test } from "./page.ts";
import { chat, fault, guestOf, longSession, scenario, sessionsOverDays } from "./stack.ts";

/** The page of a guest who has said one thing, and of the chats that `make` adds. */
async function withChats(page: Page, make: (guest: string) => Promise<unknown>): Promise<EdgewisePage> {
  const edgewise = new EdgewisePage(page);
  await scenario("Begin here", { chunks: 1, chunk_text: "Done." });
  await page.goto("/");
  await edgewise.send("Begin here");
  await edgewise.settledAnswer();
  await make(await guestOf(page));
  await page.goto("/");
  await expect(edgewise.sessions.getByRole("link", { name: "Begin here" })).toBeVisible();
  // What is loaded when the browser is idle is there.
  await expect(edgewise.sessions.getByRole("button", { name: "Take it with you" })).toBeAttached();
  return edgewise;
}

const button = (page: Page) => page.getByRole("button", { name: "Search chats" });
const dialog = (page: Page) => page.getByRole("dialog", { name: "Search chats" });
const field = (page: Page) => dialog(page).getByRole("textbox");
const hits = (page: Page) => dialog(page).getByRole("link");

/** Looks for `text` by keyboard, and finds it in one message; its link. */
async function find(page: Page, text: string): Promise<Locator> {
  await page.keyboard.press("Control+k");
  await expect(field(page)).toBeFocused();
  await page.keyboard.insertText(text);
  await expect(hits(page)).toHaveCount(1);
  await expect(hits(page).locator("mark")).toHaveText(text, { ignoreCase: true });
  return hits(page);
}

/** The message that has just been gone to. */
async function arrived(page: Page, text: string): Promise<Locator> {
  await expect(dialog(page)).toBeHidden();
  const message = page.getByRole("article").filter({ hasText: text });
  await expect(message).toBeFocused();
  await expect(message).toBeInViewport();
  return message;
}

test("from ten chats on there is a way to them by title, and by keyboard always", async ({ page }) => {
  const edgewise = await withChats(page, (guest) => sessionsOverDays(guest, 8));
  await expect(edgewise.sessions.locator("li")).toHaveCount(9);
  await expect(button(page)).toHaveCount(0);

  await test.step("Ctrl + K, a part of a title, Enter", async () => {
    await page.keyboard.press("Control+k");
    await expect(field(page)).toBeFocused();
    await expect(hits(page)).toHaveCount(9);
    await page.keyboard.type("AT 7");
    await expect(hits(page)).toHaveText(/^Chat 7/);
    await page.keyboard.press("Enter");
    await expect(dialog(page)).toBeHidden();
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Chat 7");
    await expect(edgewise.composer).toBeFocused();
  });

  await test.step("the arrows go to the others, typing goes on in the field, Escape leaves all as it was", async () => {
    await page.keyboard.press("Control+k");
    await expect(field(page)).toHaveValue("");
    // The one that is open needs no way to it.
    await expect(hits(page)).toHaveCount(8);
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowDown");
    await expect(hits(page).nth(1)).toBeFocused();
    await page.keyboard.press("End");
    await expect(hits(page).last()).toBeFocused();
    await page.keyboard.type("c");
    await expect(field(page)).toHaveValue("c");
    await expect(field(page)).toBeFocused();
    await page.keyboard.press("Escape");
    await expect(dialog(page)).toBeHidden();
    await expect(edgewise.composer).toBeFocused();
  });

  await test.step("one chat more", async () => {
    await edgewise.sessions.getByRole("link", { name: "New chat" }).click();
    await edgewise.send("Begin here once more");
    await edgewise.settledAnswer();
    await button(page).click();
    await expect(hits(page).first()).toContainText("Begin here once more");
    // What was typed is still there.
    await expect(field(page)).toHaveValue("c");
    await dialog(page).getByRole("button", { name: "Close" }).click();
    await expect(button(page)).toBeFocused();
  });
});

test("what was said is found in any script, on another branch, and long ago", async ({ page }) => {
  const branches = ["Who lives in ice?", "A walrus does.", "And where?", "In the **Arctic**, says the map."];
  const other = { content: "And in summer?", after: 1 };
  const old = ["A needle lies here.", ...Array.from({ length: 129 }, (_, at) => `Hay ${at}`)];
  const edgewise = await withChats(page, async (guest) => {
    await chat(guest, "Ice", [...branches, other, "On the shore."]);
    await chat(guest, "Hay", old);
    await chat(guest, "Greetings", ["قل مرحبا بالعالم الآن", "価格は百円です。", "a 👩‍💻 writes"]);
    await chat(guest, "Far down", [
      "Tell me all",
      `${"Long words. ".repeat(900)}\n\nA pearl.\n\n${"More words. ".repeat(900)}`,
    ]);
  });
  const view = page.getByRole("region", { name: "Messages" });

  await test.step("on a branch that is not shown", async () => {
    const link = await find(page, "arctic");
    // For a moment only, which who looks now and then could miss.
    const marked = page.evaluate(
      () =>
        new Promise<string>((resolve) => {
          new MutationObserver((_, observer) => {
            const found = document.querySelector("[data-found]");
            if (!found) return;
            observer.disconnect();
            resolve(found.textContent);
          }).observe(document, { subtree: true, attributeFilter: ["data-found"] });
        }),
    );
    await link.click();
    expect(await marked).toContain("Arctic");
    const message = await arrived(page, "In the Arctic, says the map.");
    await expect(edgewise.messages.filter({ hasText: "And where?" }).getByText("1/2")).toBeVisible();
    await expect(message).not.toHaveAttribute("data-found");
  });

  await test.step("in the chat that is open, on the branch that was shown before", async () => {
    await find(page, "in summer");
    await page.keyboard.press("Enter");
    await arrived(page, "And in summer?");
    await expect(edgewise.messages.filter({ hasText: "In the Arctic" })).toHaveCount(0);
  });

  await test.step("in a page that was never read", async () => {
    await find(page, "needle lies");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await arrived(page, "A needle lies here.");
  });

  await test.step("far down in a long answer", async () => {
    await (await find(page, "a pearl")).click();
    const message = await arrived(page, "A pearl.");
    await expect(message.locator(".prose")).not.toHaveClass(/plain/);
    await expect(message.getByText("A pearl.")).toBeInViewport();
    await view.hover();
    await page.mouse.wheel(0, -100);
    await expect(page.getByRole("button", { name: "To the newest message" })).toBeVisible();
  });

  await test.step("Arabic, Japanese and a picture of three characters", async () => {
    for (const [text, marked] of [
      ["بالعالم", "بالعالم"],
      ["百円", "百円"],
      ["👩 ".trim() + "\u200d💻 w", "👩‍💻 w"],
    ] as const) {
      const link = await find(page, text);
      await expect(link.locator("mark")).toHaveText(marked);
      await link.click();
      await arrived(page, marked);
    }
  });
});

test("what goes wrong is said, and nothing that was typed is lost", async ({ page, context }) => {
  const word = `heron${Date.now()}`;
  let gone = "";
  const edgewise = await withChats(page, async (guest) => {
    gone = await chat(guest, "Birds", [`A ${word} stands.`]);
    await longSession(guest, 2);
  });
  const trouble = dialog(page).getByRole("alert");
  const again = dialog(page).getByRole("button", { name: "Try again" });

  await test.step("without a network", async () => {
    await page.keyboard.press("Control+k");
    await expect(field(page)).toBeFocused();
    await context.setOffline(true);
    await page.keyboard.type(word.slice(0, -1));
    await expect(trouble).toContainText("Check your connection.");
    await context.setOffline(false);
    await again.click();
    await expect(hits(page)).toHaveText(/A heron\d+ stands/);
  });

  await test.step("while the chats cannot be reached", async () => {
    const lift = await fault("sql", word, { status: 500 });
    await field(page).press("End");
    await page.keyboard.type(word.slice(-1));
    await expect(trouble).toContainText("cannot be reached at the moment");
    await expect(field(page)).toHaveValue(word);
    await lift();
    await field(page).press("Backspace");
    await expect(trouble).toBeHidden();
    await expect(hits(page)).toHaveCount(1);
  });

  await test.step("a chat that was deleted elsewhere", async () => {
    const ask = async (method: string, path: string, json?: object) =>
      page.evaluate(
        async ([method, path, body]) => {
          const authorization = `Bearer ${localStorage.getItem("edgewise.token") ?? ""}`;
          const headers = { authorization, "content-type": "application/json" };
          return (await fetch(`/api/v1/chat/${path}`, { method, headers, ...(body && { body }) })).status;
        },
        [method, path, json ? JSON.stringify(json) : ""] as const,
      );
    await ask("DELETE", `sessions/${gone}`);
    await hits(page).click();
    await expect(trouble).toContainText("not there any more");
    await expect(field(page)).toBeVisible();

    await test.step("more than may be searched in a minute", async () => {
      for (let status = 200, asked = 0; status === 200 && asked < 20; asked += 1)
        status = await ask("POST", "search", { q: "heron" });
      await field(page).fill("question 1");
      await expect(trouble).toContainText(/as much as can be searched in a minute.*by itself in \d+ (s|min)/);
      await expect(again).toHaveCount(0);
      await expect(field(page)).toHaveValue("question 1");
      // Titles are known without the server.
      await field(page).fill("a long");
      await expect(hits(page)).toHaveText(/A long one/);
    });
  });
  await page.keyboard.press("Escape");
  await expect(edgewise.composer).toBeFocused();
});

test("nothing bars the way to what is searched, whatever the screen", async ({ browser, baseURL }) => {
  // The page's own policy would refuse the checker's evaluation.
  const context = await browser.newContext({ bypassCSP: true, reducedMotion: "reduce", ...(baseURL && { baseURL }) });
  const page = await context.newPage();
  await page.addInitScript({ path: axe });
  await withChats(page, async (guest) => {
    await sessionsOverDays(guest, 12);
    await chat(guest, "قائمة الطيور", ["مرحبا، أين يعيش heron؟", `A heron lives ${"by the water ".repeat(12)}`]);
    await chat(guest, "Heron or stork", ["Which heron is white?"]);
  });
  for (const colorScheme of ["light", "dark"] as const)
    for (const [shape, viewport] of Object.entries({
      wide: { width: 1280, height: 800 },
      narrow: { width: 320, height: 640 },
    })) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize(viewport);
      const check = async (what: string) => {
        if (process.env.PAGE_PICTURES)
          await page.screenshot({ path: `${process.env.PAGE_PICTURES}/search ${colorScheme} ${shape} ${what}.png` });
        await expect.poll(() => violations(page), { message: `${colorScheme}, ${shape}, ${what}` }).toEqual([]);
        const isCut = () =>
          [document.documentElement, ...document.querySelectorAll("dialog, dialog :not(.unseen, input)")].some(
            (one) => one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).overflowX !== "visible",
          );
        expect(await page.evaluate(isCut), `${colorScheme}, ${shape}, ${what}: nothing is cut off`).toBe(false);
      };
      if (shape === "narrow") await page.getByRole("button", { name: "Open the list of chats" }).click();
      await expect(button(page)).toBeVisible();
      await check("the list");
      await button(page).click();
      await field(page).fill("");
      await expect(hits(page)).not.toHaveCount(0);
      await check("chats");
      await field(page).fill("heron");
      await expect(dialog(page).getByRole("status")).toHaveText("Found in 2 chats.");
      await check("messages");
      await hits(page).filter({ hasText: "Which heron" }).click();
      await arrived(page, "Which heron is white?");
      await check("the message");
    }
  await context.close();
});
