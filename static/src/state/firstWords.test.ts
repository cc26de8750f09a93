/** The title that a new chat has until the server's is there. */
import { expect, test } from "vitest";
import { firstWords } from "./firstWords.ts";

test("a title is the first line, with no picture cut in half", () => {
  expect(firstWords("How do tides work?\nPlease")).toBe("How do tides work?");
  expect(firstWords("😀".repeat(60))).toBe("😀".repeat(60));
  for (const picture of ["👨\u200D👩\u200D👧\u200D👦", "🇩🇪", "😀"]) {
    const title = firstWords(picture.repeat(80));
    expect(title.replaceAll(picture, "")).toBe("…");
    expect(Array.from(title).length).toBeLessThanOrEqual(60);
  }
});
