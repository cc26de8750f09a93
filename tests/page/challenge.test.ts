/** Proofs of work: what the server asks of a new visitor and of a busy address, the page gives by itself, and the visitor notices nothing but a moment. */
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { type Request, type Response, expect } from "@playwright/test";
import { test } from "./configured.ts";
import { EdgewisePage } from "./page.ts";
import { zeroBits } from "./proof.ts";
import { moveClock, scenario } from "./stack.ts";

interface Challenged {
  error: { code: string; challenge: string; bits: number };
}

// A day that no other test has had: what this machine's address has done counts from nothing.
test.beforeEach(() => moveClock(86_400 * (1 + Math.floor(Math.random() * 300))));
test.afterEach(() => moveClock(0));

/** Asks for a guest, as a program would. */
function guest(server: string | undefined, proof?: string): Promise<globalThis.Response> {
  const headers = { "content-type": "application/json", ...(proof && { "x-proof-of-work": proof }) };
  return fetch(`${server ?? ""}/api/v1/auth/guest`, { method: "POST", headers, body: "{}" });
}

const proofOf = (request: Request) => request.headers()["x-proof-of-work"];
const isCall = (path: RegExp, status: number) => (response: Response) =>
  path.test(new URL(response.url()).pathname) && response.status() === status;
const GUEST = /\/auth\/guest$/;
const MESSAGES = /\/messages$/;

test.describe("where new guests are asked for work", () => {
  test.use({ variables: { GUEST_CHALLENGE: "work" } });

  test("the first of a day come without, and the page works for the next one while the visitor writes", async ({
    page,
    baseURL,
  }) => {
    for (let free = 1; free <= 3; free += 1) expect((await guest(baseURL)).status, `guest ${free}`).toBe(201);
    const refused = await guest(baseURL);
    expect(refused.status).toBe(401);
    expect(refused.headers.get("www-authenticate")).toContain("EdgewiseWork");

    const edgewise = new EdgewisePage(page);
    await scenario("worked for", { chunks: 1, chunk_text: "Welcome." });
    const asked = page.waitForResponse(isCall(GUEST, 401));
    const given = page.waitForResponse(isCall(GUEST, 201));
    await page.goto("/");
    await edgewise.send("worked for");
    const { error } = (await (await asked).json()) as Challenged;
    expect(error.code).toBe("challenge_required");
    expect(error.bits).toBeGreaterThanOrEqual(16);
    const proof = proofOf((await given).request());
    expect(zeroBits(proof, error.challenge)).toBeGreaterThanOrEqual(error.bits);
    await expect(await edgewise.settledAnswer()).toContainText("Welcome.");
    await expect(page.getByRole("alert")).toHaveCount(0);

    const again = await guest(baseURL, proof);
    expect(again.status, "a proof works once").toBe(401);
    expect(((await again.json()) as Challenged).error.code).toBe("challenge_required");
  });

  test("what the docs give API clients works as it stands", async ({ baseURL }) => {
    for (let free = 1; free <= 3; free += 1) await guest(baseURL);
    const page = await readFile(join(__dirname, "../../docs/proof-of-work.md"), "utf8");
    const snippet = (language: string) => {
      const [, code = ""] = new RegExp("```" + language + "\n([^]*?)```").exec(page) ?? [];
      expect(code).toContain("http://127.0.0.1:8787");
      return code.replaceAll("http://127.0.0.1:8787", baseURL ?? "");
    };
    const run = promisify(execFile);
    const asModule = ["--input-type=module", "--eval", `${snippet("js")}\nconsole.log(token);`];
    const [javascript, python] = await Promise.all([
      run(process.execPath, asModule),
      run("python3", ["-c", `${snippet("python")}\nprint(token)`]),
    ]);
    for (const { stdout } of [javascript, python]) expect(stdout).toMatch(/^ey[\w-]+\.[\w-]+\.[\w-]+\n$/);
  });

  test("two tabs that begin at the same time are one guest", async ({ page, context, baseURL }) => {
    for (let free = 1; free <= 3; free += 1) await guest(baseURL);
    const one = new EdgewisePage(page);
    const other = new EdgewisePage(await context.newPage());
    const begin = async (tab: EdgewisePage, text: string) => {
      await scenario(text, { chunks: 1, chunk_text: "Yes." });
      await tab.page.goto("/");
      await tab.send(text);
      await tab.settledAnswer();
    };
    await Promise.all([begin(one, "from one tab"), begin(other, "from the other")]);
    await page.reload();
    for (const title of ["from one tab", "from the other"]) await expect(one.sessions.getByText(title)).toBeVisible();
  });
});

test.describe("where an address has sent what it may without work", () => {
  test.use({ variables: { GUEST_CHALLENGE: "work", CHAT_ADDRESS_DAILY_MESSAGES: "1" } });

  test("the next message is worked for, under the same key, and answered", async ({ page }) => {
    const edgewise = new EdgewisePage(page);
    await scenario("the free one", { chunks: 1, chunk_text: "One." });
    await scenario("the other one", { chunks: 1, chunk_text: "Two." });
    await page.goto("/");
    await edgewise.send("the free one");
    await expect(await edgewise.settledAnswer()).toContainText("One.");
    const asked = page.waitForResponse(isCall(MESSAGES, 401));
    const given = page.waitForResponse(isCall(MESSAGES, 200));
    await edgewise.send("the other one");
    const refused = await asked;
    const { error } = (await refused.json()) as Challenged;
    const request = (await given).request();
    expect(zeroBits(proofOf(request), error.challenge)).toBeGreaterThanOrEqual(error.bits);
    expect(request.headers()["idempotency-key"]).toBe(refused.request().headers()["idempotency-key"]);
    await expect(edgewise.answers.last()).toContainText("Two.");
  });
});
