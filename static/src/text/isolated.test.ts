/** A title that turns the direction of writing. */
import { expect, test } from "vitest";
import { isolated } from "./isolated.ts";

test("a text cannot turn the direction of what stands after it", () => {
  expect(isolated("Tides")).toBe("\u2068Tides\u2069");
  expect(isolated("\u202Eexe.\u2069\u202Egpj")).toBe("\u2068exe.gpj\u2069");
});
