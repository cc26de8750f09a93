/** Promises about a chat as Markdown: each message is there as it was written, and none of them can pass for another, whatever it holds. */
import { expect, test } from "vitest";
import "../markdown/loaded.ts";
import { Document as Parser } from "../../generated/markdown.js";
import { markdownOf } from "./markdown.ts";
import { endOf } from "./openBlocks.ts";
import { chatWith } from "./written.ts";

const NOW = new Date("2026-11-28T10:00:00Z");

/** The messages of such a text, read as docs/export.md says. */
function messagesOf(text: string): string[] {
  const lines = text.split("\n");
  const found: string[] = [];
  let at = lines.indexOf("---", 1) + 1;
  while (at < lines.length) {
    const [, count, fenced] = /^<!-- message .*, lines (\d+)(, fenced)? -->$/.exec(lines[at] ?? "") ?? [];
    if (!count) {
      at += 1;
      continue;
    }
    const from = at + (fenced ? 5 : 4);
    found.push(lines.slice(from, from + Number(count)).join("\n"));
    at = from + Number(count);
  }
  return found;
}

/** The headings that stand in no other block of it, as it is rendered. */
function headingsOf(text: string): string[] {
  const parser = new Parser("m");
  // The page folds away what comes before `</think>`, which is no rule of Markdown.
  const plain = text.replace(/^---\n.*?\n---\n/s, "").replaceAll("think>", "other>");
  const html = [...parser.push(plain), ...parser.finish()];
  parser.free();
  return html.flatMap((block) => {
    const root = document.createElement("div");
    root.innerHTML = block;
    const first = root.firstElementChild;
    return first && /^H\d$/.test(first.nodeName) ? first.textContent : [];
  });
}

function check(contents: readonly string[]): void {
  const text = markdownOf(chatWith(contents), NOW);
  expect(messagesOf(text)).toEqual(contents);
  const roles = contents.map((_, at) => (at % 2 === 0 ? "You" : "Edgewise"));
  expect(
    headingsOf(text).filter((each) => /^(You|Edgewise)$/.test(each)),
    text,
  ).toEqual(roles);
}

test("front matter names the chat, its models, and that an AI has written", () => {
  const chat = chatWith(["Hi", "Hello"]);
  chat.session.title = 'On "---" and\u2028\u0085: #1';
  expect(markdownOf(chat, NOW)).toBe(
    `---
title: "On \\"---\\" and\\u2028\\u0085: #1"
date: 2026-11-28T09:00:00Z
exported: 2026-11-28T10:00:00.000Z
models: ["Model-8B"]
ai-generated: true
---

<!-- message 1, user, complete, 2026-11-28T09:00:00Z, lines 1 -->

# You

Hi

<!-- message 2, assistant, complete, 2026-11-28T09:00:01Z, lines 1 -->

# Edgewise

Hello
`,
  );
});

test("an answer that has not ended well says so, and one that runs, that the file is not whole", () => {
  expect(markdownOf(chatWith(["Hi"], { role: "assistant", status: "stopped" }), NOW)).toContain("# Edgewise (stopped)");
  const running = markdownOf(chatWith(["Hi"], { role: "assistant", status: "streaming" }), NOW);
  expect(running).toContain("\ncomplete: false\n---");
  expect(running).toContain("# Edgewise (still being written)");
});

test.each([
  ["headings", "# One\n\n## Two\n\nThree\n=====\n"],
  ["a heading of ours", "# You\n\nnot me"],
  ["a heading of ours, underlined", "Edgewise\n==="],
  ["front matter", "---\ntitle: mine\nai-generated: false\n---\n\ntext"],
  ["a line of ours", "<!-- message 9, user, complete, 2026-11-28T09:00:00Z, lines 1 -->\n\n# You\n\nhi"],
  ["a fence", "```js\nlet a;\n```\nend"],
  ["a fence that is open", "```js\nlet a = `# You`;\n# You?"],
  ["a long one that is open", "text\n~~~~~\n```\n~~~\ncode"],
  ["a fence in a list", "1. do\n   ```sh\n   ls\n   ```\n2. done"],
  ["one that is open there", "- do\n  ```\n  ls"],
  ["one that ends with its list, and another", "- do\n  ```\n  ls\nout\n```\ncode"],
  ["one in the line of its item", "- ```\n  ls\n\n```\nopen"],
  ["a fence in a quote", "> ```\n> ls\n\n```"],
  ["a comment", "text\n\n<!-- nothing"],
  ["a comment around a fence", "<!--\n```\n-->\n```\nopen"],
  ["a script", "<script>\nlet a;"],
  ["thoughts", "<think>\nHm.\n\n```\na\n```\n</think>\n\nSo."],
  ["a fence right after thoughts", "<think>\n```\n\n```\nopen"],
  ["tabs", "-\t```\n\t\tls\n```"],
  ["an indented fence", "    ```\n\ntext\n```\nopen"],
  ["ends of lines of another system", "```\r\ncode\r\n\r\nmore\rold"],
  ["nothing", ""],
  ["empty lines", "\n\n"],
])("a message with %s stays one message", (_, hostile) => {
  check([hostile, "after", hostile, hostile, "end"]);
});

test("usual answers are not put into a fence", () => {
  for (const text of [
    "# Title\n\n- a\n  - b\n\n```js\nlet a;\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |",
    "1. First:\n\n   ```sh\n   ls -l\n\n   cd ..\n   ```\n\n2. Then `x < y`",
    "<think>\nLet me see.\n</think>\n\nSee <https://example.com> and a <b>word</b>.",
    "> ```\n> quoted\n> ```\n\nYou are right.",
  ])
    expect(endOf(text)).toBe("closed");
});

test("no mixture of such lines gets out of its message", { timeout: 60_000 }, () => {
  const LINES = [
    ..."```|~~~|````|```js|~~~~ x| ```|  ```|   ```|    ```|     ~~~|- ```|  - ```|1. ```|1. a|- a|  - b|> ```|> a|".split(
      "|",
    ),
    ..."text|  text|    text|# You|You|===|---|<!-- x|-->|<pre>|</pre>|<think>|</think>|<div>|\t```|-\t~~~||".split(
      "|",
    ),
  ];
  let seed = 1;
  const next = (below: number) => ((seed = (seed * 48271) % 2147483647) >>> 8) % below;
  for (let round = 0; round < 1500; round++) {
    const hostile = Array.from({ length: 1 + next(9) }, () => LINES[next(LINES.length)] ?? "").join("\n");
    check([hostile, "after"]);
  }
});
