/** Other languages: known wherever a language is chosen, put into the tables that rooms hold, and whole in all that is put together. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { LANGUAGES as ofFaces } from "../../scripts/brand/read.ts";
import { LANGUAGES as ofSettings } from "../later/settings/language.ts";
import { told, translate } from "../text/words.ts";

const files = import.meta.glob<{ words?: object }>(["./*.ts", "!./*.test.ts", "!./parts.ts", "!./speak.ts"]);
const languages = [...new Set(Object.keys(files).map((name) => name.slice(2, 4)))].sort();

test("each language has four files, and is known to the first paint, the settings and the faces", () => {
  const all = ["en", ...languages].sort();
  expect(Object.keys(files)).toHaveLength(4 * languages.length);
  const theme = /const known = "(.*)";/.exec(readFileSync("public/theme.js", "utf8"))?.[1] ?? "";
  expect(theme.split(" ").sort()).toEqual(all);
  expect(Object.keys(ofSettings).sort()).toEqual(all);
  expect([...ofFaces].sort()).toEqual(all);
  const loaded = readFileSync("src/words/speak.ts", "utf8").matchAll(/import\("\.\/(\w+)\.ts"\)/g);
  expect([...loaded].map(([, name]) => name).sort()).toEqual(languages);
});

test("words come into the tables of rooms that are here and of those that come later, and what holds a part of one has them, too", () => {
  const early = told("early", { a: "A", list: ["B"], inner: { c: "C", d: () => "D" } });
  const { inner } = early;
  translate({ early: { a: "1", list: ["2", "3"], inner: { c: "4", d: () => "5" } }, late: { e: "6" } });
  expect([early.a, early.list, inner.c, inner.d()]).toEqual(["1", ["2", "3"], "4", "5"]);
  expect(told("late", { e: "E" }).e).toBe("6");
});

/** What a function of a table may be called with: a number, a text, or a list of names. */
const SAMPLES: unknown[][] = [
  ...[0, 1, 2, 3, 11, 100].map((count) => [count, "12"]),
  ["a", "b"],
  [["a"], "9"],
  [["a", "b", "c", "d"], "9"],
];

/** What it says; one that is about something else says nothing. */
function saidOf(say: (...of: unknown[]) => unknown): string[] {
  return SAMPLES.flatMap((sample) => {
    try {
      return [String(say(...sample))];
    } catch {
      return [];
    }
  });
}

test.each(Object.keys(files))("%s: nothing is missing in what is put together", async (name) => {
  const visit = (value: unknown, path: string): void => {
    if (typeof value === "string") {
      if (!path.endsWith("said/system")) expect(value, path).not.toBe("");
    } else if (typeof value === "function") {
      const texts = saidOf(value as () => unknown);
      expect(texts.length, path).toBeGreaterThan(0);
      for (const text of texts) expect(text, path).toMatch(/^(?!.*undefined).+$/s);
    } else for (const [key, inner] of Object.entries(value as object)) visit(inner, `${path}/${key}`);
  };
  visit((await files[name]?.())?.words, name);
});
