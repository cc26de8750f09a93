/** What a draft with attachments holds, and what of it is sent. */
import { expect, test } from "vitest";
import { asKept } from "../../state/conversation/draft.ts";
import { type Parts, attachment, distinct, draftOf, fenced, lengthOf, misfits, partsOf } from "./attachment.ts";

const sent = (parts: Parts) => asKept(draftOf(parts));

test.each([
  ["no fence", "one\ntwo", "```"],
  ["a fence", "```js\nlet a;\n```", "````"],
  ["the longest of several", "`\n`````\n```", "``````"],
  ["a run within a line", "a ```` b", "`````"],
])("a block of %s is closed by nothing in it", (_, text, fence) => {
  const block = fenced(attachment("a.md", text));
  expect(block).toBe(`${fence}md title="a.md"\n${text}\n${fence}`);
  const draft = draftOf({ words: "Look", attachments: [attachment("a.md", text)] });
  expect(partsOf(draft, false)).toEqual({ words: "Look", attachments: [attachment("a.md", text)] });
});

test.each([
  ["main.rs", "rs"],
  ["UPPER.PY", "py"],
  ["archive.tar.gz2", "gz2"],
  ["notes.txt", "text"],
  ["Pasted text", "text"],
  [".gitignore", "gitignore"],
  ["a.not a language", "text"],
])("%s is in %s", (name, language) => {
  expect(attachment(name, "x").language).toBe(language);
});

test("a name stays on the line of the fence, and in its quotes", () => {
  expect(attachment('a\n```\n"b"\u0007.txt', "x").name).toBe("a ''' 'b' .txt");
});

test("what the server would not keep is not counted, and two line breaks are one", () => {
  expect(attachment("a", "a\r\nb\x1b[0m\n").text).toBe("a\nb[0m");
});

test("words come first; without any a name begins the message", () => {
  const attachments = [attachment("a.js", "1"), attachment("b.js", "2")];
  expect(sent({ words: "Why?", attachments })).toBe('Why?\n\n```js title="a.js"\n1\n```\n\n```js title="b.js"\n2\n```');
  expect(sent({ words: "", attachments })).toBe('a.js\n\n```js title="a.js"\n1\n```\n\n```js title="b.js"\n2\n```');
  expect(partsOf(draftOf({ words: "", attachments }), false)).toEqual({ words: "", attachments });
});

test("what was given back without its marks is attached again, and the message is the same", () => {
  for (const words of ["", "Why?", "Two\n\nlines ", "Look:\n", "\n", "Look:\n\n", "a.md "]) {
    const parts = { words, attachments: [attachment("a.md", "```\nx\n```"), attachment("b.txt", "y\n\n\nz")] };
    expect(partsOf(sent(parts), true)).toEqual(parts);
    expect(sent(partsOf(sent(parts), true))).toBe(sent(parts));
    // While it is typed it stays where it is.
    expect(partsOf(sent(parts), false)).toEqual({ words: sent(parts), attachments: [] });
  }
});

test.each([
  ["between words", 'See\n\n```js title="a"\n1\n```\n\nand?'],
  ["at the beginning", '```js title="a"\n1\n```'],
  ["behind a blank line", '\n\n```js title="a"\n1\n```'],
  ["on the line after a word", 'See\n```js title="a"\n1\n```'],
  ["before a line break", 'See\n\n```js title="a"\n1\n```\n'],
  ["whose fence is longer than it must be", 'See\n\n````js title="a"\n1\n````'],
])("a block that the visitor has written stays where it is: %s", (_, words) => {
  expect(partsOf(words, true)).toEqual({ words, attachments: [] });
  // What is attached stands behind it, also after a reload.
  const parts = { words, attachments: [attachment("b.txt", "2")] };
  expect(partsOf(draftOf(parts), true)).toEqual(parts);
  expect(partsOf(sent(parts), true)).toEqual(parts);
});

test("whatever is given back is sent again as it was", () => {
  const block = '```js title="a"\n1\n```';
  for (const content of [
    `See\n\n${block}`,
    `${block}\n\n${block}`,
    `a\n\n${block}`,
    `a \n\n${block}`,
    `\n\n\n${block}`,
  ])
    expect(sent(partsOf(content, true))).toBe(content);
});

test("what comes behind or between the blocks belongs to the words", () => {
  const [a, b] = [attachment("a.txt", "1"), attachment("b.txt", "2")];
  const draft = `${draftOf({ words: "Before", attachments: [a] })}\n\ntyped early${draftOf({ words: "", attachments: [b] })}`;
  expect(partsOf(draft, false)).toEqual({ words: "Before\n\ntyped early\n\nb.txt", attachments: [a, b] });
  // A mark without a block hides nothing.
  expect(partsOf("Before\x1eafter", false)).toEqual({ words: "Before\n\nafter", attachments: [] });
});

test.each(["", " ", "a ", "\n", "a\n\n\nb", '```js title="a"\nnot closed'])(
  "words alone stay as they are: %j",
  (words) => {
    expect(partsOf(words, false)).toEqual({ words, attachments: [] });
    expect(partsOf(words, true)).toEqual({ words, attachments: [] });
  },
);

test("those that find no room are named, not those after them", () => {
  const attachments = [
    attachment("a", "x".repeat(50)),
    attachment("b", "x".repeat(500)),
    attachment("c", "😀".repeat(9)),
  ];
  const limit = lengthOf({ words: "w", attachments: attachments.filter(({ name }) => name !== "b") });
  const names = (most: number) => misfits({ words: "w", attachments }, most).map(({ name }) => name);
  expect(names(10_000)).toEqual([]);
  expect(names(limit)).toEqual(["b"]);
  expect(names(limit - 1)).toEqual(["b", "c"]);
  expect(names(1)).toEqual(["a", "b", "c"]);
});

test("a second file of a name has a number, before its ending", () => {
  const taken = new Set(["a.txt", "a (2).txt", "Makefile", ".env"]);
  expect(["a.txt", "b.txt", "Makefile", ".env"].map((name) => distinct(name, taken))).toEqual([
    "a (3).txt",
    "b.txt",
    "Makefile (2)",
    ".env (2)",
  ]);
});
