/** Promises about marks on letters: those of languages stay, thousands do not, however the text comes in. */
import { expect, test } from "vitest";
import { fewMarks, withFewMarks } from "./marks.ts";

test("what languages write stays as it is", () => {
  for (const text of ["é ñ ẅ", "e\u0301 o\u0308\u0304", "שָׁלוֹם", "हिन्दी", "สวัสดีครับ", "👩‍👩‍👧‍👦 ❤️"])
    expect(withFewMarks(text)).toBe(text);
});

test("of thousands of marks a dozen stays, wherever the text is cut", () => {
  const text = `a${"\u0301".repeat(5_000)}b${"\u{1e944}".repeat(50)}c${"\u0308".repeat(12)}d`;
  const whole = `a${"\u0301".repeat(12)}b${"\u{1e944}".repeat(12)}c${"\u0308".repeat(12)}d`;
  expect(withFewMarks(text)).toBe(whole);
  for (const size of [1, 2, 3, 11, 12, 13, 100]) {
    const letters = Array.from(text);
    const next = fewMarks();
    let shown = "";
    for (let at = 0; at < letters.length; at += size) shown += next(letters.slice(at, at + size).join(""));
    expect(shown).toBe(whole);
  }
});
