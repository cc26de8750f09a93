/** Only our own API is believed when it says that it is not there. */
import { afterEach, expect, test, vi } from "vitest";
import { isOff, reach } from "./reachability.ts";

afterEach(() => void vi.unstubAllGlobals());

const OURS = JSON.stringify({ error: { code: "not_found", message: "m", request_id: "r" } });

test.each([
  ["our API", "application/json", OURS, true],
  ["a sign-in page", "text/html", "<h1>Sign in</h1>", false],
  ["another API", "application/json", '{"error":{"code":"not_found","message":"m"}}', false],
])("404 of %s", async (_, type, body, isSaid) => {
  vi.stubGlobal("fetch", () => Promise.resolve(new Response(body, { status: 404, headers: { "Content-Type": type } })));
  const response = await reach("/chat/quota", {});
  expect(isOff.value).toBe(isSaid);
  expect(await response.text(), "is still to be read").toBe(body);
});
