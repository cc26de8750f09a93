/** The page and the server make the same title of a first message. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { titleFrom } from "./title.ts";

const CASES = readFileSync("../shared/domain/src/title/cases.tsv", "utf8").trimEnd().split("\n");

test.each(CASES.map((line) => [line]))("the title of %j", (line) => {
  const [message = "", title] = line.split("\t");
  expect(titleFrom(message.replaceAll("\\n", "\n").replaceAll("\\t", "\t"))).toBe(title);
});

test("no picture is cut in half", () => {
  for (const picture of ["👨\u200D👩\u200D👧\u200D👦", "🇩🇪", "😀"]) {
    const title = titleFrom(picture.repeat(80));
    expect(title.replaceAll(picture, "")).toBe("…");
    expect(Array.from(title).length).toBeLessThanOrEqual(60);
  }
});
