/** Promises of the rendered markdown: harmless, and the same DOM however the text was cut. */
import { afterAll, describe, expect, test } from "vitest";
import "./loaded.ts";
import { sanitize } from "./sanitize.ts";
import { MarkdownView, decorated } from "./view.ts";

const TEXT = `# Title

Early [link][later], note[^1] and 🦀.

- one
- [x] two
  - three

| a | b |
|--:|---|
| 1 | <b>x</b> |

\`\`\`rust
let x = "<hi>";
\`\`\`

[^1]: A note.

[later]: https://example.com/
`;

afterAll(decorated);

/** The markup after each of `texts` was shown, the last of them as finished. */
function built(texts: string[]): string {
  const root = document.createElement("div");
  const view = new MarkdownView(root, "m");
  texts.forEach((text, index) => view.update(text, index === texts.length - 1));
  view.dispose();
  return root.innerHTML;
}

describe("a streamed text", () => {
  // Some four hundred views, on a machine that may be busy.
  test("gives the same DOM wherever it is cut, also inside a surrogate pair", { timeout: 60_000 }, () => {
    const whole = built([TEXT]);
    for (let cut = 0; cut <= TEXT.length; cut += 1) expect(built([TEXT.slice(0, cut), TEXT])).toBe(whole);
    expect(built(Array.from(TEXT, (_, cut) => TEXT.slice(0, cut)).concat(TEXT))).toBe(whole);
  });

  test("keeps the nodes of closed blocks", () => {
    const root = document.createElement("div");
    const view = new MarkdownView(root, "m");
    view.update("First.\n\nSecond", false);
    const [first, second] = root.children;
    view.update("First.\n\nSecond grows.\n\nThird", false);
    expect([...root.children].slice(0, 2)).toEqual([first, second]);
    expect(root.children).toHaveLength(3);
    view.dispose();
  });

  test("keeps what the markdown crate wrote", () => {
    const markup = built(["[a](https://example.com) \n\n- [x] b\n\n3. c\n\n```js\nd\n```"]);
    expect(markup).toContain('rel="noopener noreferrer nofollow"');
    expect(markup).toContain('target="_blank"');
    expect(markup).toContain('aria-label="done"');
    expect(markup).toContain('start="3"');
    expect(markup).toContain('data-language="js"');
  });
});

describe("what is read aloud", () => {
  test("is in its own language where that is certain, and no stop for the keyboard by itself", () => {
    const markup = built(["Hello\n\nこれは重要な点です。\n\n```\ncode\n```\n\nمرحبا بالعالم"]);
    expect(markup).toContain('<p dir="auto" lang="ja">');
    expect(markup).toContain('<p dir="auto" lang="ar">');
    expect(markup.match(/lang=/g)).toHaveLength(2);
    expect(markup).not.toContain("tabindex");
  });
});

describe("columns", () => {
  const row = "| a | A sentence of some forty characters here |\n";
  const table = `| x | y |\n|---|---|\n${row}`;
  test.each([
    ["of one row", table],
    ["of two rows", table + row],
    ["of one row, and what follows", `${table}\nend`],
  ])("have their widths in a table %s", (_, text) => {
    for (const markup of [built([text]), built(Array.from(text, (_, at) => text.slice(0, at + 1)))]) {
      expect(markup).toMatch(/<th[^>]*class="narrow"[^>]*>x/);
      expect(markup).toMatch(/<th[^>]*class="wide"[^>]*>y/);
    }
  });
});

describe("thoughts", () => {
  test("stay unfolded while they grow", () => {
    const root = document.createElement("div");
    const view = new MarkdownView(root, "m");
    view.update("<think>\nOne", false);
    expect(root.querySelector("summary")?.textContent).toBe("Thoughts");
    root.querySelector("details")?.setAttribute("open", "");
    view.update("<think>\nOne more.", false);
    view.update("<think>\nOne more.\n</think>\n\nSo.", true);
    expect(root.querySelector("details")?.hasAttribute("open")).toBe(true);
    expect(root.children).toHaveLength(2);
    view.dispose();
  });
});

describe("markup that should never have come", () => {
  test.each([
    '<p><img src="https://canary.example/x.png">x</p>',
    '<p onclick="alert(1)" style="background:url(https://canary.example)">x</p>',
    '<p><a href="javascript:alert(1)">x</a></p>',
    '<p><a href="data:text/html,x">x</a></p>',
    "<p><svg><script>alert(1)</script></svg>x</p>",
    '<p><iframe src="https://canary.example"></iframe>x</p>',
  ])("is taken out: %s", (html) => {
    const markup = sanitize(html).outerHTML;
    expect(markup).not.toMatch(/canary|alert|javascript|data:|script|iframe|svg|img|style/);
  });
});
