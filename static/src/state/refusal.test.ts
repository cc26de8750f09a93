/** A refusal holds in all chats, until its time is over or a turn is accepted; a late one does not undo what came after it. */
import { expect, test } from "vitest";
import { Problem } from "../api/problem.ts";
import { askTurn, noteOutcome, refusal } from "./refusal.ts";

const refused = (code: "provider_unavailable" | "generation_in_progress" | "provider_error", retryAfter?: number) =>
  new Problem({ code, retryAfter });

test("a refusal holds until a turn is accepted, and one that was asked for before comes too late", () => {
  const early = askTurn();
  noteOutcome(refused("provider_unavailable", 60), askTurn());
  expect(refusal.value?.code).toBe("provider_unavailable");
  noteOutcome(null, askTurn());
  expect(refusal.value).toBeNull();
  noteOutcome(refused("provider_unavailable", 60), early);
  expect(refusal.value).toBeNull();
});

test("what another tab heard holds here, too, and what is so in one chat holds nowhere else", () => {
  noteOutcome(refused("generation_in_progress", 60), askTurn());
  noteOutcome(refused("provider_error"), askTurn());
  expect(refusal.value).toBeNull();
  const until = Date.now() + 60_000;
  const newValue = JSON.stringify({ kind: "refusal", refusal: { code: "budget_exhausted", until } });
  dispatchEvent(new StorageEvent("storage", { key: "edgewise.news", newValue }));
  expect(refusal.value?.until).toBe(until);
});
