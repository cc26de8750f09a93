/** Promises about names of files: every system takes them, and the title is known again in any script. */
import { expect, test } from "vitest";
import { fileName } from "./fileName.ts";

test.each([
  ["Why the tides turn", "Why the tides turn.md"],
  ["Ebbe & Flut: ein Überblick", "Ebbe & Flut ein Überblick.md"],
  ["潮の満ち引き", "潮の満ち引き.md"],
  ["المد والجزر", "المد والجزر.md"],
  ["می‌خواهم 👩‍👩‍👧", "می‌خواهم 👩‍👩‍👧.md"],
  ['a/b\\c:d*e?f"g<h>i|j', "a b c d e f g h i j.md"],
  ["../../etc/passwd", "etc passwd.md"],
  ["...hidden...", "hidden.md"],
  ["-rf ~", "rf ~.md"],
  ["line\nbreak\tand\u0000more\u2028", "line break and more.md"],
  ["\u202Egpj.exe", "gpj.exe.md"],
  ["half \ud800 a pair", "half a pair.md"],
  ["cafe\u0301", "café.md"],
  ["CON", "_CON.md"],
  ["com1.txt", "_com1.txt.md"],
  ["Console", "Console.md"],
  ["", "Chat.md"],
  ["???", "Chat.md"],
  [null, "Chat.md"],
])("%j", (title, name) => {
  expect(fileName(title, "Chat", "md")).toBe(name);
});

test("a long title is cut between what is seen as characters", () => {
  const bytes = (text: string) => new TextEncoder().encode(text).length;
  for (const one of ["a", "ü", "潮", "😀", "👨‍👩‍👧‍👦", "🇩🇪", "e\u0323\u0302"]) {
    const name = fileName(one.repeat(255), "Chat", "json");
    expect(bytes(name)).toBeLessThanOrEqual(143);
    expect(name.replaceAll(one.normalize("NFC"), "")).toBe(".json");
    expect(bytes(name)).toBeGreaterThan(90);
  }
});
