/** Promises about words that come in by voice: they stand where the cursor was, and an edit meanwhile is kept. */
import { expect, test } from "vitest";
import { Inserting } from "./inserting.ts";

test.each([
  ["into an empty field", "", 0, 0, ["hello world"], "hello world"],
  ["at the end", "Say:", 4, 4, [" hello"], "Say: hello"],
  ["after a space", "Say: ", 5, 5, [" hello "], "Say: hello"],
  ["in the middle", "one three", 3, 3, ["two"], "one two three"],
  ["before a full stop", "one.", 3, 3, ["two"], "one two."],
  ["in place of what is selected", "one two three", 4, 7, ["2"], "one 2 three"],
  ["between Japanese letters", "これは本", 3, 3, ["良い"], "これは良い本"],
  ["several", "", 0, 0, ["one", " two", " three"], "one two three"],
  ["nothing", "one", 3, 3, [""], "one"],
])("%s", (_, text, start, end, results, expected) => {
  const inserting = new Inserting(text, start, end);
  expect(inserting.next(text, start, results)).toBe(expected);
});

test("what is understood better later takes the place of what was there", () => {
  const inserting = new Inserting("a z", 1);
  let text = "a z";
  for (const [results, expected] of [
    [["high"], "a high z"],
    [["hide"], "a hide z"],
    [["hi there"], "a hi there z"],
    [["hi there", " you"], "a hi there you z"],
  ] as const) {
    text = inserting.next(text, inserting.caret, results);
    expect(text).toBe(expected);
  }
  expect(text.slice(inserting.caret)).toBe(" z");
});

test("who edits meanwhile keeps the edit, and what is said goes on at the cursor", () => {
  const inserting = new Inserting("", 0);
  expect(inserting.next("", 0, ["good morning"])).toBe("good morning");
  const edited = "Good morning, ";
  expect(inserting.next(edited, edited.length, ["good morning", "world"])).toBe("Good morning, world");
  expect(inserting.next("Good morning, world", 19, ["good morning", "world", " again"])).toBe(
    "Good morning, world again",
  );
});
