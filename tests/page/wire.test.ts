/** The wire between the page and the server cut for real, by a proxy in between. */
import { expect } from "@playwright/test";
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

test("an API that is down is tried again until it answers", async ({ page, wire }) => {
  const edgewise = new EdgewisePage(page);
  await scenario("are you there", { chunks: 1, chunk_text: "Here." });
  await page.goto("/");
  await edgewise.composer.fill("are you");
  await wire.cut();
  await edgewise.send("are you there");
  await expect(page.getByRole("alert")).toContainText("cannot be reached");
  await expect(page.getByText("Reconnecting…")).toBeVisible();
  await wire.mend();
  await expect(page.getByText("Reconnecting…")).toHaveCount(0);
  await expect(edgewise.composer).toHaveValue("are you there");
  await edgewise.composer.press("Enter");
  await expect(await edgewise.settledAnswer()).toContainText("Here.");
});

test("after a stream that was cut the next answer comes whole", async ({ page, wire }) => {
  const edgewise = new EdgewisePage(page);
  await scenario("through the tunnel", { chunks: 100, pace_ms: 50, chunk_text: "word{i} " });
  await page.goto("/");
  await edgewise.send("through the tunnel");
  await expect(edgewise.answers.last()).toContainText("word5");
  await wire.cut();
  const cut = await edgewise.settledAnswer();
  await expect(cut).toContainText("What had arrived is kept");
  await wire.mend();
  await scenario("through the tunnel", { chunks: 10, chunk_text: "word{i} " });
  const asked = page.waitForRequest(/\/messages$/);
  await cut.getByRole("button", { name: "Ask again" }).click();
  expect((await asked).postDataJSON()).toEqual({ content: "through the tunnel", stream: false });
  await expect(edgewise.messages).toHaveCount(4);
  await expect(await edgewise.settledAnswer()).toContainText("word9");
});
