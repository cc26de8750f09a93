/** The page where there is no network, and as something to install. */
import { type Page, expect } from "@playwright/test";
import { EdgewisePage, test } from "./page.ts";

/** Waits until the worker has all it needs to show the page by itself. */
async function workerIsReady(page: Page): Promise<void> {
  await page.evaluate(async () => {
    await navigator.serviceWorker.ready;
  });
  await expect.poll(() => keptPaths(page)).toContain("/");
}

/** The addresses in all caches. */
function keptPaths(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    const names = await caches.keys();
    const lists = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()));
    return lists.flat().map(({ url }) => new URL(url).pathname);
  });
}

test("after one visit the page opens without a network, at any of its addresses, and says so", async ({
  page,
  context,
}) => {
  const edgewise = new EdgewisePage(page);
  await page.goto("/");
  await workerIsReady(page);
  await edgewise.composer.fill("for later");
  await context.setOffline(true);

  await page.reload();
  await expect(edgewise.composer).toHaveValue("for later");
  await expect(page.getByText("Offline", { exact: true })).toBeVisible();
  await page.goto("/c/01909e4b-0000-7000-8000-000000000000");
  await expect(edgewise.composer).toBeVisible();

  await context.setOffline(false);
  await expect(page.getByText("Offline", { exact: true })).toHaveCount(0);
  await page.goto("/");
  await edgewise.composer.press("Enter");
  await edgewise.settledAnswer();
});

test("conversations are never kept", async ({ page }) => {
  const edgewise = new EdgewisePage(page);
  await page.goto("/");
  await workerIsReady(page);
  await page.reload();
  await edgewise.send("Between us");
  await edgewise.settledAnswer();
  await page.reload();
  await edgewise.settledAnswer();
  const paths = await keptPaths(page);
  expect(paths.filter((path) => !/^\/(assets\/[\w.-]+|theme\.js|icon\.svg)?$/.test(path))).toEqual([]);
  expect(
    paths.some((path) => path.endsWith(".wasm")),
    "what was loaded later is kept, too",
  ).toBe(true);
});

test("a newer page takes the place of the one that was kept", async ({ page, context }) => {
  await page.goto("/");
  await workerIsReady(page);
  await page.evaluate(async () => {
    const [name = ""] = await caches.keys();
    const [old, added] = await Promise.all([caches.open(name), caches.open("shell of an older page")]);
    for (const request of await old.keys()) await added.put(request, (await old.match(request)) ?? Response.error());
    await caches.delete(name);
  });
  await page.reload();
  await expect.poll(() => page.evaluate(() => caches.keys())).not.toContain("shell of an older page");
  await context.setOffline(true);
  await page.reload();
  await expect(new EdgewisePage(page).composer).toBeVisible();
});

test.describe("where the worker has to go", () => {
  // The page's own policy lets no other script be registered.
  test.use({ bypassCSP: true });

  test("what is deployed in its place ends it, with all that it kept", async ({ page }) => {
    await page.goto("/");
    await workerIsReady(page);
    // As a browser does with a newer script under the old address.
    await page.evaluate(() => navigator.serviceWorker.register("/farewell.js").then(() => undefined));
    await expect
      .poll(() =>
        page.evaluate(async () => {
          const [workers, kept] = [await navigator.serviceWorker.getRegistrations(), await caches.keys()];
          return [workers.length, kept.length];
        }),
      )
      .toEqual([0, 0]);
  });
});

test("the worker comes after all the page needs, and is never kept by a cache on the way", async ({ page }) => {
  await page.addInitScript(() => {
    const container = ServiceWorkerContainer.prototype;
    // eslint-disable-next-line @typescript-eslint/unbound-method -- called with the same `this` below
    const { register } = container;
    container.register = function (...given) {
      const [navigation] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
      (window as unknown as { wasLoaded: boolean }).wasLoaded = (navigation?.loadEventEnd ?? 0) > 0;
      return register.apply(this, given);
    };
  });
  await page.goto("/");
  await workerIsReady(page);
  expect(await page.evaluate(() => (window as unknown as { wasLoaded?: boolean }).wasLoaded)).toBe(true);
  const worker = await page.request.get("/sw.js");
  expect(worker.headers()["cache-control"]).toBe("no-cache");
  expect(worker.headers()["content-type"]).toContain("javascript");
});

test("browsers are offered to install it", async ({ page }) => {
  await page.goto("/");
  const client = await page.context().newCDPSession(page);
  const { errors, data } = await client.send("Page.getAppManifest");
  expect(errors).toEqual([]);
  const { icons } = JSON.parse(data ?? "{}") as { icons: { src: string; sizes: string; type: string }[] };
  for (const { src, sizes, type } of icons) {
    const icon = await page.request.get(src);
    expect(icon.headers()["content-type"]).toContain(type);
    if (type === "image/png") {
      const [bytes, [side]] = [await icon.body(), sizes.split("x").map(Number)];
      expect([bytes.readUInt32BE(16), bytes.readUInt32BE(20)], src).toEqual([side, side]);
      expect(bytes.length).toBeLessThan(20_000);
    }
  }
  const { installabilityErrors } = await client.send("Page.getInstallabilityErrors");
  // Tests run in a private window, where nothing is ever installed.
  expect(installabilityErrors.filter(({ errorId }) => errorId !== "in-incognito")).toEqual([]);
});
