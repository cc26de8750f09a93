/** The promise of streaming: wherever the bytes of a text are cut, the DOM in the end is that of the whole, decorations included. */
import { readFileSync, readdirSync } from "node:fs";
import { afterEach, describe, expect, test } from "vitest";
import "./loaded.ts";
import { MarkdownView, decorated } from "./view.ts";

const FOLDER = "src/later/markdown/corpus";
const CORPUS = readdirSync(FOLDER).map((name) => ({ name, text: readFileSync(`${FOLDER}/${name}`, "utf8") }));
/** Thousands of views each. */
const PATIENCE_MS = 120_000;

afterEach(() => {
  document.body.replaceChildren();
});

function open(): { root: Element; view: MarkdownView } {
  const root = document.createElement("div");
  document.body.append(root);
  return { root, view: new MarkdownView(root, "m") };
}

async function whole(text: string): Promise<string> {
  const { root, view } = open();
  view.update(text, true);
  await decorated();
  view.dispose();
  root.remove();
  return root.innerHTML;
}

describe.each(CORPUS)("$name", ({ text }) => {
  const bytes = new TextEncoder().encode(text);

  test("cut in two at every byte", { timeout: PATIENCE_MS }, async () => {
    const expected = await whole(text);
    const views = Array.from({ length: bytes.length + 1 }, (_, cut) => {
      const head = new TextDecoder().decode(bytes.subarray(0, cut), { stream: true });
      const { root, view } = open();
      view.update(head, false);
      return { cut, root, view };
    });
    // What is decorated already must be able to change still.
    await decorated();
    for (const { view } of views) {
      view.update(text, true);
      view.dispose();
    }
    await decorated();
    for (const { cut, root } of views) expect(root.innerHTML, `cut at byte ${cut}`).toBe(expected);
  });

  test("byte by byte", { timeout: PATIENCE_MS }, async () => {
    const { root, view } = open();
    const decoder = new TextDecoder();
    let shown = "";
    for (const [index] of bytes.entries()) {
      shown += decoder.decode(bytes.subarray(index, index + 1), { stream: true });
      view.update(shown, false);
      if (index % 16 === 0) await decorated();
    }
    view.update(shown, true);
    await decorated();
    view.dispose();
    expect(root.innerHTML).toBe(await whole(text));
  });

  test("shows nothing that could act or be fetched", async () => {
    const { root, view } = open();
    view.update(text, true);
    await decorated();
    view.dispose();
    expect(root.querySelector("script, img, svg, iframe, style, link, object, [src], [srcset], [onclick]")).toBeNull();
    for (const link of root.querySelectorAll("[href]"))
      expect(link.getAttribute("href")).toMatch(/^(?:https?:\/\/|mailto:|#fn-)/);
  });
});

test("the corpus has code that is coloured and formulas that are set", async () => {
  const all = (await Promise.all(CORPUS.map(({ text }) => whole(text)))).join("");
  expect(all).toContain('class="hljs-keyword"');
  expect(all).toContain("<mfrac>");
});
