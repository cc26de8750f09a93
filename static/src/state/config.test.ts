/** What is heard of the operator's configuration, and what is kept of it. */
import { beforeEach, expect, test, vi } from "vitest";
import { load, store } from "./storage.ts";

const reach = vi.hoisted(() => vi.fn());
vi.mock("../api/reachability.ts", () => ({ reach }));

const SAID = {
  limits: { message_chars: 100 },
  features: { accounts: true, share: false, providers: [] },
  models: [
    { id: "a", label: "The First" },
    { id: "b", label: "The Second" },
  ],
};

beforeEach(() => {
  vi.resetModules();
  store("config", null);
});

test("what the server has said is there at once on the next visit, and stays while it does not answer", async () => {
  reach.mockResolvedValueOnce(Response.json(SAID));
  const first = await import("./config.ts");
  expect([first.longestMessage.value, first.has("accounts"), first.answerer.value]).toEqual([4000, false, undefined]);
  await first.refreshConfig();
  expect(JSON.parse(load("config") ?? "")).toEqual(SAID);

  vi.resetModules();
  const { answerer, has, longestMessage, refreshConfig } = await import("./config.ts");
  reach.mockRejectedValueOnce(new Error("offline"));
  await refreshConfig();
  expect([longestMessage.value, answerer.value]).toEqual([100, "The First"]);
  expect([has("accounts"), has("share"), has("providers"), has("embed")]).toEqual([true, false, false, false]);
});

test("the model that is asked next is named, and the first where that one is not known", async () => {
  store("config", JSON.stringify(SAID));
  const { answerer, asked } = await import("./config.ts");
  asked.value = "b";
  expect(answerer.value).toBe("The Second");
  asked.value = "of another list";
  expect(answerer.value).toBe("The First");
});
