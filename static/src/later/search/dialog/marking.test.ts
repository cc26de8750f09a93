/** Promises about what is marked: found as the server finds it, in any script, and never a part of a character. */
import { expect, test } from "vitest";
import { type Marked, lowered, mark, snippet, whole } from "./marking.ts";

const shown = ({ before, text, after }: Marked) => `${before}[${text}]${after}`;

test.each([
  ["Größe und Straße", "STRASSE", null],
  ["Größe und Straße", "straße", "Größe und [Straße]"],
  ["ΟΔΥΣΣΕΥΣ", "οδυσσευσ", "[ΟΔΥΣΣΕΥΣ]"],
  ["Привет, МИР", "мир", "Привет, [МИР]"],
  ["İstanbul", "istan", "[İstan]bul"],
  ["𐐀𐐁 in Deseret", "𐐨𐐩", "[𐐀𐐁] in Deseret"],
  ["価格は百円です", "百円", "価格は[百円]です"],
  ["안녕하세요", "하세", "안녕[하세]요"],
  ["مرحبا بالعالم", "بالعالم", "مرحبا [بالعالم]"],
  ["100% sure", "0%", "10[0%] sure"],
  ["a.c abc", "ABC", "a.c [abc]"],
  ["nothing", "no thing", null],
  ["nothing", "", null],
])("in %j of %j", (text, wanted, expected) => {
  const found = mark(text, wanted);
  expect(found && shown(found)).toBe(expected);
});

test.each([
  // An accent that stands alone in the text, a family, a flag, a tone of skin, a vowel sign, a point.
  ["cafe\u0301 noir", "cafe", "[cafe\u0301] noir"],
  ["a 👩‍💻 writes", "👩", "a [👩‍💻] writes"],
  ["a 👩‍💻 writes", "💻", "a [👩‍💻] writes"],
  ["in 🇩🇪🇫🇷", "🇪", "in [🇩🇪]🇫🇷"],
  ["yes 👍🏽 yes", "👍", "yes [👍🏽] yes"],
  ["हिन्दी में", "ह", "[हि]न्दी में"],
  ["שָׁלוֹם", "ש", "[שָׁ]לוֹם"],
])("a character of %j is marked as a whole", (text, wanted, expected) => {
  const found = mark(text, wanted);
  expect(found && shown(found)).toBe(expected);
});

test("what is marked is never longer than the text, and nothing of that is lost", () => {
  const text = "cafe\u0301 👩‍👩‍👧‍👦 İI ẞ Ω K שָׁלוֹם हिन्दी 𐐀 百";
  expect(lowered(text)).toHaveLength(text.length);
  for (let start = 0; start <= text.length; start += 1)
    for (let end = start; end <= text.length; end += 1) {
      const {
        before,
        text: marked,
        after,
      } = whole({
        before: text.slice(0, start),
        text: text.slice(start, end),
        after: text.slice(end),
      });
      expect(before + marked + after).toBe(text);
      expect(before.length).toBeLessThanOrEqual(start);
      expect(before.length + marked.length).toBeGreaterThanOrEqual(end);
    }
});

test("what the server cut begins with a word, and says that there is more", () => {
  const far = "x".repeat(60);
  const cut = (before: string, after = "") => shown(snippet({ before, text: "hit", after }));
  expect(cut("short ", " end")).toBe("short [hit] end");
  expect(cut(`ld and so on, ${"long ".repeat(12)}`)).toBe(`…and so on, ${"long ".repeat(12)}[hit]`);
  expect(cut(far, far)).toBe(`…${far}[hit]${far}…`);
  expect(cut(`\u0301${far}`)).toBe(`…${far}[hit]`);
  expect(cut("百".repeat(60), `${far}👩\u200d`)).toBe(`…${"百".repeat(60)}[hit]${far}👩…`);
});
