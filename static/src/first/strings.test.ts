/** Every word that is seen or said stands in a table of words, a `strings.ts`: no other file of the page holds a sentence. */
import { readFileSync, readdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import ts from "typescript";
import { expect, test } from "vitest";
import { shell, strings } from "./strings.ts";

const SOURCES = readdirSync("src", { recursive: true, encoding: "utf8" })
  .filter((name) => /\.tsx?$/.test(name) && !/\.(test|served)\.ts$|\.d\.ts$|^generated/.test(name))
  .map((name) => join("src", name))
  // The API's readable page is in English, as what it shows is.
  .filter((name) => basename(name) !== "strings.ts" && !/^src\/(?:words\/\w\w\b|docs\/)/.test(name));

/** Attributes that are read or read out. */
const SAID = new Set(["aria-label", "aria-description", "alt", "label", "placeholder", "title"]);
/** How sentences and names of buttons begin: `Two words`, or the words of a template. */
const SENTENCE = /^\p{Lu}\p{Ll}*['’]?\p{Ll}* \p{L}/u;

/** The literals in `text` that a visitor would see. */
function words(name: string, text: string): string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    // What is thrown or logged is for who develops.
    if (ts.isThrowStatement(node) || (ts.isCallExpression(node) && node.expression.getText().startsWith("console.")))
      return;
    if (ts.isJsxText(node) && /\p{L}{2}/u.test(node.text)) found.push(node.text.trim());
    else if (ts.isStringLiteralLike(node) || ts.isTemplateHead(node)) {
      const isSaid = ts.isJsxAttribute(node.parent) && SAID.has(node.parent.name.getText());
      if (isSaid || SENTENCE.test(node.text)) found.push(node.text);
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true));
  return found;
}

test("a word outside the table is found", () => {
  expect(words("a.tsx", `const a = <p aria-label="Close">Some text</p>;`)).toEqual(["Close", "Some text"]);
  expect(words("a.ts", `const list = [["Enter", "Send the message"]]; throw new Error("For the log");`)).toEqual([
    "Send the message",
  ]);
});

test("neither has index.html, nor the manifest any that the table has not, nor the markdown crate", () => {
  const html = readFileSync("index.html", "utf8").replace(/<!--.*?-->|<script.*?<\/script>/gs, "");
  const shown = [...html.matchAll(/(?:>|content=|label=|placeholder=)"?([^<>"]*)/g)].map(([, text = ""]) =>
    text.trim(),
  );
  expect(shown.filter((text) => /^(?!width=|light dark|\/icon)[^%#]*\p{L}{2}/u.test(text))).toEqual([]);
  const manifest = JSON.parse(readFileSync("public/manifest.webmanifest", "utf8")) as Record<string, string>;
  const { product, description } = { ...strings, ...shell };
  expect([manifest.name, manifest.short_name, manifest.description]).toEqual([product, product, description]);
  const sources = readdirSync("markdown/src", { encoding: "utf8", recursive: true }).filter((name) =>
    name.endsWith(".rs"),
  );
  const said = sources.filter((name) => /aria-label|title=/.test(readFileSync(join("markdown/src", name), "utf8")));
  expect(said.filter((name) => !/^tests(\/|\.rs$)/.test(name))).toEqual([]);
});

test.each(readdirSync("src", { recursive: true, encoding: "utf8" }).filter((name) => basename(name) === "strings.ts"))(
  "the words of %s are told under their folder's name",
  (name) => {
    const room = dirname(name).replace(/^later\//, "");
    expect(readFileSync(join("src", name), "utf8")).toMatch(new RegExp(`= told\\("${room}", \\{`));
  },
);

test.each(SOURCES)("%s has none", (name) => {
  expect(words(name, readFileSync(name, "utf8"))).toEqual([]);
});
