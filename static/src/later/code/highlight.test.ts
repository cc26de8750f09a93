/** Promises of coloured code: the same text, the same spans whatever came before, and colours one can read. */
import { readFileSync } from "node:fs";
import { afterEach, describe, expect, test } from "vitest";
import "../markdown/loaded.ts";
import { GRAMMARS } from "./grammars.ts";
import { highlight } from "./highlight.ts";
import { type Language, languageOf } from "./languages.ts";
import { MarkdownView, decorated } from "../markdown/view.ts";

const LANGUAGES = Object.keys(GRAMMARS) as Language[];
const SAMPLE = 'if (x) { return "<b>é🦀</b>" } // note\n# other\n<a href="y">{% z %}</a>\n- [1] = 2.5\n';

afterEach(() => {
  document.body.replaceChildren();
});

async function coloured(text: string, language: Language): Promise<Element> {
  const code = document.createElement("code");
  code.append(text);
  document.body.append(code);
  await highlight(code, language);
  return code;
}

describe("coloured code", () => {
  test.each(LANGUAGES)("keeps its text: %s", async (language) => {
    expect((await coloured(SAMPLE, language)).textContent).toBe(SAMPLE);
  });

  test("is wrapped in spans of known classes", async () => {
    const code = await coloured("let x = 1;", "javascript");
    expect(code.innerHTML).toBe('<span class="hljs-keyword">let</span> x = <span class="hljs-number">1</span>;');
  });

  test("is read in parts if it is long, and is the same as in one", async () => {
    const one = `fn name() -> u32 {\n    let text = "a\n\n    b";\n    7\n}\n\n`;
    // Three parts.
    const times = 160;
    const code = await coloured(one.repeat(times), "rust");
    expect(code.textContent).toBe(one.repeat(times));
    expect(code.innerHTML).toBe((await coloured(one, "rust")).innerHTML.repeat(times));
  });

  test("stays as it is if it is very long", async () => {
    const code = await coloured("let x = 1;\n".repeat(5_000), "javascript");
    expect(code.childElementCount).toBe(0);
  });

  test("keeps the text from a line on that has no end", async () => {
    const text = `let x = 1;\nlet y = "${"🦀".repeat(9_000)}";`;
    const code = await coloured(text, "javascript");
    expect(code.textContent).toBe(text);
    expect(code.querySelector(".hljs-keyword")).not.toBeNull();
  });

  test("does not depend on which languages were read before", async () => {
    const text = "# Title\n\n<script>let x = 1;</script>\n";
    const before = (await coloured(text, "markdown")).innerHTML;
    for (const language of LANGUAGES) await coloured(SAMPLE, language);
    expect((await coloured(text, "markdown")).innerHTML).toBe(before);
  });
});

describe("the name on a fence", () => {
  test.each([
    ["rs", "rust"],
    ["c++", "cpp"],
    ["shell", "bash"],
    ["console", "shell"],
    ["toml", "ini"],
    ["html", "xml"],
    ["python", "python"],
  ])("%s is %s", (name, language) => {
    expect(languageOf(name)).toBe(language);
  });

  test("may be unknown", () => {
    for (const name of ["", undefined, "text", "constructor", "mermaid"]) expect(languageOf(name)).toBeUndefined();
  });
});

test("only code that nothing is added to any more is coloured", async () => {
  const root = document.createElement("div");
  document.body.append(root);
  const view = new MarkdownView(root, "m");
  view.update("```js\nlet x = 1;\n```\n\n```js\nlet y", false);
  await decorated();
  const [first, second] = root.querySelectorAll("code");
  expect(first?.querySelector(".hljs-keyword")).not.toBeNull();
  expect(second?.childElementCount).toBe(0);
  view.dispose();
});

describe("the colours", () => {
  const tokens = readFileSync("src/first/styles/tokens.css", "utf8");
  const colours = readFileSync("src/later/code/highlight.css", "utf8");
  const pairs = (css: string, name: string) =>
    [...css.matchAll(new RegExp(`--(${name}): light-dark\\((#\\w{6}), (#\\w{6})\\)`, "g"))].map(
      ([, property = "", light = "", dark = ""]) => ({ property, light, dark }),
    );
  const [ground] = pairs(tokens, "ground-code");

  test.each(pairs(colours, "code-\\w+"))("can be read: $property", ({ light, dark }) => {
    expect(contrast(light, ground?.light ?? "")).toBeGreaterThanOrEqual(4.5);
    expect(contrast(dark, ground?.dark ?? "")).toBeGreaterThanOrEqual(4.5);
  });

  test("are all found by the test above", () => {
    expect(pairs(colours, "code-\\w+")).toHaveLength(colours.match(/^ {2}--/gm)?.length ?? 0);
  });
});

/** As WCAG 2.2 defines it. */
function contrast(one: string, other: string): number {
  const [dim = 0, bright = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (bright + 0.05) / (dim + 0.05);
}

function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
