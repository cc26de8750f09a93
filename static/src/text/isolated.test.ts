/** A title that turns the direction of writing. */
import { expect, test } from "vitest";
import { isolated, quoted } from "./isolated.ts";

test("a text cannot turn the direction of what stands after it", () => {
  expect(isolated("Tides")).toBe("\u2068Tides\u2069");
  expect(isolated("\u202Eexe.\u2069\u202Egpj")).toBe("\u2068exe.gpj\u2069");
});

test("a title within a sentence turns nothing of the sentence", () => {
  expect(quoted("Tides")).toBe("“Tides”");
  expect(quoted("\u202Eexe.gpj")).toBe("“exe.gpj”");
  expect(quoted("مد")).toBe("“\u2068مد\u2069”");
});
