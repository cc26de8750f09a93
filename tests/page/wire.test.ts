/** The wire between the page and the server cut for real, by a proxy in between. */
import { type Page, expect } from "@playwright/test";
import { EdgewisePage, test as base } from "./page.ts";
import { scenario } from "./stack.ts";
import { Wire } from "./wire.ts";

const test = base.extend<{ wire: Wire }>({
  // The server's own address comes from the environment, as in the configuration.
  wire: async ({}, use) => {
    const wire = new Wire(new URL(process.env.BASE_URL ?? ""));
    await wire.mend();
    await use(wire);
    await wire.cut();
  },
  baseURL: ({ wire }, use) => use(wire.address),
});

/** Opens the page and has it fetch all it wants: what is cut later is then only what the test means. */
async function open(page: Page): Promise<EdgewisePage> {
  await page.goto("/");
  await page.evaluate(async () => {
    await navigator.serviceWorker.ready;
  });
  return new EdgewisePage(page);
}

test("an API that is down is tried again until it answers, and what was to be sent is sent", async ({ page, wire }) => {
  const edgewise = await open(page);
  await scenario("are you there", { chunks: 1, chunk_text: "Here." });
  await edgewise.composer.fill("are you");
  await wire.cut();
  await edgewise.send("are you there");
  await expect(page.getByRole("alert")).toContainText("cannot be reached");
  await expect(page.getByText("Reconnecting…")).toBeVisible();
  await expect(edgewise.composer).toHaveValue("are you there");
  await wire.mend();
  await expect(page.getByText("Reconnecting…")).toHaveCount(0);
  await expect(await edgewise.settledAnswer()).toContainText("Here.");
  await expect(edgewise.composer).toHaveValue("");
  await expect(edgewise.messages).toHaveCount(2);
});

test("what was changed after it could not be sent waits for its visitor", async ({ page, wire }) => {
  const edgewise = await open(page);
  await edgewise.composer.fill("wait");
  await wire.cut();
  await edgewise.send("wait for it");
  await expect(page.getByRole("alert")).toContainText("cannot be reached");
  await edgewise.composer.fill("wait for me");
  await wire.mend();
  await expect(page.getByText("Reconnecting…")).toHaveCount(0);
  await expect(edgewise.composer).toHaveValue("wait for me");
  await expect(edgewise.messages).toHaveCount(0);
});

test("a stream that was cut is picked up, and the next answer comes whole", async ({ page, wire }) => {
  const edgewise = await open(page);
  await scenario("through the tunnel", { chunks: 100, pace_ms: 50, chunk_text: "word{i} " });
  await edgewise.send("through the tunnel");
  await expect(edgewise.answers.last()).toContainText("word5");
  await wire.cut();
  await expect(edgewise.answers.last()).toContainText("Picking up the rest");
  await wire.mend();
  const cut = await edgewise.settledAnswer();
  // The server ends the answer of a reader who is gone, and keeps what it had.
  await expect(cut).toContainText("word5");
  await expect(cut).toContainText("lost its connection");
  await scenario("through the tunnel", { chunks: 10, chunk_text: "word{i} " });
  const asked = page.waitForRequest(/\/regenerate$/);
  await cut.getByRole("button", { name: "Ask again" }).click();
  expect((await asked).postDataJSON()).toEqual({ stream: false });
  await expect(edgewise.answers.last()).toContainText("word9");
  await expect(edgewise.messages).toHaveCount(2);
});
