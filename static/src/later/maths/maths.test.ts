/** Promises of rendered formulas: MathML with its source, harmless, and what cannot be read stays as it was. */
import { afterEach, describe, expect, test } from "vitest";
import "../markdown/loaded.ts";
import { loadPurify, sanitizeMaths, sanitizeStyles } from "./sanitizeMaths.ts";
import { MarkdownView, decorated } from "../markdown/view.ts";

await loadPurify();
afterEach(() => {
  document.body.replaceChildren();
});

async function rendered(text: string, isFinished = true): Promise<HTMLElement> {
  const root = document.createElement("div");
  document.body.append(root);
  const view = new MarkdownView(root, "m");
  view.update(text, isFinished);
  await decorated();
  view.dispose();
  return root;
}

describe("a formula", () => {
  test.each([
    ["$e^{i\\pi} = -1$", "e^{i\\pi} = -1", null],
    ["\\(\\frac12\\)", "\\frac12", null],
    ["$$\nx\n- y\n$$", "\nx\n- y\n", "block"],
    ["\\[ x \\]", " x ", "block"],
    ["\\begin{align}\na &= b\n\\end{align}", "\\begin{align}\na &= b\n\\end{align}", "block"],
    ["so \\begin{pmatrix}a\\end{pmatrix} is", "\\begin{pmatrix}a\\end{pmatrix}", null],
  ])("becomes MathML that carries its source: %s", async (text, tex, display) => {
    const math = (await rendered(text)).querySelector(".math > math");
    expect(math?.namespaceURI).toBe("http://www.w3.org/1998/Math/MathML");
    expect(math?.querySelector("annotation")?.textContent.trim()).toBe(tex.trim());
    expect(math?.getAttribute("display")).toBe(display);
  });

  test("is set as soon as it is whole, and stays where it is while more is written", async () => {
    const root = document.createElement("div");
    document.body.append(root);
    const view = new MarkdownView(root, "m");
    view.update("so $x$", false);
    await decorated();
    const formula = root.querySelector("math");
    expect(formula).not.toBeNull();
    view.update("so $x$ is $y$, and", false);
    expect(root.querySelectorAll("math")).toHaveLength(2);
    expect(root.querySelector("math")).toBe(formula);
    view.update("so $x$ is $y$, and that is that.", true);
    expect(root.querySelector("math")).toBe(formula);
    view.dispose();
  });

  test.each([
    "$\\frac{1$",
    "$\\nonsense$",
    `$${"{".repeat(2_000)}${"}".repeat(1_900)}$`,
    "$$$$",
    `$${"x".repeat(5_000)}$`,
  ])("that is none stays as it was written, %#", async (text) => {
    const root = await rendered(text);
    expect(root.querySelector("math")).toBeNull();
    expect(root.textContent).toBe(text);
  });

  test("defines nothing for the next one", async () => {
    const root = await rendered("$\\gdef\\mine{x}\\mine$ and $\\mine$");
    expect([...root.querySelectorAll(".math")].map((each) => each.childElementCount).sort()).toEqual([0, 1]);
  });
});

test("the styles of a formula are those of a short list, and small", () => {
  expect(sanitizeStyles("padding-left:0em;padding-right:5.9776pt;")).toEqual([
    ["padding-left", "0em"],
    ["padding-right", "5.9776pt"],
  ]);
  expect(sanitizeStyles("border:1px solid;width:100%")).toHaveLength(2);
  expect(sanitizeStyles("width:9999em;position:fixed;padding:0 0 900em 0;color:red;height:calc(1px)")).toEqual([]);
  expect(sanitizeStyles("border:url(https://canary.example);background:url(x);--x:1;padding:var(--x)")).toEqual([]);
});

describe("a formula that means harm", () => {
  test.each([
    "\\href{https://canary.example}{x}",
    "\\includegraphics{https://canary.example/x.png}",
    "\\style{background:url(https://canary.example)}{x}",
    "\\htmlId{canary}{x}",
    "\\text{<img src=https://canary.example/x.png onerror=alert(1)>}",
    '\\text{ style="background:url(https://canary.example)"}',
    "\\color{url(https://canary.example)}x",
  ])("does none: %s", async (tex) => {
    const root = await rendered(`$${tex}$`);
    expect(root.querySelector("img, a, script, [href], [src], [id], [onerror]")).toBeNull();
    for (const element of root.querySelectorAll("[style]"))
      expect(element.getAttribute("style")).not.toMatch(/url|canary/);
  });

  test.each([
    '<math><mi style="background:url(//canary.example)">x</mi></math>',
    '<math><mi style="width:9999em;position:fixed;padding:0 0 900em 0">x</mi></math>',
    '<math href="https://canary.example"><mi onclick="canary()" xlink:href="canary:">x</mi></math>',
    '<math><annotation-xml encoding="text/html"><img src="canary"></annotation-xml><mi>x</mi></math>',
    '<math><mtext><a href="https://canary.example">x</a><style>canary</style><svg><script>canary</script></svg></mtext></math>',
    '<math><mi mathbackground="#canary" id="canary">x</mi></math>',
  ])("would not get through: %s", (markup) => {
    const math = sanitizeMaths(markup);
    expect(math?.outerHTML).not.toMatch(/canary|9999|900|fixed|<a|script|svg|img/);
    expect(math?.textContent).toBe("x");
  });

  test("must be one formula", () => {
    expect(sanitizeMaths("<p>x</p>")).toBeNull();
    expect(sanitizeMaths("<math></math><math></math>")).toBeNull();
  });
});
